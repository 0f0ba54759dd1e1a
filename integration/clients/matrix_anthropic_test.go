// SPDX-License-Identifier: Apache-2.0

package clients_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/anthropic"
)

func anthropicClient(more ...anthropic.Option) func(*testing.T, string, *http.Client) llms.Model {
	return func(t *testing.T, url string, hc *http.Client) llms.Model {
		m, err := anthropic.New(append([]anthropic.Option{
			anthropic.WithToken(matrixKey), anthropic.WithBaseURL(url), anthropic.WithHTTPClient(hc), anthropic.WithModel("claude-3-5-haiku-latest"),
		}, more...)...)
		require.NoError(t, err)
		return m
	}
}

func anthropicAnswer(content, stop, usage string) reply {
	return answer(`{"id":"msg_1","type":"message","role":"assistant","model":"claude-3-5-haiku-20241022","content":[` + content + `],
	"stop_reason":"` + stop + `","stop_sequence":null,"usage":{` + usage + `,"service_tier":"standard"}}`)
}

const (
	anthropicText    = `{"type":"text","text":"Hello!"}`
	anthropicTool    = `{"type":"tool_use","id":"toolu_1","name":"getWeather","input":{"location":"Boston"}}`
	anthropicThought = `{"type":"thinking","thinking":"hm","signature":"EqQB"}`
	anthropicUsage   = `"input_tokens":13,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":35`
	anthropicRefusal = `{"type":"error","error":{"type":"some_error","message":"it says why"}}`
)

var anthropicWire = facts{id: "msg_1", answeredBy: "claude-3-5-haiku-20241022"}

var matrixAnthropic = matrixProvider{
	name: "anthropic", model: "claude-3-5-haiku-latest", client: anthropicClient(),
	cases: slices.Concat(anthropicCases, anthropicStreams),
}

var anthropicCases = []matrixCase{
	{
		name: "plain", source: "anthropic/internal/anthropicclient/testdata/TestClient_CreateMessage.httprr",
		reply: anthropicAnswer(anthropicText, "end_turn", anthropicUsage),
		want:  facts{in: 13, out: 35, finish: "stop"}, wire: anthropicWire,
	},
	{
		name: "tools", reason: "a choice per content block repeats usage and stop reason; there is one answer", source: "anthropic/anthropicllm.go:177",
		options: []llms.CallOption{weather},
		reply:   anthropicAnswer(anthropicText+","+anthropicTool, "tool_use", anthropicUsage),
		want:    facts{in: 13, out: 35, finish: "tool_call"}, wire: anthropicWire,
	},
	{
		name: "several choices", reason: "it has no n; two texts are one answer", source: "anthropic/anthropicllm.go:177",
		options: []llms.CallOption{llms.WithN(2)},
		reply:   anthropicAnswer(anthropicText+","+anthropicText, "end_turn", anthropicUsage),
		want:    facts{in: 13, out: 35, finish: "stop"}, wire: anthropicWire,
	},
	{
		name: "thinking", reason: "the first choice is the thought, without content", source: "anthropic/anthropicllm.go:228",
		options: []llms.CallOption{llms.WithModel("claude-sonnet-4-0"), llms.WithThinkingMode(llms.ThinkingModeLow), llms.WithMaxTokens(4096)},
		reply:   anthropicAnswer(anthropicThought+","+anthropicText+","+anthropicTool, "tool_use", anthropicUsage),
		want:    facts{model: "claude-sonnet-4-0", in: 13, out: 35, finish: "tool_call"}, wire: anthropicWire,
	},
	{
		name: "cached", reason: "cached tokens are reported apart; the convention counts them in", source: "docs.anthropic.com/en/docs/build-with-claude/prompt-caching",
		messages: []llms.MessageContent{{Role: llms.ChatMessageTypeHuman, Parts: []llms.ContentPart{
			llms.WithCacheControl(llms.TextPart("a long text"), anthropic.EphemeralCache()),
		}}},
		reply: anthropicAnswer(anthropicText, "end_turn", `"input_tokens":21,"cache_creation_input_tokens":20,"cache_read_input_tokens":1888,"output_tokens":393`),
		want:  facts{in: 1929, out: 393, cached: 1888, created: 20, finish: "stop"}, wire: anthropicWire,
	},
	{
		name: "max tokens", source: "docs.anthropic.com/en/api/messages#response-stop-reason",
		reply: anthropicAnswer(anthropicText, "max_tokens", anthropicUsage),
		want:  facts{in: 13, out: 35, finish: "length"}, wire: anthropicWire,
	},
	{
		name: "stop sequence", source: "docs.anthropic.com/en/api/messages#response-stop-reason",
		reply: anthropicAnswer(anthropicText, "stop_sequence", anthropicUsage),
		want:  facts{in: 13, out: 35, finish: "stop"}, wire: anthropicWire,
	},
	{
		name: "no model set up", reason: "the client's constant goes over the wire", source: "anthropic/internal/anthropicclient/anthropicclient.go:18",
		client: anthropicClient(anthropic.WithModel("")),
		reply:  anthropicAnswer(anthropicText, "end_turn", anthropicUsage),
		want:   facts{model: "claude-3-5-sonnet-20240620", in: 13, out: 35, finish: "stop"}, wire: anthropicWire,
	},
	{
		name: "model of the call", source: "anthropic/internal/anthropicclient/messages.go:213",
		options: []llms.CallOption{llms.WithModel("other")},
		reply:   anthropicAnswer(anthropicText, "end_turn", anthropicUsage),
		want:    facts{model: "other", in: 13, out: 35, finish: "stop"}, wire: anthropicWire,
	},
	{
		name: "a block it does not know", reason: "the answer is lost to the caller, but it was paid for", source: "anthropic/internal/anthropicclient/messages.go:195",
		reply: anthropicAnswer(`{"type":"redacted_thinking","data":"EmwK"}`, "end_turn", anthropicUsage),
		want:  facts{errorType: "_OTHER"}, wire: facts{id: "msg_1", answeredBy: "claude-3-5-haiku-20241022", in: 13, out: 35, finish: "stop"},
	},
	{
		name: "no content", source: "anthropic/anthropicllm.go:174",
		reply: anthropicAnswer("", "end_turn", anthropicUsage),
		want:  facts{errorType: "_OTHER"}, wire: facts{id: "msg_1", answeredBy: "claude-3-5-haiku-20241022", in: 13, out: 35, finish: "stop"},
	},
	{name: "error 400", source: "anthropic/internal/anthropicclient/anthropicclient.go:222", reply: refusal(400, anthropicRefusal), want: facts{errorType: "400"}},
	{name: "error 401", source: "anthropic/internal/anthropicclient/anthropicclient.go:222", reply: refusal(401, anthropicRefusal), want: facts{errorType: "401"}},
	{name: "error 429", source: "anthropic/internal/anthropicclient/anthropicclient.go:222", reply: refusal(429, anthropicRefusal), want: facts{errorType: "429"}},
	{name: "error 500", source: "anthropic/internal/anthropicclient/anthropicclient.go:222", reply: refusal(500, anthropicRefusal), want: facts{errorType: "500"}},
	{
		name: "error 529", reason: "overloaded, a status that HTTP does not know", source: "docs.anthropic.com/en/api/errors",
		reply: refusal(529, anthropicRefusal), want: facts{errorType: "529"},
	},
	{name: "time-out", source: "anthropic/internal/anthropicclient/anthropicclient.go:207", ends: context.DeadlineExceeded, want: facts{errorType: "timeout"}},
	{name: "cancelled", source: "anthropic/internal/anthropicclient/anthropicclient.go:207", ends: context.Canceled, want: facts{errorType: "canceled"}},
	{
		name: "truncated", source: "anthropic/internal/anthropicclient/messages.go:251",
		reply: reply{body: `{"id":"msg_1","type":"message","content":[`, cut: true}, partial: true,
		want: facts{errorType: "_OTHER"},
	},
}
