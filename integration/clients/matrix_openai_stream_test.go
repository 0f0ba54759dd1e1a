// SPDX-License-Identifier: Apache-2.0

package clients_test

import (
	"context"
	"strings"

	"github.com/tmc/langchaingo/llms"
)

// openaiLine is a chunk of a streamed chat completion.
func openaiLine(delta, finish string) string {
	if finish != "null" {
		finish = `"` + finish + `"`
	}
	return oneLine(`{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1755695198,"model":"gpt-4o-mini-2024-07-18","system_fingerprint":null,
	"choices":[{"index":0,"delta":{` + delta + `},"logprobs":null,"finish_reason":` + finish + `}],"usage":null}`)
}

func openaiUsageLine(usage string) string {
	return `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1755695198,"model":"gpt-4o-mini-2024-07-18","choices":[],"usage":` + usage + `}`
}

var (
	openaiRole  = openaiLine(`"role":"assistant","content":"","refusal":null`, "null")
	openaiHel   = openaiLine(`"content":"Hel"`, "null")
	openaiLo    = openaiLine(`"content":"lo"`, "null")
	openaiStop  = openaiLine("", "stop")
	openaiCount = openaiUsageLine(`{"prompt_tokens":19,"completion_tokens":82,"total_tokens":101,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}`)
)

var openaiStreams = []matrixCase{
	{
		name: "stream", reason: "the client asks for usage by itself; the first chunk is empty", source: "openai/testdata/TestWithStreaming.httprr",
		stream: true,
		reply:  sse(openaiRole, openaiHel, openaiLo, openaiStop, openaiCount, "[DONE]"),
		want:   facts{in: 19, out: 82, finish: "stop"}, wire: openaiWire,
	},
	{
		name: "stream tools", reason: "the chunks are the deltas as JSON", source: "openai/internal/openaiclient/chat.go:648",
		stream: true, options: []llms.CallOption{weather},
		reply: sse(
			openaiLine(`"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"getWeather","arguments":""}}]`, "null"),
			openaiLine(`"tool_calls":[{"index":0,"function":{"arguments":"{\"location\":"}}]`, "null"),
			openaiLine(`"tool_calls":[{"index":0,"function":{"arguments":"\"Boston\"}"}}]`, "null"),
			openaiLine("", "tool_calls"), openaiCount, "[DONE]"),
		want: facts{in: 19, out: 82, finish: "tool_call"}, wire: openaiWire,
	},
	{
		name: "stream thinking", reason: "reasoning goes to its own function, which alone turns streaming on", source: "openai/internal/openaiclient/chat.go:465",
		reasoning: true, options: []llms.CallOption{llms.WithModel("deepseek-reasoner")},
		reply: sse(openaiLine(`"role":"assistant","content":null,"reasoning_content":"hm"`, "null"), openaiHel, openaiStop,
			openaiUsageLine(`{"prompt_tokens":9,"completion_tokens":40,"total_tokens":49,"completion_tokens_details":{"reasoning_tokens":32}}`), "[DONE]"),
		want: facts{model: "deepseek-reasoner", in: 9, out: 40, reasoning: 32, finish: "stop"}, wire: openaiWire,
	},
	{
		name: "stream cached", source: "openai/internal/openaiclient/chat.go:626",
		stream: true,
		reply: sse(openaiHel, openaiStop,
			openaiUsageLine(`{"prompt_tokens":2006,"completion_tokens":30,"total_tokens":2036,"prompt_tokens_details":{"cached_tokens":1920}}`), "[DONE]"),
		want: facts{in: 2006, out: 30, cached: 1920, finish: "stop"}, wire: openaiWire,
	},
	{
		name: "stream without usage", reason: "servers that know no stream_options; it has ended all the same", source: "openai/internal/openaiclient/chat.go:621",
		stream: true,
		reply:  sse(openaiRole, openaiHel, openaiStop, "[DONE]"),
		want:   facts{finish: "stop"}, wire: openaiWire,
	},
	{
		name: "stream truncated", reason: "the client calls it a success, with no finish reason and no tokens", source: "openai/internal/openaiclient/chat.go:616",
		stream: true,
		reply:  sse(openaiRole, openaiHel),
		want:   facts{incomplete: true}, wire: openaiWire,
	},
	{
		name: "stream empty", reason: "the client calls it a success with one empty choice", source: "openai/internal/openaiclient/chat.go:610",
		stream: true,
		reply:  sse(),
		want:   facts{incomplete: true},
	},
	{
		name: "stream with an error inside", reason: "the client passes over it and calls it a success", source: "openai/internal/openaiclient/chat.go:633",
		stream: true,
		reply:  sse(openaiRole, openaiHel, `{"error":{"message":"The server had an error","type":"server_error"}}`),
		want:   facts{incomplete: true}, wire: facts{id: "chatcmpl-1", answeredBy: "gpt-4o-mini-2024-07-18", errorType: "server_error"},
	},
	{
		name: "stream cut", source: "openai/internal/openaiclient/chat.go:592",
		stream: true,
		reply:  sse(openaiRole, openaiHel).thenCut(), partial: true,
		want: facts{errorType: "_OTHER"},
	},
	{
		name: "stream with a line too long", reason: "the client's limit is 64 KiB a line", source: "openai/internal/openaiclient/chat.go:537",
		stream: true,
		reply:  sse(openaiRole, openaiHel, openaiLine(`"content":"`+strings.Repeat("x", 1<<16)+`"`, "null"), openaiStop, openaiCount, "[DONE]"), partial: true,
		want: facts{errorType: "_OTHER"},
	},
	{
		name: "stream stopped by the caller", source: "openai/internal/openaiclient/chat.go:655",
		stream: true, first: failing,
		reply: sse(openaiRole, openaiHel, openaiLo, openaiStop, openaiCount, "[DONE]"), partial: true,
		want: facts{errorType: "clients_test.enough"},
	},
	{
		name: "stream cancelled", source: "openai/internal/openaiclient/chat.go:593",
		racy:   "a select over the context and the error decides between an error and a success with what there is",
		stream: true, first: cancelling, ends: context.Canceled,
		reply: sse(openaiRole, openaiHel).thenHold(), partial: true,
		want: facts{errorType: "canceled"}, or: &facts{errorType: "canceled", incomplete: true},
	},
	{
		name: "stream past its deadline", source: "openai/internal/openaiclient/chat.go:593",
		racy:   "as above",
		stream: true, first: cancelling, ends: context.DeadlineExceeded,
		reply: sse(openaiRole, openaiHel).thenHold(), partial: true,
		want: facts{errorType: "timeout"}, or: &facts{errorType: "timeout", incomplete: true},
	},
	{
		name: "stream with a legacy function call", reason: "the client panics, and so do we", source: "openai/openaillm.go:361",
		stream: true, panics: true,
		reply: sse(openaiLine(`"role":"assistant","content":null,"function_call":{"name":"getWeather","arguments":"{}"}`, "null"),
			openaiLine("", "function_call"), "[DONE]"),
		want: facts{errorType: "panic"}, wire: facts{id: "chatcmpl-1", answeredBy: "gpt-4o-mini-2024-07-18", finish: "tool_call"},
	},
	{name: "stream error 400", source: "openai/internal/openaiclient/chat.go:515", stream: true, reply: refusal(400, openaiRefusal), want: facts{errorType: "400"}},
	{name: "stream error 429", source: "openai/internal/openaiclient/chat.go:515", stream: true, reply: refusal(429, openaiRefusal), want: facts{errorType: "429"}},
}
