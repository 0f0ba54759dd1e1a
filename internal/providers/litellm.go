// SPDX-License-Identifier: Apache-2.0

package providers

// LiteLLMCost is the response header with the cost of a call in US dollars that
// LiteLLM's proxy computed.
const LiteLLMCost = "x-litellm-response-cost"
