// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// An error of any provider's shape says that a request failed, whatever the HTTP
// status: in a body, a list or a stream, before and after text, with and without an
// end mark.
func TestErrorsOfEveryShape(t *testing.T) {
	const text = `{"choices":[{"delta":{"content":"hi"}}],"response":"hi","done":false,"usage":null,"error":null,"errors":[]}`
	for _, tt := range []struct{ server, object, want string }{
		{"openai", `{"error":{"message":"m","type":"requests","param":null,"code":"rate_limit_exceeded"}}`, "rate_limit_exceeded"},
		{"openai, no code", `{"error":{"message":"m","type":"server_error","code":null}}`, "server_error"},
		{"openai responses", `{"type":"response.failed","response":{"id":"r","status":"failed","error":{"code":"server_error","message":"m"}}}`, "server_error"},
		{"openai responses, no reason", `{"type":"response.failed","response":{"id":"r","status":"failed","error":null}}`, "_OTHER"},
		{"openai responses, an event of its own", `{"type":"error","code":"rate_limit_exceeded","message":"m","param":null,"sequence_number":1}`, "rate_limit_exceeded"},
		{"the same, the type last", `{"code":"rate_limit_exceeded","message":"m","type":"error"}`, "rate_limit_exceeded"},
		{"the same, no code", `{"type":"error","code":null,"message":"m"}`, "_OTHER"},
		{"openrouter", `{"error":{"code":429,"message":"m","metadata":{"provider_name":"p"}}}`, "429"},
		{"openrouter, in a choice", `{"choices":[{"finish_reason":"error","error":{"code":502,"message":"m"}}]}`, "502"},
		{"openrouter, a choice and its stream", `{"id":"g","error":{"code":"server_error","message":"m"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}`, "server_error"},
		{"openrouter, a reason only", `{"choices":[{"delta":{},"finish_reason":"error"}]}`, "_OTHER"},
		{"vllm", `{"object":"error","message":"m","type":"BadRequestError","param":null,"code":400}`, "400"},
		{"mistral", `{"object":"error","message":"m","type":"rate_limited","code":"1300"}`, "1300"},
		{"anthropic", `{"type":"error","error":{"type":"overloaded_error","message":"m"},"request_id":"r"}`, "overloaded_error"},
		{"google", `{"error":{"code":503,"message":"m","status":"UNAVAILABLE","details":[]}}`, "503"},
		{"ollama", `{"error":"model requires more memory"}`, "_OTHER"},
		{"hugging face", `{"error":"m","error_type":"overloaded"}`, "overloaded"},
		{"cohere", `{"is_finished":true,"event_type":"stream-end","finish_reason":"ERROR"}`, "_OTHER"},
		{"cohere, version 2", `{"type":"message-end","delta":{"error":"m","finish_reason":"ERROR"}}`, "_OTHER"},
		{"cloudflare", `{"result":null,"success":false,"errors":[{"code":3040,"message":"Capacity temporarily exceeded"}],"messages":[]}`, "_OTHER"},
		{"watsonx", `{"errors":[{"code":"rate_limit_reached_requests","message":"m"}],"trace":"t","status_code":429}`, "rate_limit_reached_requests"},
		{"ernie", `{"error_code":18,"error_msg":"Open api qps request limit reached","id":"a"}`, "_OTHER"},
		{"bedrock", `{"__type":"ThrottlingException","message":"m"}`, "ThrottlingException"},
	} {
		for _, form := range []struct{ name, contentType, body string }{
			{"body", typeJSON, tt.object},
			{"list", typeJSON, "[" + tt.object + "]"},
			{"list, after text", typeJSON, "[" + text + ",\n" + tt.object + "]"},
			{"stream", typeEvents, "data: " + tt.object + "\n\n"},
			{"stream, after text", typeEvents, "data: " + text + "\n\ndata: " + tt.object + "\n\n"},
			{"stream, with an end mark", typeEvents, "data: " + tt.object + "\n\ndata: [DONE]\n\n"},
			{"stream, after text and with an end mark", typeEvents, "data: " + text + "\n\nevent: error\ndata: " + tt.object + "\n\ndata: [DONE]\n\n"},
			{"stream, cut off", typeEvents, "data: " + text + "\n\ndata: " + tt.object},
			{"stream, cut off before the event's end", typeEvents, "data: " + tt.object[:len(tt.object)-1] + `,"text":"a`},
			{"lines", typeLines, tt.object + "\n"},
			{"lines, after text", typeLines, text + "\n" + tt.object + "\n"},
		} {
			got := parse(form.contentType, "", [][]byte{[]byte(form.body)})
			assert.Equal(t, tt.want, got.Failure, "%s, %s", tt.server, form.name)
			assert.Equal(t, tt.want, parse(form.contentType, "", bytewise([]byte(form.body))).Failure, "%s, %s, byte by byte", tt.server, form.name)
		}
	}
}

// What only looks like an error is none.
func TestNoError(t *testing.T) {
	for _, body := range []string{
		`{"id":"x","error":null}`,
		`{"id":"x","error":{"code":null,"message":""}}`,
		`{"success":true,"errors":[],"result":{"response":"x"}}`,
		`{"object":"chat.completion","code":"error","choices":[{"finish_reason":"stop","message":{"content":"error"}}]}`,
		`{"type":"message","code":429,"content":[{"type":"error","text":"error"}]}`,
		`{"type":"response.completed","response":{"error":null,"status":"completed"}}`,
		`{"id":"x","choices":[{"finish_reason":"length","message":{"tool_calls":[{"function":{"arguments":"{\"error\":\"x\"}"}}]}}]}`,
	} {
		assert.Empty(t, parse(typeJSON, "", [][]byte{[]byte(body)}).Failure, body)
		assert.Empty(t, parse(typeEvents, "", [][]byte{[]byte("data: " + body + "\n\ndata: [DONE]\n\n")}).Failure, body)
	}
}
