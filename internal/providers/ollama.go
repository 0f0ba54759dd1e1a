// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{
	Name:      "ollama",
	Endpoints: []Endpoint{{Suffix: "/api/chat", Streams: true}, {Suffix: "/api/generate", Streams: true}, {Suffix: "/api/embed", Embeds: true}},
	Clients: []Client{{
		Package: "llms/ollama", Model: "options.model", EmbeddingModel: "options.model", BaseURL: "client.base", Truncation: TruncationEmpty,
	}},
	Shape: Shape{
		Info: map[string]Field{
			"PromptTokens": Input, "CompletionTokens": Output, "TotalTokens": Total, "ThinkingTokens": Reasoning,
			"CachedTokens": Cached, // with WithContextCache
		},
		Paths: map[string]Field{
			"model":           Model,
			"done":            Done,
			"message.content": Delta, "message.thinking": Delta, "response": Delta,
			"message.tool_calls[].function.name": Delta,
			"done_reason":                        FinishReason,
			"prompt_eval_count":                  Input,
			"eval_count":                         Output,
		},
	},
})
