// SPDX-License-Identifier: Apache-2.0

// Package genai turns langchaingo's values into attributes and numbers of the
// GenAI conventions: targets, requests, usage, finish reasons, error types. It
// knows of no spans. Package providers declares what differs between providers.
package genai
