// SPDX-License-Identifier: Apache-2.0

package clients_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/cloudflare"
	"github.com/tmc/langchaingo/llms/llamafile"
)

const (
	llamaHel  = `{"content":"Hel","multimodal":false,"slot_id":0,"stop":false}`
	llamaLo   = `{"content":"lo","multimodal":false,"slot_id":0,"stop":false}`
	llamaDone = `"model":"mistral-7b-instruct-v0.2.Q4_0.gguf","prompt":"<s>[INST]USER: hello\n[/INST]</s>","slot_id":0,"stop":true,"stopped_eos":true,
		"stopped_limit":false,"stopped_word":false,"stopping_word":"","timings":{"predicted_n":9,"prompt_n":21},"tokens_cached":29,"tokens_evaluated":21,
		"tokens_predicted":9,"truncated":false}`
)

var llamaWire = facts{answeredBy: "mistral-7b-instruct-v0.2.Q4_0.gguf", in: 21, out: 9, finish: "stop"}

// llamaAnswer is a line: the client reads no other JSON.
func llamaAnswer(content string) reply {
	return answer(oneLine(`{"content":"` + content + `",` + llamaDone))
}

var matrixLlamafile = matrixProvider{
	name: "llamafile", model: noModel, host: "127.0.0.1:8080",
	client: func(t *testing.T, _ string, _ *http.Client) llms.Model {
		m, err := llamafile.New(llamafile.WithModel("ignored"))
		require.NoError(t, err)
		return m
	},
	cases: []matrixCase{
		{
			name: "plain", reason: "the client's own model is never sent, and the counts are not passed on", source: "llamafile/llamafilellm.go:97",
			reply: llamaAnswer("Hello"), wire: llamaWire,
		},
		{
			name: "stream", reason: "it has no finish reason; that is not truncation", source: "llamafile/internal/llamafileclient/llamafileclient.go:186",
			stream: true,
			reply:  sse(llamaHel, llamaLo, `{"content":"",`+llamaDone), wire: llamaWire,
		},
		{
			name: "model of the call", reason: "sent as it is", source: "llamafile/llamafilellm.go:171",
			options: []llms.CallOption{llms.WithModel("other")},
			reply:   llamaAnswer("Hello"),
			want:    facts{model: "other"}, wire: llamaWire,
		},
		{
			name: "error 400", source: "llamafile/internal/llamafileclient/llamafileclient.go:211",
			reply: refusal(400, `{"error":"it says why"}`), want: facts{errorType: "_OTHER"},
		},
		{
			name: "error 401", reason: "an error that is an object is not the string the client expects", source: "github.com/ggml-org/llama.cpp tools/server/README.md",
			reply: refusal(401, `{"error":{"message":"Invalid API Key","type":"authentication_error","code":401}}`), want: facts{errorType: "*json.UnmarshalTypeError"},
		},
		{
			name: "error 429", source: "llamafile/internal/llamafileclient/llamafileclient.go:214",
			reply: refusal(429, `{}`), want: facts{errorType: "llamafileclient.StatusError"},
		},
		{
			name: "error 500 that is no JSON", source: "llamafile/internal/llamafileclient/llamafileclient.go:298",
			reply: refusal(500, "Internal Server Error"), want: facts{errorType: "_OTHER"},
		},
		{
			name: "error 500 without a body", reason: "the client calls it a success, and never has tokens: only the wire knows", source: "llamafile/internal/llamafileclient/llamafileclient.go:186",
			reply: refusal(500, ""), wire: facts{incomplete: true},
		},
		{name: "time-out", source: "llamafile/internal/llamafileclient/llamafileclient.go:172", ends: context.DeadlineExceeded, want: facts{errorType: "timeout"}},
		{name: "cancelled", source: "llamafile/internal/llamafileclient/llamafileclient.go:172", ends: context.Canceled, want: facts{errorType: "canceled"}},
		{
			name: "truncated", source: "llamafile/internal/llamafileclient/llamafileclient.go:298",
			reply: reply{body: `{"content":"Hel`, cut: true}, partial: true, want: facts{errorType: "_OTHER"},
		},
		{
			name: "stream cut", source: "llamafile/internal/llamafileclient/llamafileclient.go:191",
			stream: true,
			reply:  sse(llamaHel).thenCut(), partial: true, want: facts{errorType: "_OTHER"},
		},
		{
			name: "stream stopped by the caller", source: "llamafile/llamafilellm.go:102",
			stream: true, first: failing,
			reply: sse(llamaHel, llamaLo), partial: true, want: facts{errorType: "clients_test.enough"},
		},
		{
			name: "stream cancelled", source: "llamafile/internal/llamafileclient/llamafileclient.go:191",
			stream: true, first: cancelling, ends: context.Canceled,
			reply: sse(llamaHel).thenHold(), partial: true, want: facts{errorType: "canceled"},
		},
	},
}

const (
	cloudflareAnswer = `{"result":{"response":"Hello!","tool_calls":[],"usage":{"prompt_tokens":17,"completion_tokens":29,"total_tokens":46}},
	"success":true,"errors":[],"messages":[]}`
	cloudflareRefusal = `{"success":false,"errors":[{"code":10000,"message":"it says why"}],"messages":[],"result":null}`
)

var cloudflareStream = sse(`{"response":"Hel","p":"abdefghijk"}`, `{"response":"lo","p":"abdef"}`,
	`{"response":"","usage":{"prompt_tokens":17,"completion_tokens":29,"total_tokens":46}}`, "[DONE]")

var matrixCloudflare = matrixProvider{
	name: "cloudflare", model: "@cf/meta/llama-3.1-8b-instruct",
	client: func(t *testing.T, url string, hc *http.Client) llms.Model {
		m, err := cloudflare.New(cloudflare.WithToken("t"), cloudflare.WithAccountID("a"), cloudflare.WithServerURL(url),
			cloudflare.WithModel("@cf/meta/llama-3.1-8b-instruct"), cloudflare.WithHTTPClient(hc))
		require.NoError(t, err)
		return m
	},
	cases: []matrixCase{
		{
			name: "plain", reason: "the client reads nothing but the text", source: "developers.cloudflare.com/workers-ai/models/llama-3.1-8b-instruct",
			reply: answer(cloudflareAnswer), wire: facts{in: 17, out: 29},
		},
		{
			name: "stream", reason: "the chunks are raw JSON, and the answer is always empty; that is not truncation", source: "cloudflare/internal/cloudflareclient/api.go:139",
			stream: true,
			reply:  cloudflareStream, wire: facts{in: 17, out: 29},
		},
		{
			name: "model of the call", reason: "the model is part of the client's URL", source: "cloudflare/internal/cloudflareclient/client.go:31",
			options: []llms.CallOption{llms.WithModel("other"), weather},
			reply:   answer(cloudflareAnswer),
			want:    facts{model: "@cf/meta/llama-3.1-8b-instruct"}, wire: facts{in: 17, out: 29},
		},
		{
			name: "error beside 200", source: "cloudflare/cloudflarellm.go:127",
			reply: answer(cloudflareRefusal), want: facts{errorType: "_OTHER"},
		},
		{
			name: "error 400", reason: "the error is the body", source: "cloudflare/internal/cloudflareclient/api.go:85",
			reply: refusal(400, cloudflareRefusal), want: facts{errorType: "_OTHER"},
		},
		{name: "error 401", source: "cloudflare/internal/cloudflareclient/api.go:85", reply: refusal(401, cloudflareRefusal), want: facts{errorType: "_OTHER"}},
		{name: "error 429", source: "cloudflare/internal/cloudflareclient/api.go:85", reply: refusal(429, cloudflareRefusal), want: facts{errorType: "_OTHER"}},
		{name: "error 500", source: "cloudflare/internal/cloudflareclient/api.go:85", reply: refusal(500, ""), want: facts{errorType: "_OTHER"}},
		{
			name: "stream error 429", reason: "the client throws the line with the message away and takes the rest of the body, which is empty", source: "cloudflare/internal/cloudflareclient/api.go:122",
			stream: true, reply: refusal(429, cloudflareRefusal), want: facts{errorType: "_OTHER"},
		},
		{
			name: "stream error 500 without a body", reason: "the client calls it a success, like any other stream: only the wire knows", source: "cloudflare/internal/cloudflareclient/api.go:101",
			stream: true, reply: refusal(500, ""), wire: facts{incomplete: true},
		},
		{name: "time-out", source: "cloudflare/internal/cloudflareclient/api.go:70", ends: context.DeadlineExceeded, want: facts{errorType: "timeout"}},
		{name: "cancelled", source: "cloudflare/internal/cloudflareclient/api.go:70", ends: context.Canceled, want: facts{errorType: "canceled"}},
		{
			name: "truncated", source: "cloudflare/internal/cloudflareclient/api.go:79",
			reply: reply{body: `{"result":{"resp`, cut: true}, partial: true, want: facts{errorType: "_OTHER"},
		},
		{
			name: "stream stopped by the caller", source: "cloudflare/internal/cloudflareclient/api.go:134",
			stream: true, first: failing,
			reply: cloudflareStream, partial: true, want: facts{errorType: "clients_test.enough"},
		},
	},
}
