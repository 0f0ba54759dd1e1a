// SPDX-License-Identifier: Apache-2.0

package clients_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/cohere"
	"github.com/tmc/langchaingo/llms/huggingface"
)

// cohereOnce is one client for all: to make one takes 150 ms, for a tokenizer.
var cohereOnce = sync.OnceValues(func() (*cohere.LLM, error) {
	return cohere.New(cohere.WithToken(matrixKey), cohere.WithModel("command"), cohere.WithBaseURL("http://cohere.test"))
})

const (
	cohereAnswer = `{"id":"4d735daf","generations":[{"id":"7c0e0bab","text":" Hi!","finish_reason":"COMPLETE"}],"prompt":"hello",
	"meta":{"api_version":{"version":"1"},"warnings":["Generate API is deprecated"],"billed_units":{"input_tokens":5,"output_tokens":76}}}`
	cohereRefusal = `{"id":"4d735daf","message":"it says why"}`
)

var matrixCohere = matrixProvider{
	name: "cohere", model: "command", host: "cohere.test:80",
	client: func(t *testing.T, _ string, _ *http.Client) llms.Model {
		m, err := cohereOnce()
		require.NoError(t, err)
		return m
	},
	cases: []matrixCase{
		{
			name: "plain", reason: "the client reads nothing but the text", source: "cohere/testdata/TestGenerateContent.httprr",
			reply: answer(cohereAnswer), wire: facts{id: "4d735daf", in: 5, out: 76, finish: "stop"},
		},
		{
			name: "Call", source: "cohere/coherellm.go:27",
			call:  true,
			reply: answer(cohereAnswer), wire: facts{id: "4d735daf", in: 5, out: 76, finish: "stop"},
		},
		{
			name: "stream", reason: "it never streams", source: "cohere/coherellm.go:46",
			stream: true,
			reply:  answer(cohereAnswer), wire: facts{id: "4d735daf", in: 5, out: 76, finish: "stop"},
		},
		{
			name: "model of the call", reason: "the client ignores all options", source: "cohere/coherellm.go:46",
			options: []llms.CallOption{llms.WithModel("other"), weather, llms.WithN(2)},
			reply:   answer(cohereAnswer),
			want:    facts{model: "command"}, wire: facts{id: "4d735daf", in: 5, out: 76, finish: "stop"},
		},
		{
			name: "cut short", source: "docs.cohere.com/v1/reference/generate",
			reply: answer(`{"id":"4d735daf","generations":[{"id":"7c0e0bab","text":" Hi","finish_reason":"MAX_TOKENS"}],"meta":{"billed_units":{"input_tokens":5,"output_tokens":20}}}`),
			wire:  facts{id: "4d735daf", in: 5, out: 20, finish: "length"},
		},
		{
			name: "error 400", reason: "the client does not look at the status: all that it says is \"empty response\"", source: "cohere/internal/cohereclient/cohereclient.go:129",
			reply: refusal(400, cohereRefusal), want: facts{errorType: "_OTHER"},
		},
		{name: "error 401", source: "cohere/internal/cohereclient/cohereclient.go:129", reply: refusal(401, cohereRefusal), want: facts{errorType: "_OTHER"}},
		{
			name: "error 404", source: "cohere/internal/cohereclient/cohereclient.go:130",
			reply: refusal(404, `{"message":"model not found, make sure the correct model ID was used"}`), want: facts{errorType: "_OTHER"},
		},
		{name: "error 429", source: "cohere/internal/cohereclient/cohereclient.go:129", reply: refusal(429, cohereRefusal), want: facts{errorType: "_OTHER"}},
		{name: "error 500", source: "cohere/internal/cohereclient/cohereclient.go:129", reply: refusal(500, cohereRefusal), want: facts{errorType: "_OTHER"}},
		{
			name: "error 502 of a gateway", source: "cohere/internal/cohereclient/cohereclient.go:125",
			reply: refusal(502, "<html>Bad Gateway</html>"), want: facts{errorType: "*json.SyntaxError"},
		},
		{name: "time-out", source: "cohere/internal/cohereclient/cohereclient.go:118", ends: context.DeadlineExceeded, want: facts{errorType: "timeout"}},
		{name: "cancelled", source: "cohere/internal/cohereclient/cohereclient.go:118", ends: context.Canceled, want: facts{errorType: "canceled"}},
		{
			name: "truncated", source: "cohere/internal/cohereclient/cohereclient.go:125",
			reply: reply{body: `{"id":"4d735daf","generations":[`, cut: true}, partial: true, want: facts{errorType: "_OTHER"},
		},
	},
}

const huggingFaceAnswer = `[{"generated_text":"hello, I am a language model"}]`

func huggingFaceClient(more ...huggingface.Option) func(*testing.T, string, *http.Client) llms.Model {
	return func(t *testing.T, url string, hc *http.Client) llms.Model {
		m, err := huggingface.New(append([]huggingface.Option{
			huggingface.WithToken("hf_test"), huggingface.WithURL(url), huggingface.WithModel("HuggingFaceH4/zephyr-7b-beta"), huggingface.WithHTTPClient(hc),
		}, more...)...)
		require.NoError(t, err)
		return m
	}
}

var matrixHuggingFace = matrixProvider{
	name: "huggingface", model: "HuggingFaceH4/zephyr-7b-beta", client: huggingFaceClient(),
	cases: []matrixCase{
		{
			name: "plain", reason: "the wire has nothing but the text", source: "huggingface/internal/huggingfaceclient/inference.go:66",
			reply: answer(huggingFaceAnswer),
		},
		{
			name: "stream", reason: "it never streams", source: "huggingface/huggingfacellm.go:48",
			stream: true, reply: answer(huggingFaceAnswer),
		},
		{
			name: "inference provider", reason: "a chat completion of which the client keeps the text", source: "huggingface/testdata/TestHuggingFaceLLMWithProvider.httprr",
			host: "router.huggingface.co:443", client: huggingFaceClient(huggingface.WithInferenceProvider("hyperbolic")),
			reply: answer(`{"id":"chatcmpl-pd6","object":"chat.completion","created":1755520620,"model":"deepseek-ai/DeepSeek-R1-0528","choices":[{"index":0,
				"message":{"role":"assistant","content":"<think>Okay","tool_calls":[]},"finish_reason":"length","logprobs":null}],
				"usage":{"prompt_tokens":13,"total_tokens":63,"completion_tokens":50}}`),
			wire: facts{id: "chatcmpl-pd6", answeredBy: "deepseek-ai/DeepSeek-R1-0528", in: 13, out: 50, finish: "length"},
		},
		{
			name: "model of the call", reason: "the client sends its own", source: "huggingface/huggingfacellm.go:49",
			options: []llms.CallOption{llms.WithModel("other")},
			reply:   answer(huggingFaceAnswer), want: facts{model: "HuggingFaceH4/zephyr-7b-beta"},
		},
		{
			name: "no model set up", source: "huggingface/huggingfacellm_option.go:15",
			client: func(t *testing.T, url string, hc *http.Client) llms.Model {
				m, err := huggingface.New(huggingface.WithToken("hf_test"), huggingface.WithURL(url), huggingface.WithHTTPClient(hc))
				require.NoError(t, err)
				return m
			},
			reply: answer(huggingFaceAnswer), want: facts{model: "gpt2"},
		},
		{
			name: "error 400", reason: "the status stands in the text", source: "huggingface/internal/huggingfaceclient/inference.go:113",
			reply: refusal(400, `{"error":"it says why"}`), want: facts{errorType: "400"},
		},
		{name: "error 401", source: "huggingface/internal/huggingfaceclient/inference.go:113", reply: refusal(401, `{"error":"it says why"}`), want: facts{errorType: "401"}},
		{name: "error 404", source: "huggingface/testdata/TestHuggingFaceLLMStandardInference.httprr", reply: refusal(404, `Not Found`), want: facts{errorType: "404"}},
		{name: "error 429", source: "huggingface/internal/huggingfaceclient/inference.go:113", reply: refusal(429, `{"error":"it says why"}`), want: facts{errorType: "429"}},
		{
			name: "error 500 without a body", source: "huggingface/internal/huggingfaceclient/inference.go:115",
			reply: refusal(500, ""), want: facts{errorType: "500"},
		},
		{
			name: "inference provider error 500", source: "huggingface/internal/huggingfaceclient/inference.go:188",
			host: "router.huggingface.co:443", client: huggingFaceClient(huggingface.WithInferenceProvider("hyperbolic")),
			reply: refusal(500, `{"error":{"message":"it says why"}}`), want: facts{errorType: "500"},
		},
		{name: "time-out", source: "huggingface/internal/huggingfaceclient/inference.go:100", ends: context.DeadlineExceeded, want: facts{errorType: "timeout"}},
		{name: "cancelled", source: "huggingface/internal/huggingfaceclient/inference.go:100", ends: context.Canceled, want: facts{errorType: "canceled"}},
		{
			name: "truncated", source: "huggingface/internal/huggingfaceclient/inference.go:128",
			reply: reply{body: `[{"generated_text":"hel`, cut: true}, partial: true, want: facts{errorType: "_OTHER"},
		},
	},
}
