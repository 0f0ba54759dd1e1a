// SPDX-License-Identifier: Apache-2.0

package clients_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/models"
)

const anthropicStart = `{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-3-5-haiku-20241022","content":[],
	"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":15,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":3}}}`

func anthropicBlock(index, block string, deltas ...string) []string {
	events := []string{`{"type":"content_block_start","index":` + index + `,"content_block":` + block + `}`}
	for _, d := range deltas {
		events = append(events, `{"type":"content_block_delta","index":`+index+`,"delta":`+d+`}`)
	}
	return append(events, `{"type":"content_block_stop","index":`+index+`}`)
}

var (
	anthropicHello = anthropicBlock("0", `{"type":"text","text":""}`, `{"type":"text_delta","text":"Hel"}`, `{"type":"text_delta","text":"lo"}`)
	anthropicStop  = []string{`{"type":"message_stop"}`}
)

func anthropicDelta(stop, usage string) []string {
	return []string{`{"type":"message_delta","delta":{"stop_reason":"` + stop + `","stop_sequence":null},"usage":{` + usage + `}}`}
}

// anthropicStream puts the parts of a stream together.
func anthropicStream(parts ...[]string) reply {
	return sse(append([]string{anthropicStart, `{"type":"ping"}`}, slices.Concat(parts...)...)...)
}

var anthropicStreams = []matrixCase{
	{
		name: "stream", reason: "the chunks come on another goroutine", source: "anthropic/internal/anthropicclient/testdata/TestClient_CreateMessageStream.httprr",
		stream: true,
		reply:  anthropicStream(anthropicHello, anthropicDelta("end_turn", `"input_tokens":15,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":13`), anthropicStop),
		want:   facts{in: 15, out: 13, finish: "stop"}, wire: anthropicWire,
	},
	{
		name: "stream of an older API", reason: "the last usage has only output tokens", source: "anthropic/internal/anthropicclient/messages.go:550",
		stream: true,
		reply:  anthropicStream(anthropicHello, anthropicDelta("end_turn", `"output_tokens":13`), anthropicStop),
		want:   facts{in: 15, out: 13, finish: "stop"}, wire: anthropicWire,
	},
	{
		name: "stream tools", reason: "the deltas of a tool's input are no chunks", source: "anthropic/internal/anthropicclient/messages.go:474",
		stream: true, options: []llms.CallOption{weather},
		reply: anthropicStream(anthropicBlock("0", `{"type":"tool_use","id":"toolu_1","name":"getWeather","input":{}}`,
			`{"type":"input_json_delta","partial_json":"{\"location\":"}`, `{"type":"input_json_delta","partial_json":"\"Boston\"}"}`),
			anthropicDelta("tool_use", `"output_tokens":56`), anthropicStop),
		want: facts{in: 15, out: 56, finish: "tool_call"}, wire: streamBegins(anthropicWire),
	},
	{
		name: "stream thinking", source: "docs.anthropic.com/en/docs/build-with-claude/extended-thinking#streaming-thinking",
		stream: true, reasoning: true, options: []llms.CallOption{llms.WithModel("claude-sonnet-4-0"), llms.WithThinkingMode(llms.ThinkingModeLow), llms.WithMaxTokens(4096)},
		reply: anthropicStream(anthropicBlock("0", `{"type":"thinking","thinking":""}`, `{"type":"thinking_delta","thinking":"hm"}`, `{"type":"signature_delta","signature":"EqQB"}`),
			anthropicBlock("1", `{"type":"text","text":""}`, `{"type":"text_delta","text":"4"}`), anthropicDelta("end_turn", `"output_tokens":90`), anthropicStop),
		want: facts{model: "claude-sonnet-4-0", in: 15, out: 90, finish: "stop"}, wire: anthropicWire,
	},
	{
		name: "stream for reasoning alone", reason: "the client asks for a stream and reads JSON", source: "anthropic/internal/anthropicclient/messages.go:246",
		reasoning: true,
		reply:     anthropicStream(anthropicHello, anthropicDelta("end_turn", `"output_tokens":13`), anthropicStop), partial: true,
		want: facts{errorType: "*json.SyntaxError"}, wire: streamBegins(facts{}),
	},
	{
		name: "stream cached", source: "anthropic/internal/anthropicclient/messages.go:553",
		stream: true,
		reply: anthropicStream(anthropicHello, anthropicDelta("end_turn",
			`"input_tokens":4,"cache_creation_input_tokens":20,"cache_read_input_tokens":1888,"output_tokens":13`), anthropicStop),
		want: facts{in: 1912, out: 13, cached: 1888, created: 20, finish: "stop"}, wire: anthropicWire,
	},
	{
		name: "stream truncated", reason: "without message_stop the client has no answer", source: "anthropic/internal/anthropicclient/messages.go:325",
		stream: true,
		reply:  anthropicStream(anthropicHello), partial: true,
		want: facts{errorType: "_OTHER"},
	},
	{
		name: "stream empty", source: "anthropic/anthropicllm.go:174",
		stream: true,
		reply:  sse(), want: facts{errorType: "_OTHER"},
	},
	{
		name: "stream cut", source: "anthropic/internal/anthropicclient/messages.go:288",
		stream: true,
		reply:  anthropicStream(anthropicHello).thenCut(), partial: true,
		want: facts{errorType: "_OTHER"},
	},
	{
		name: "stream stopped by the caller", source: "anthropic/internal/anthropicclient/messages.go:466",
		stream: true, first: failing,
		reply: anthropicStream(anthropicHello), partial: true,
		want: facts{errorType: "clients_test.enough"},
	},
	{
		name: "stream cancelled", source: "anthropic/internal/anthropicclient/messages.go:288",
		stream: true, first: cancelling, ends: context.Canceled,
		reply: anthropicStream(anthropicHello[:2]).thenHold(), partial: true,
		want: facts{errorType: "canceled"},
	},
	{
		name: "stream past its deadline", source: "anthropic/internal/anthropicclient/messages.go:288",
		stream: true, first: cancelling, ends: context.DeadlineExceeded,
		reply: anthropicStream(anthropicHello[:2]).thenHold(), partial: true,
		want: facts{errorType: "timeout"},
	},
	{
		name: "stream error 429", source: "anthropic/internal/anthropicclient/anthropicclient.go:222",
		stream: true, reply: refusal(429, anthropicRefusal), want: facts{errorType: "429"},
	},
}

// After an error event the call returns, while the client's goroutine goes on
// with what it has read (anthropic/internal/anthropicclient/messages.go:329): a
// chunk reaches the caller's function when the span has ended, or is just
// ending. The goroutine itself stays behind, with us and without.
func TestMatrixAnthropicLateChunk(t *testing.T) {
	s := newLoopback(t, matrixCase{reply: anthropicStream(anthropicHello[:2],
		[]string{`{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`}, anthropicHello[2:3])})
	k := oteltest.New(t)
	m := models.Wrap(anthropicClient()(t, s.URL, &http.Client{Transport: models.NewTransport(s.Client().Transport)}), k.Handler)
	chunks, returned := make(chan string, 2), make(chan struct{})
	_, err := m.GenerateContent(t.Context(), prompt, llms.WithStreamingFunc(func(_ context.Context, c []byte) error {
		if string(c) == "lo" {
			<-returned
		}
		chunks <- string(c)
		return nil
	}))
	close(returned)
	require.ErrorContains(t, err, "Overloaded")
	assert.Equal(t, "Hel", <-chunks)
	assert.Equal(t, "lo", <-chunks)
	span := k.Span(t, "chat claude-3-5-haiku-latest")
	assert.Equal(t, "overloaded_error", oteltest.Value(span, semconv.ErrorType))
	assert.NotEmpty(t, oteltest.Value(span, semconv.TimeToFirstChunk))
}
