// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{
	Name: "cohere",
	Endpoints: []Endpoint{
		{Suffix: "/v2/chat"}, {Suffix: "/v1/chat"}, {Suffix: "/v2/embed", Embeds: true}, {Suffix: "/v1/embed", Embeds: true},
	},
	Clients: []Client{{Package: "llms/cohere", Model: "client.model", BaseURL: "client.baseURL", ModelOption: ModelOptionIgnored}},
	Shape: Shape{
		Paths: map[string]Field{
			// Generate.
			"id":                          ID,
			"generations[].finish_reason": FinishReason,
			"generations[].index":         ChoiceIndex,

			// Chat, version 1, with the event stream-end.
			"generation_id":          ID,
			"response_id":            ID | Fallback,
			"finish_reason":          FinishReason,
			"event_type":             Event,
			"is_finished":            Done,
			"response.generation_id": ID,
			"response.finish_reason": FinishReason,

			// Chat, version 2, with the event message-end.
			"type":                Event,
			"delta.finish_reason": FinishReason,

			"delta.message.content.text": Delta, "delta.message.tool_calls.function.name": Delta, "text": Delta,
		},
		UsageObjects: []string{"usage", "delta.usage", "meta", "response.meta"},
		Usage: map[string]Field{
			"billed_units.input_tokens":  Input, // the convention wants what is billed
			"billed_units.output_tokens": Output,
			"tokens.input_tokens":        Input | Fallback,
			"tokens.output_tokens":       Output | Fallback,
			"cached_tokens":              Cached,
		},
		LastEvents: []string{"message-end", "stream-end"},
		FinishReasons: map[string]string{
			"complete": "stop", "stop_sequence": "stop", "max_tokens": "length", "error_limit": "length",
			"tool_call": "tool_call", "error_toxic": "content_filter", "error": "error",
		},
		Headers: []string{"x-debug-trace-id", "x-trial-endpoint-call-*"},
	},
})
