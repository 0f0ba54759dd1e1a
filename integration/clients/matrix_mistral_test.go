// SPDX-License-Identifier: Apache-2.0

package clients_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/mistral"
)

// mistralClient tries once: after a 429 or a 5xx its SDK sleeps half a second,
// even if it does not try again.
func mistralClient(more ...mistral.Option) func(*testing.T, string, *http.Client) llms.Model {
	return func(t *testing.T, url string, _ *http.Client) llms.Model {
		m, err := mistral.New(append([]mistral.Option{
			mistral.WithAPIKey(matrixKey), mistral.WithEndpoint(url), mistral.WithModel("mistral-small-latest"), mistral.WithMaxRetries(1),
		}, more...)...)
		require.NoError(t, err)
		return m
	}
}

func mistralAnswer(choices string) reply {
	return answer(`{"id":"cmpl-m","object":"chat.completion","created":1702256327,"model":"mistral-small-2402","choices":[` + choices + `],
	"usage":{"prompt_tokens":16,"completion_tokens":34,"total_tokens":50}}`)
}

func mistralChunk(delta, rest string) string {
	return `{"id":"cmpl-m","object":"chat.completion.chunk","created":1702256327,"model":"mistral-small-2402","choices":[{"index":0,"delta":{` + delta + `},` + rest
}

var (
	mistralHello   = `{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}`
	mistralHel     = mistralChunk(`"role":"assistant","content":"Hel"`, `"finish_reason":null}]}`)
	mistralLo      = mistralChunk(`"content":"lo"`, `"finish_reason":"stop"}],"usage":{"prompt_tokens":16,"total_tokens":50,"completion_tokens":34}}`)
	mistralRefusal = `{"object":"error","message":"it says why","type":"some_error","param":null,"code":null}`
)

var matrixMistral = matrixProvider{
	name: "mistral_ai", model: "mistral-small-latest", client: mistralClient(),
	noTransport: "its SDK makes an http.Client of its own for every request, and knows no context",
	cases: []matrixCase{
		{
			name: "plain", reason: "usage is a struct of the SDK's; the model is told, the id is not", source: "mistral/mistralmodel.go:169",
			reply: mistralAnswer(mistralHello),
			want:  facts{in: 16, out: 34, finish: "stop", answeredBy: "mistral-small-2402"},
		},
		{
			name: "Call", reason: "it is not GenerateContent, and tells nothing but the text", source: "mistral/mistralmodel.go:45",
			call:  true,
			reply: mistralAnswer(mistralHello),
		},
		{
			name: "stream", reason: "every chunk overwrites the usage; the last one has it", source: "mistral/mistralmodel.go:210",
			stream: true,
			reply:  sse(mistralHel, mistralLo, "[DONE]"),
			want:   facts{in: 16, out: 34, finish: "stop", answeredBy: "mistral-small-2402"},
		},
		{
			name: "tools", source: "mistral/mistralmodel.go:173",
			options: []llms.CallOption{weather},
			reply: mistralAnswer(`{"index":0,"message":{"role":"assistant","content":"","tool_calls":[{"id":"c1","function":{"name":"getWeather",
				"arguments":"{\"location\": \"Boston\"}"}}]},"finish_reason":"tool_calls"}`),
			want: facts{in: 16, out: 34, finish: "tool_call", answeredBy: "mistral-small-2402"},
		},
		{
			name: "stream tools", reason: "the whole call comes in one chunk, which is empty for the caller", source: "mistral/mistralmodel.go:217",
			stream: true, options: []llms.CallOption{weather},
			reply: sse(mistralChunk(`"role":"assistant","content":"","tool_calls":[{"id":"c1","function":{"name":"getWeather","arguments":"{}"}}]`,
				`"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":16,"total_tokens":50,"completion_tokens":34}}`), "[DONE]"),
			want: facts{in: 16, out: 34, finish: "tool_call", answeredBy: "mistral-small-2402"},
		},
		{
			name: "several choices", reason: "each repeats the usage of the request", source: "mistral/mistralmodel.go:162",
			reply: mistralAnswer(mistralHello + `,{"index":1,"message":{"role":"assistant","content":"Hi"},"finish_reason":"length"}`),
			want:  facts{in: 16, out: 34, finish: "stop length", answeredBy: "mistral-small-2402"},
		},
		{
			name: "no model set up", source: "mistral-go types.go:11",
			client: func(t *testing.T, url string, _ *http.Client) llms.Model {
				m, err := mistral.New(mistral.WithAPIKey(matrixKey), mistral.WithEndpoint(url))
				require.NoError(t, err)
				return m
			},
			reply: mistralAnswer(mistralHello),
			want:  facts{model: "open-mistral-7b", in: 16, out: 34, finish: "stop", answeredBy: "mistral-small-2402"},
		},
		{
			name: "model of the call", source: "mistral/mistralmodel.go:71",
			options: []llms.CallOption{llms.WithModel("other")},
			reply:   mistralAnswer(mistralHello),
			want:    facts{model: "other", in: 16, out: 34, finish: "stop", answeredBy: "mistral-small-2402"},
		},
		{
			name: "no usage", source: "mistral/mistralmodel.go:169",
			reply: answer(`{"id":"cmpl-m","model":"mistral-small-2402","choices":[` + mistralHello + `]}`),
			want:  facts{finish: "stop", answeredBy: "mistral-small-2402"},
		},
		{
			name: "no choices", reason: "its own handler gets an error that is nil", source: "mistral/mistralmodel.go:156",
			reply: mistralAnswer(""), want: facts{errorType: "_OTHER"},
		},
		{
			name: "error 400", reason: "the status stands only in the text", source: "mistral-go client.go:113",
			reply: refusal(400, mistralRefusal), want: facts{errorType: "400"},
		},
		{name: "error 401", source: "mistral-go client.go:113", reply: refusal(401, mistralRefusal), want: facts{errorType: "401"}},
		{name: "error 429", source: "mistral-go client.go:113", reply: refusal(429, mistralRefusal), want: facts{errorType: "429"}},
		{name: "error 500", source: "mistral-go client.go:113", reply: refusal(500, mistralRefusal), want: facts{errorType: "500"}},
		{name: "stream error 400", source: "mistral-go client.go:113", stream: true, reply: refusal(400, mistralRefusal), want: facts{errorType: "400"}},
		{
			name: "time-out", reason: "only the client has one: a deadline of the context's is not honoured", source: "mistral-go client.go:92",
			racy:   "the time is real: on a machine that is busy enough the server never has the request",
			client: mistralClient(mistral.WithTimeout(500 * time.Millisecond)),
			reply:  reply{hold: true}, want: facts{errorType: "timeout"},
		},
		{
			name: "cancelled before", reason: "the SDK knows no context, and the call succeeds", source: "mistral-go client.go:83",
			ends: context.Canceled, beforeCall: true,
			reply: mistralAnswer(mistralHello),
			want:  facts{in: 16, out: 34, finish: "stop", answeredBy: "mistral-small-2402"},
		},
		{
			name: "truncated", source: "mistral-go client.go:121",
			reply: reply{body: `{"id":"cmpl-m",`, cut: true}, want: facts{errorType: "_OTHER"},
		},
		{
			name: "stream truncated", reason: "the client calls it a success", source: "mistral-go chat.go:171",
			stream: true,
			reply:  sse(mistralHel), want: facts{incomplete: true, answeredBy: "mistral-small-2402"},
		},
		{
			name: "stream cut", reason: "a partial response beside an error, whose last chunk took the model away", source: "mistral/mistralmodel.go:235",
			stream: true,
			reply:  sse(mistralHel).thenCut(), want: facts{errorType: "_OTHER"},
		},
		{
			name: "stream empty", source: "mistral-go chat.go:171",
			stream: true,
			reply:  sse(), want: facts{incomplete: true},
		},
		{
			name: "stream with a broken line", reason: "a partial response beside an error", source: "mistral/mistralmodel.go:235",
			stream: true,
			reply:  sse(mistralHel, "{"), want: facts{errorType: "*json.SyntaxError"},
		},
		{
			name: "stream stopped by the caller", reason: "a partial response beside the caller's own error", source: "mistral/mistralmodel.go:232",
			stream: true, first: failing,
			reply: sse(mistralHel), want: facts{errorType: "clients_test.enough", answeredBy: "mistral-small-2402"},
		},
	},
}
