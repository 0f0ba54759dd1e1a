// SPDX-License-Identifier: Apache-2.0

package providers

// LiteLLMCost is the response header with the cost of a call in US dollars that
// LiteLLM's proxy computed.
const LiteLLMCost = "x-litellm-response-cost"

var _ = register(Provider{
	Name: "litellm",
	Shape: Shape{
		Usage: map[string]Field{
			"prompt_tokens_details.cache_creation_tokens":       Written,
			"prompt_tokens_details.cache_creation_input_tokens": Written,
			"input_tokens_details.cache_creation_tokens":        Written,

			"prompt_tokens_details.cache_creation_token_details.ephemeral_1h_input_tokens": CacheWrite1h,
		},
	},
})
