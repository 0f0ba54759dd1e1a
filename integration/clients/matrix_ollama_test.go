// SPDX-License-Identifier: Apache-2.0

package clients_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/ollama"
)

// ndjson is a stream of lines.
func ndjson(lines ...string) reply {
	r := reply{header: map[string]string{"Content-Type": "application/x-ndjson"}}
	for _, l := range lines {
		r.body += oneLine(l) + "\n"
	}
	return r
}

const (
	ollamaHel = `{"model":"gemma3:1b","created_at":"2025-08-20T13:48:24.316155Z","message":{"role":"assistant","content":"Hel"},"done":false}`
	ollamaLo  = `{"model":"gemma3:1b","created_at":"2025-08-20T13:48:24.321129Z","message":{"role":"assistant","content":"lo"},"done":false}`
	ollamaEnd = `{"model":"gemma3:1b","created_at":"2025-08-20T13:48:24.421331Z","message":{"role":"assistant","content":""},"done_reason":"stop","done":true,
		"total_duration":171946792,"load_duration":38473250,"prompt_eval_count":16,"prompt_eval_duration":27608250,"eval_count":22,"eval_duration":105611917}`
)

// ollamaAnswer is a whole answer with one more field in the message.
func ollamaAnswer(message, done string) reply {
	return answer(oneLine(`{"model":"gemma3:1b","created_at":"2025-08-20T13:48:24Z","message":{"role":"assistant",` + message + `},"done_reason":"` + done + `","done":true,
		"total_duration":171946792,"prompt_eval_count":16,"eval_count":22}`))
}

var (
	ollamaWire    = facts{answeredBy: "gemma3:1b", finish: "stop"}
	ollamaRefusal = `{"error":"it says why"}`
)

var matrixOllama = matrixProvider{
	name: "ollama", model: "gemma3:1b",
	client: func(t *testing.T, url string, hc *http.Client) llms.Model {
		m, err := ollama.New(ollama.WithServerURL(url), ollama.WithModel("gemma3:1b"), ollama.WithHTTPClient(hc))
		require.NoError(t, err)
		return m
	},
	cases: []matrixCase{
		{
			name: "plain", reason: "the client does not decode done_reason", source: "ollama/internal/ollamaclient/types.go:93",
			reply: ollamaAnswer(`"content":"Hello"`, "stop"),
			want:  facts{in: 16, out: 22}, wire: ollamaWire,
		},
		{
			name: "stream", source: "ollama/internal/ollamaclient/testdata/TestClient_GenerateChatStream.httprr",
			stream: true,
			reply:  ndjson(ollamaHel, ollamaLo, ollamaEnd),
			want:   facts{in: 16, out: 22}, wire: ollamaWire,
		},
		{
			name: "tools", reason: "the client sends none and reads none; what the server says of them is lost", source: "ollama/internal/ollamaclient/types.go:49",
			options: []llms.CallOption{weather},
			reply:   ollamaAnswer(`"content":"","tool_calls":[{"function":{"name":"getWeather","arguments":{"location":"Boston"}}}]`, "stop"),
			want:    facts{in: 16, out: 22}, wire: ollamaWire,
		},
		{
			name: "several choices", reason: "it knows one", source: "ollama/ollamallm.go:238",
			options: []llms.CallOption{llms.WithN(2)},
			reply:   ollamaAnswer(`"content":"Hello"`, "stop"),
			want:    facts{in: 16, out: 22}, wire: ollamaWire,
		},
		{
			name: "thinking", reason: "thought tokens are not counted apart", source: "ollama/internal/ollamaclient/testdata/TestClient_GenerateChatWithThink.httprr",
			options: []llms.CallOption{llms.WithModel("qwq"), llms.WithThinkingMode(llms.ThinkingModeLow)},
			reply:   ollamaAnswer(`"content":"4","thinking":"two and two"`, "length"),
			want:    facts{model: "qwq", in: 16, out: 22}, wire: facts{answeredBy: "gemma3:1b", finish: "length"},
		},
		{
			name: "cached", reason: "langchaingo's own cache says what it believes the server has", source: "ollama/ollamallm.go:220",
			// Each application has a cache of its own: the wrapper applies options, too.
			options: []llms.CallOption{func(o *llms.CallOptions) {
				cache := ollama.NewContextCache(4, time.Hour)
				cache.Put(prompt, 9)
				ollama.WithContextCache(cache)(o)
			}},
			reply: ollamaAnswer(`"content":"Hello"`, "stop"),
			want:  facts{in: 16, out: 22, cached: 9}, wire: ollamaWire,
		},
		{
			name: "prompt already evaluated", reason: "the server then leaves its count out; unknown is not zero", source: "github.com/ollama/ollama/issues/2068",
			reply: answer(`{"model":"gemma3:1b","message":{"role":"assistant","content":"Hello"},"done_reason":"stop","done":true,"eval_count":22}`),
			want:  facts{out: 22}, wire: ollamaWire,
		},
		{
			name: "model of the call", source: "ollama/ollamallm.go:96",
			options: []llms.CallOption{llms.WithModel("other")},
			reply:   ollamaAnswer(`"content":"Hello"`, "stop"),
			want:    facts{model: "other", in: 16, out: 22}, wire: ollamaWire,
		},
		{
			name: "error 400", reason: "only the text of the body is left", source: "ollama/internal/ollamaclient/ollamaclient.go:160",
			reply: refusal(400, ollamaRefusal), want: facts{errorType: "_OTHER"},
		},
		{name: "error 401", source: "ollama/internal/ollamaclient/ollamaclient.go:160", reply: refusal(401, ollamaRefusal), want: facts{errorType: "_OTHER"}},
		{name: "error 429", source: "ollama/internal/ollamaclient/ollamaclient.go:160", reply: refusal(429, ollamaRefusal), want: facts{errorType: "_OTHER"}},
		{name: "error 500", source: "ollama/internal/ollamaclient/ollamaclient.go:160", reply: refusal(500, ollamaRefusal), want: facts{errorType: "_OTHER"}},
		{
			name: "error 500 without a message", reason: "the error is a type of the client's, with the status line as its text", source: "ollama/internal/ollamaclient/ollamaclient.go:164",
			reply: refusal(500, `{}`), want: facts{errorType: "ollamaclient.StatusError"},
		},
		{
			name: "error 502 of a gateway", reason: "a body that is no JSON", source: "ollama/internal/ollamaclient/ollamaclient.go:155",
			reply: refusal(502, `<html>Bad Gateway</html>`), want: facts{errorType: "*json.SyntaxError"},
		},
		{
			name: "error 500 without a body", reason: "the client calls it a success: empty, with no tokens", source: "ollama/internal/ollamaclient/ollamaclient.go:149",
			reply: refusal(500, ""), want: facts{incomplete: true},
		},
		{
			name: "error 500 without a body, streamed", reason: "the client calls it a success: empty, with no tokens", source: "ollama/internal/ollamaclient/ollamaclient.go:149",
			stream: true, reply: refusal(500, ""), want: facts{incomplete: true},
		},
		{name: "time-out", source: "ollama/internal/ollamaclient/ollamaclient.go:139", ends: context.DeadlineExceeded, want: facts{errorType: "timeout"}},
		{name: "cancelled", source: "ollama/internal/ollamaclient/ollamaclient.go:139", ends: context.Canceled, want: facts{errorType: "canceled"}},
		{
			name: "truncated", source: "ollama/internal/ollamaclient/ollamaclient.go:155",
			reply: reply{body: `{"model":"gemma3:1b","message":{"role":"assis`, cut: true}, partial: true,
			want: facts{errorType: "*json.SyntaxError"},
		},
		{
			name: "stream truncated", reason: "without a done line the client forgets what it streamed, and calls it a success", source: "ollama/ollamallm.go:184",
			stream: true,
			reply:  ndjson(ollamaHel, ollamaLo),
			want:   facts{incomplete: true}, wire: facts{answeredBy: "gemma3:1b"},
		},
		{
			name: "stream cut", reason: "the scanner's error is not asked for", source: "ollama/internal/ollamaclient/ollamaclient.go:176",
			stream: true,
			reply:  ndjson(ollamaHel, ollamaLo).thenCut(), partial: true,
			want: facts{incomplete: true},
		},
		{
			name: "stream empty", source: "ollama/internal/ollamaclient/ollamaclient.go:149",
			stream: true,
			reply:  ndjson(), want: facts{incomplete: true},
		},
		{
			name: "stream with an error inside", source: "ollama/internal/ollamaclient/ollamaclient.go:159",
			stream: true,
			reply:  ndjson(ollamaHel, `{"error":"an error was encountered while running the model"}`), partial: true,
			want: facts{errorType: "_OTHER"},
		},
		{
			name: "stream stopped by the caller", source: "ollama/ollamallm.go:177",
			stream: true, first: failing,
			reply: ndjson(ollamaHel, ollamaLo, ollamaEnd), partial: true,
			want: facts{errorType: "clients_test.enough"},
		},
		{
			name: "stream cancelled", reason: "the client calls it a success; the context knows better", source: "ollama/internal/ollamaclient/ollamaclient.go:176",
			stream: true, first: cancelling, ends: context.Canceled,
			reply: ndjson(ollamaHel).thenHold(), partial: true,
			want: facts{errorType: "canceled", incomplete: true},
		},
	},
}
