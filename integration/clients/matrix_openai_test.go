// SPDX-License-Identifier: Apache-2.0

package clients_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/openai"
)

// openaiClient makes the client with more options after the usual ones.
func openaiClient(more ...openai.Option) func(*testing.T, string, *http.Client) llms.Model {
	return func(t *testing.T, url string, hc *http.Client) llms.Model {
		m, err := openai.New(append([]openai.Option{
			openai.WithToken(matrixKey), openai.WithBaseURL(url), openai.WithHTTPClient(hc), openai.WithModel("gpt-4o-mini"),
		}, more...)...)
		require.NoError(t, err)
		return m
	}
}

// weather is a tool with one parameter.
var weather = llms.WithTools([]llms.Tool{{Type: "function", Function: &llms.FunctionDefinition{
	Name: "getWeather", Description: "the weather of a place", Parameters: map[string]any{
		"type": "object", "properties": map[string]any{"location": map[string]any{"type": "string"}},
	},
}}})

// openaiAnswer is the shape of a chat completion with one choice.
func openaiAnswer(message, finish, usage string) reply {
	return answer(`{"id":"chatcmpl-1","object":"chat.completion","created":1755690953,"model":"gpt-4o-mini-2024-07-18","choices":[
	{"index":0,"message":{"role":"assistant",` + message + `,"refusal":null},"logprobs":null,"finish_reason":"` + finish + `"}],
	"usage":` + usage + `,"service_tier":"default","system_fingerprint":null}`)
}

const openaiUsage = `{"prompt_tokens":13,"completion_tokens":31,"total_tokens":44,
	"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},
	"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`

// openaiWire is what the transport adds to every answer above.
var openaiWire = facts{id: "chatcmpl-1", answeredBy: "gpt-4o-mini-2024-07-18"}

const openaiRefusal = `{"error":{"message":"it says why","type":"some_error","param":null,"code":null}}`

var matrixOpenAI = matrixProvider{
	name: "openai", model: "gpt-4o-mini", client: openaiClient(),
	cases: slices.Concat(openaiCases, openaiStreams),
}

var openaiCases = []matrixCase{
	{
		name: "plain", source: "openai/internal/openaiclient/testdata/TestClient_CreateChatCompletion.httprr",
		reply: openaiAnswer(`"content":"Hello!"`, "stop", openaiUsage),
		want:  facts{in: 13, out: 31, finish: "stop"}, wire: openaiWire,
	},
	{
		name: "Call", reason: "it is GenerateContent with one message, so it may take that road and see the tokens", source: "openai/openaillm.go:100",
		call:  true,
		reply: openaiAnswer(`"content":"Hello!"`, "stop", openaiUsage),
		want:  facts{in: 13, out: 31, finish: "stop"}, wire: openaiWire,
	},
	{
		name: "tools", source: "openai/testdata/TestFunctionCall.httprr",
		options: []llms.CallOption{weather},
		reply: openaiAnswer(`"content":null,"tool_calls":[{"id":"call_1","type":"function",
				"function":{"name":"getWeather","arguments":"{\"location\":\"Boston\"}"}}]`, "tool_calls", openaiUsage),
		want: facts{in: 13, out: 31, finish: "tool_call"}, wire: openaiWire,
	},
	{
		name: "legacy function call", reason: "an answer with function_call and no tool_calls", source: "openai/openaillm.go:359",
		reply: openaiAnswer(`"content":null,"function_call":{"name":"getWeather","arguments":"{}"}`, "function_call", openaiUsage),
		want:  facts{in: 13, out: 31, finish: "tool_call"}, wire: openaiWire,
	},
	{
		name: "several choices", reason: "each repeats the usage of the request; each has its own finish reason", source: "openai/openaillm.go:335",
		options: []llms.CallOption{llms.WithN(2)},
		reply: answer(`{"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"finish_reason":"stop","message":{"content":"a"}},
				{"index":1,"finish_reason":"length","message":{"content":"b"}}],"usage":{"prompt_tokens":11,"completion_tokens":5,"total_tokens":16}}`),
		want: facts{in: 11, out: 5, finish: "stop length"}, wire: openaiWire,
	},
	{
		name: "thinking", reason: "reasoning tokens are part of the output", source: "platform.openai.com/docs/guides/reasoning",
		options: []llms.CallOption{llms.WithModel("o3-mini")},
		reply: answer(`{"id":"chatcmpl-1","model":"o3-mini-2025-01-31","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"42"}}],
				"usage":{"prompt_tokens":11,"completion_tokens":75,"total_tokens":86,"completion_tokens_details":{"reasoning_tokens":64}}}`),
		want: facts{model: "o3-mini", in: 11, out: 75, reasoning: 64, finish: "stop"},
		wire: facts{id: "chatcmpl-1", answeredBy: "o3-mini-2025-01-31"},
	},
	{
		name: "cached", reason: "cached tokens are part of the input", source: "platform.openai.com/docs/guides/prompt-caching",
		reply: openaiAnswer(`"content":"hi"`, "stop", `{"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,"prompt_tokens_details":{"cached_tokens":1920}}`),
		want:  facts{in: 2006, out: 300, cached: 1920, finish: "stop"}, wire: openaiWire,
	},
	{
		name: "content filter", source: "openai/internal/openaiclient/chat.go:342",
		reply: openaiAnswer(`"content":""`, "content_filter", openaiUsage),
		want:  facts{in: 13, out: 31, finish: "content_filter"}, wire: openaiWire,
	},
	{
		name: "no usage", reason: "zeros mean unknown, not none", source: "openai/openaillm.go:343",
		reply: answer(`{"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"finish_reason":"stop","message":{"content":"a"}}]}`),
		want:  facts{finish: "stop"}, wire: openaiWire,
	},
	{
		name: "no model set up", reason: "the client's constant goes over the wire", source: "openai/internal/openaiclient/chat.go:17",
		client: openaiClient(openai.WithModel("")),
		reply:  openaiAnswer(`"content":"hi"`, "stop", openaiUsage),
		want:   facts{model: "gpt-3.5-turbo", in: 13, out: 31, finish: "stop"}, wire: openaiWire,
	},
	{
		name: "model of the call", source: "openai/internal/openaiclient/openaiclient.go:164",
		options: []llms.CallOption{llms.WithModel("other")},
		reply:   openaiAnswer(`"content":"hi"`, "stop", openaiUsage),
		want:    facts{model: "other", in: 13, out: 31, finish: "stop"}, wire: openaiWire,
	},
	{
		name: "no choices", reason: "an error without a type", source: "openai/internal/openaiclient/openaiclient.go:171",
		reply: answer(`{"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","choices":[]}`),
		want:  facts{errorType: "_OTHER"}, wire: openaiWire,
	},
	{
		name: "not JSON", source: "openai/internal/openaiclient/chat.go:531",
		reply: answer(`<html>gateway</html>`),
		want:  facts{errorType: "*json.SyntaxError"},
	},
	{
		name: "error 400", reason: "the status stands only in the text", source: "openai/internal/openaiclient/chat.go:515",
		reply: refusal(400, openaiRefusal), want: facts{errorType: "400"},
	},
	{name: "error 401", source: "openai/internal/openaiclient/chat.go:515", reply: refusal(401, openaiRefusal), want: facts{errorType: "401"}},
	{name: "error 429", source: "openai/internal/openaiclient/chat.go:515", reply: refusal(429, openaiRefusal), want: facts{errorType: "429"}},
	{name: "error 500", source: "openai/internal/openaiclient/chat.go:515", reply: refusal(500, openaiRefusal), want: facts{errorType: "500"}},
	{
		name: "error 502 of a gateway", reason: "a body that is no JSON, and a text that ends with the status", source: "openai/internal/openaiclient/chat.go:521",
		reply: refusal(502, "<html>Bad Gateway</html>"), want: facts{errorType: "502"},
	},
	{
		name: "time-out", reason: "the context's error becomes plain text", source: "openai/internal/openaiclient/openaiclient.go:223",
		ends: context.DeadlineExceeded, want: facts{errorType: "timeout"},
	},
	{
		name: "cancelled", reason: "the context's error becomes plain text", source: "openai/internal/openaiclient/openaiclient.go:228",
		ends: context.Canceled, want: facts{errorType: "canceled"},
	},
	{
		name: "cancelled before", source: "openai/internal/openaiclient/openaiclient.go:228",
		ends: context.Canceled, beforeCall: true, noRequest: true, want: facts{errorType: "canceled"},
	},
	{
		name: "truncated", source: "openai/internal/openaiclient/chat.go:531",
		reply: reply{body: `{"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","choi`, cut: true}, partial: true,
		want: facts{errorType: "_OTHER"},
	},
	{
		name: "a role it does not know", reason: "it fails before a request, and fires no event", source: "openai/openaillm.go:195",
		messages:  []llms.MessageContent{llms.TextParts("nobody", "hello")},
		noRequest: true, want: facts{errorType: "_OTHER"},
	},
}
