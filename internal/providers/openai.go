// SPDX-License-Identifier: Apache-2.0

package providers

const openAI = "openai"

// OpenAIDone is the data of the event that ends a stream.
const OpenAIDone = "[DONE]"

var _ = register(Provider{
	Name:      openAI,
	Endpoints: []Endpoint{{Suffix: "/chat/completions"}, {Suffix: "/responses"}, {Suffix: "/embeddings", Embeds: true}},
	Clients: []Client{{
		Package: "llms/openai", Model: "client.Model", EmbeddingModel: "client.EmbeddingModel", BaseURL: "client.baseURL",
		DefaultModel: "gpt-3.5-turbo", DefaultEmbeddingModel: "text-embedding-ada-002",
		APIType: "client.apiType", Truncation: TruncationNoReasonNoUsage,
	}},
	Shape: Shape{
		Info: map[string]Field{
			"PromptTokens":              Input,
			"CompletionTokens":          Output,
			"TotalTokens":               Total,
			"PromptCachedTokens":        Cached,
			"ReasoningTokens":           Reasoning,
			"ThinkingTokens":            Reasoning,
			"CompletionReasoningTokens": Reasoning,

			// As in the body, for clients that pass its usage on.
			"CacheWriteTokens": Written, "cache_write_tokens": Written,
			"model": Model, "id": ID,
			"prompt_tokens": Input, "completion_tokens": Output, "total_tokens": Total,
		},
		Paths: map[string]Field{
			"id":                      ID,
			"model":                   Model,
			"choices[].finish_reason": FinishReason,
			"choices[].index":         ChoiceIndex,
			"choices[].delta.content": Delta, "choices[].delta.reasoning_content": Delta, "choices[].delta.reasoning": Delta,
			"choices[].delta.tool_calls[].function.name": Delta, "choices[].delta.tool_calls[].function.arguments": Delta,
			"data[].embedding": Embedding,
			"error.code":       ErrorCode,
			"error.type":       ErrorCode | Fallback,
			"error.message":    ErrorText,
			"error":            ErrorText, // without an object around it

			// The Responses API: a document, and its streams' events.
			"incomplete_details.reason":          FinishReason,
			"type":                               Event,
			"delta":                              Delta,
			"response.id":                        ID,
			"response.model":                     Model,
			"response.incomplete_details.reason": FinishReason,
			"response.error.code":                ErrorCode,
			"response.error.message":             ErrorText,

			// An event of its own, and what vLLM and Mistral answer.
			"object": Event,
			"code":   EventCode,
		},
		UsageObjects: []string{"usage", "response.usage"},
		Usage: map[string]Field{
			"prompt_tokens":                              Input,
			"completion_tokens":                          Output,
			"total_tokens":                               Total,
			"prompt_tokens_details.cached_tokens":        Cached,
			"prompt_tokens_details.cache_write_tokens":   Written, // OpenRouter, too
			"completion_tokens_details.reasoning_tokens": Reasoning,

			// The Responses API. Its input includes the cache, but Anthropic spells the
			// uncached input the same, and has no cached_tokens.
			"input_tokens":                            UncachedInput,
			"output_tokens":                           Output,
			"input_tokens_details.cached_tokens":      Cached,
			"input_tokens_details.cache_write_tokens": Written,
			"output_tokens_details.reasoning_tokens":  Reasoning,
		},
		LastEvents:  []string{"response.completed", "response.incomplete", "response.failed"},
		ErrorEvents: []string{"error", "response.failed"},
		FinishReasons: map[string]string{
			"stop": "stop", "length": "length", "content_filter": "content_filter",
			"tool_calls": "tool_call", "function_call": "tool_call", "max_output_tokens": "length",
		},
		// The client puts these in the place of every error of the HTTP client.
		ErrorTexts: map[string]string{
			"request cancelled":                                   "canceled",
			"request timeout: API call exceeded deadline":         "timeout",
			"request timeout: network operation exceeded timeout": "timeout",
			"network error: failed to reach API server":           "network",
		},
		StatusMarkers: []string{"status code: "},
		Headers:       []string{"retry-after-ms"},
	},
})
