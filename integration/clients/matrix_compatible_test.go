// SPDX-License-Identifier: Apache-2.0

package clients_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/maritaca"
	"github.com/tmc/langchaingo/llms/openai"
)

// Services behind OpenAI's client: its base URL and API type tell which.
var matrixCompatible = matrixProvider{
	name: "openai-compatible", model: "m",
	cases: []matrixCase{
		{
			name: "azure", source: "openai/internal/openaiclient/openaiclient.go:208", provider: "azure.ai.openai",
			client: openaiClient(openai.WithAPIType(openai.APITypeAzure), openai.WithModel("m"), openai.WithEmbeddingModel("e")),
			reply:  openaiAnswer(`"content":"Hello!"`, "stop", openaiUsage),
			want:   facts{in: 13, out: 31, finish: "stop"}, wire: openaiWire,
		},
		{
			name: "azure error 429", source: "openai/internal/openaiclient/chat.go:515", provider: "azure.ai.openai",
			client: openaiClient(openai.WithAPIType(openai.APITypeAzure), openai.WithModel("m"), openai.WithEmbeddingModel("e")),
			reply:  refusal(429, `{"error":{"code":"429","message":"Requests have exceeded the call rate limit"}}`),
			want:   facts{errorType: "429"},
		},
		{
			name: "groq", source: "console.groq.com/docs/api-reference#chat", provider: "groq", host: "api.groq.com:443",
			client: openaiClient(openai.WithBaseURL("https://api.groq.com/openai/v1"), openai.WithModel("m")),
			reply: answer(`{"id":"chatcmpl-g","object":"chat.completion","model":"llama-3.3-70b-versatile","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},
				"finish_reason":"stop"}],"usage":{"queue_time":0.03,"prompt_tokens":18,"prompt_time":0.0009,"completion_tokens":556,"completion_time":0.46,
				"total_tokens":574,"total_time":0.46},"x_groq":{"id":"req_1"}}`),
			want: facts{in: 18, out: 556, finish: "stop"}, wire: facts{id: "chatcmpl-g", answeredBy: "llama-3.3-70b-versatile"},
		},
		{
			name: "deepseek thinking", source: "api-docs.deepseek.com/guides/reasoning_model", provider: "deepseek", host: "api.deepseek.com:443",
			client: openaiClient(openai.WithBaseURL("https://api.deepseek.com"), openai.WithModel("m")),
			reply: answer(`{"id":"d1","model":"deepseek-reasoner","choices":[{"index":0,"message":{"role":"assistant","content":"9.9","reasoning_content":"compare"},
				"finish_reason":"stop"}],"usage":{"prompt_tokens":17,"completion_tokens":360,"total_tokens":377,"prompt_tokens_details":{"cached_tokens":16},
				"completion_tokens_details":{"reasoning_tokens":300},"prompt_cache_hit_tokens":16,"prompt_cache_miss_tokens":1}}`),
			want: facts{in: 17, out: 360, cached: 16, reasoning: 300, finish: "stop"}, wire: facts{id: "d1", answeredBy: "deepseek-reasoner"},
		},
		{
			name: "xai thinking", reason: "completion_tokens leaves reasoning out, the total does not", source: "docs.x.ai/docs/guides/reasoning", provider: "x_ai", host: "api.x.ai:443",
			client: openaiClient(openai.WithBaseURL("https://api.x.ai/v1"), openai.WithModel("m")),
			reply: answer(`{"id":"x1","model":"grok-4-0709","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],
				"usage":{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"prompt_tokens_details":{"cached_tokens":6},"completion_tokens_details":{"reasoning_tokens":94}}}`),
			want: facts{in: 32, out: 103, cached: 6, reasoning: 94, finish: "stop"}, wire: facts{id: "x1", answeredBy: "grok-4-0709"},
		},
		{
			name: "stream without a finish reason", reason: "neither that nor usage, but the end marker came: the client cannot tell it from a stream that broke off", source: "openai/internal/openaiclient/chat.go:575",
			provider: "openai", client: openaiClient(openai.WithModel("m")),
			stream: true,
			reply:  sse(`{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"hi"}}]}`, "[DONE]"),
			want:   facts{incomplete: true}, wire: facts{id: "c", answeredBy: "m", complete: true},
		},
		{
			name: "openrouter stream", source: "openai/testdata/TestOpenRouterStreaming.httprr", provider: "openrouter", host: "openrouter.ai:443",
			reason: "the last chunk, with the usage, has a choice without a finish reason, and the client keeps that; it is complete all the same",
			client: openaiClient(openai.WithBaseURL("https://openrouter.ai/api/v1"), openai.WithModel("m")),
			stream: true,
			reply: sse(openaiRole, openaiLine(`"role":"assistant","content":"test response"`, "stop"),
				`{"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null,"native_finish_reason":null}],
					"usage":{"prompt_tokens":586,"completion_tokens":3,"total_tokens":589,"cost":0,"prompt_tokens_details":{"cached_tokens":0}}}`, "[DONE]").after(": OPENROUTER PROCESSING\n\n"),
			want: facts{in: 586, out: 3}, wire: facts{id: "chatcmpl-1", answeredBy: "gpt-4o-mini-2024-07-18", finish: "stop"},
		},
		{
			name: "a server of one's own", reason: "vLLM and the like: OpenAI by name, unless the program says otherwise", source: "docs.vllm.ai/en/latest/serving/openai_compatible_server.html",
			provider: "openai", client: openaiClient(openai.WithModel("m")),
			reply: answer(`{"id":"cmpl-1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi","reasoning_content":null,"tool_calls":[]},
				"finish_reason":"stop","stop_reason":null}],"usage":{"prompt_tokens":5,"total_tokens":12,"completion_tokens":7,"prompt_tokens_details":null}}`),
			want: facts{in: 5, out: 7, finish: "stop"}, wire: facts{id: "cmpl-1", answeredBy: "m"},
		},
	},
}

// matrixMaritaca has a fixed base URL, and tokens only without streaming.
var matrixMaritaca = matrixProvider{
	name: "maritaca", model: "sabia-3", host: "chat.maritaca.ai:443",
	client: func(t *testing.T, _ string, hc *http.Client) llms.Model {
		m, err := maritaca.New(maritaca.WithToken(matrixKey), maritaca.WithModel("sabia-3"), maritaca.WithHTTPClient(hc))
		require.NoError(t, err)
		return m
	},
	cases: []matrixCase{
		{
			name: "plain", source: "maritaca/internal/maritacaclient/types.go:52",
			reply: answer(`{"answer":"Oi","model":"sabia-3-2024-12-11","usage":{"completion_tokens":4,"prompt_tokens":12,"total_tokens":16}}`),
			want:  facts{in: 12, out: 4}, wire: facts{answeredBy: "sabia-3-2024-12-11"},
		},
		{
			name: "stream", reason: "it has neither tokens nor a finish reason; that is not truncation", source: "maritaca/maritacallm.go:129",
			stream: true,
			reply: reply{
				header: map[string]string{"Content-Type": "text/event-stream"},
				body:   "event: message\ndata: {\"text\":\"O\"}\n\nevent: message\ndata: {\"text\":\"i\"}\n\nevent: end\ndata: {}\n\n",
			},
		},
		{
			name: "stream truncated", reason: "without the end event the client forgets what it streamed, and calls it a success", source: "maritaca/maritacallm.go:129",
			stream: true,
			reply:  reply{header: map[string]string{"Content-Type": "text/event-stream"}, body: "event: message\ndata: {\"text\":\"O\"}\n\n"},
			want:   facts{incomplete: true},
		},
		{
			name: "model of the call", source: "maritaca/maritacallm.go:64",
			options: []llms.CallOption{llms.WithModel("other")},
			reply:   answer(`{"answer":"Oi","model":"other","usage":{"completion_tokens":4,"prompt_tokens":12,"total_tokens":16}}`),
			want:    facts{model: "other", in: 12, out: 4}, wire: facts{answeredBy: "other"},
		},
		{
			name: "error 429", source: "maritaca/internal/maritacaclient/maritacaclient.go:74",
			reply: refusal(429, `{"detail":"rate limit"}`), want: facts{errorType: "maritacaclient.StatusError"},
		},
		{
			name: "error 500 that is no JSON", source: "maritaca/internal/maritacaclient/maritacaclient.go:70",
			reply: refusal(500, `Internal Server Error`), want: facts{errorType: "*json.SyntaxError"},
		},
		{name: "time-out", source: "maritaca/internal/maritacaclient/maritacaclient.go:59", ends: context.DeadlineExceeded, want: facts{errorType: "timeout"}},
	},
}
