// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{
	Name:      "anthropic",
	Endpoints: []Endpoint{{Suffix: "/v1/messages"}},
	Clients: []Client{{
		Package: "llms/anthropic", Model: "client.Model", BaseURL: "client.baseURL", DefaultModel: "claude-3-5-sonnet-20240620",
	}},
	// The client makes a choice of each content block of the one message, and
	// repeats usage and stop reason in all of them.
	IsContentBlock: func(_, info map[string]any) bool {
		_, ok := info[anthropicInput]
		return ok
	},
	Shape: Shape{
		Info: map[string]Field{
			anthropicInput:             UncachedInput,
			"OutputTokens":             Output,
			"CacheReadInputTokens":     CacheRead,
			"CacheCreationInputTokens": CacheWrite,

			// As in the body, for clients that pass its usage on.
			"cache_read_input_tokens": CacheRead, "cache_creation_input_tokens": CacheWrite,
		},
		Paths: map[string]Field{
			"id":          ID,
			"model":       Model,
			"stop_reason": FinishReason,
			"error.type":  ErrorCode | Fallback,

			// The events message_start and message_delta.
			"type":              Event,
			"message.id":        ID,
			"message.model":     Model,
			"delta.stop_reason": FinishReason,
			"delta.text":        Delta, "delta.thinking": Delta, "delta.partial_json": Delta, "content_block.name": Delta,
			// message_start counts one token of output, whatever comes.
			"message.usage.input_tokens":                UncachedInput,
			"message.usage.cache_read_input_tokens":     CacheRead,
			"message.usage.cache_creation_input_tokens": CacheWrite,

			"message.usage.cache_creation.ephemeral_1h_input_tokens": CacheWrite1h,
		},
		UsageObjects: []string{"usage"},
		Usage: map[string]Field{
			"input_tokens":                UncachedInput,
			"output_tokens":               Output,
			"cache_read_input_tokens":     CacheRead,
			"cache_creation_input_tokens": CacheWrite,

			"cache_creation.ephemeral_1h_input_tokens": CacheWrite1h,
		},
		LastEvents: []string{"message_stop"},
		FinishReasons: map[string]string{
			"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "model_context_window_exceeded": "length",
			"tool_use": "tool_call", "refusal": "content_filter",
		},
		StatusMarkers: []string{"status code: "},
		Headers:       []string{"request-id", "anthropic-ratelimit-*", "cf-ray"},
	},
})

// anthropicInput is a key that no other client has.
const anthropicInput = "InputTokens"
