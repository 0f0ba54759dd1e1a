// SPDX-License-Identifier: Apache-2.0

package clients_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/googleai"
	"google.golang.org/api/option"
)

// geminiChunk is an answer or a part of one. Enums are numbers, as the client asks.
func geminiChunk(candidates, usage string) string {
	return `{"candidates":[` + candidates + `],"usageMetadata":{` + usage + `},"modelVersion":"gemini-2.0-flash-001","responseId":"WB-jaP3dOIP7nsEP"}`
}

// geminiStream is a JSON array, chunk by chunk.
func geminiStream(chunks ...string) reply {
	return answer("[" + strings.Join(chunks, "\n,\r\n") + "\n]\n")
}

func geminiText(text string) string {
	return `{"content":{"parts":[{"text":"` + text + `"}],"role":"model"}}`
}

const (
	geminiStop    = `{"content":{"parts":[{"text":"Hello"}],"role":"model"},"finishReason":1,"safetyRatings":[{"category":8,"probability":1}],"avgLogprobs":-0.05}`
	geminiTool    = `{"content":{"parts":[{"functionCall":{"name":"getWeather","args":{"location":"Boston"}}}],"role":"model"},"finishReason":1}`
	geminiUsage   = `"promptTokenCount":7,"candidatesTokenCount":9,"totalTokenCount":16`
	geminiBefore  = `"promptTokenCount":9,"totalTokenCount":9`
	geminiAfter   = `"promptTokenCount":8,"candidatesTokenCount":578,"totalTokenCount":586`
	geminiRefusal = `{"error":{"code":0,"message":"it says why","status":"SOME_STATUS"}}`
)

var geminiWire = facts{id: "WB-jaP3dOIP7nsEP", answeredBy: "gemini-2.0-flash-001"}

// geminiCounted is what the last chunk of a stream says.
var geminiCounted = facts{id: "WB-jaP3dOIP7nsEP", answeredBy: "gemini-2.0-flash-001", in: 8, out: 578}

var matrixGoogleAI = matrixProvider{
	name: "gcp.gemini", model: "gemini-2.0-flash", hidesServer: true,
	// A client for each call: its GenerateContent writes to the client (googleai/googleai.go:64).
	client: func(t *testing.T, url string, hc *http.Client) llms.Model {
		m, err := googleai.New(t.Context(), googleai.WithAPIKey(matrixKey), googleai.WithRest(), googleai.WithHTTPClient(hc), func(o *googleai.Options) {
			o.ClientOptions = append(o.ClientOptions, option.WithEndpoint(url))
		})
		require.NoError(t, err)
		t.Cleanup(func() { _ = m.Close() })
		return m
	},
	cases: []matrixCase{
		{
			name: "plain", source: "googleai/testdata/TestGoogleAIGenerateContent.httprr",
			reply: answer(geminiChunk(geminiStop, geminiUsage)),
			want:  facts{in: 7, out: 9, finish: "stop"}, wire: geminiWire,
		},
		{
			name: "conversation", reason: "more than one message is sent as a stream, and the SDK keeps the first chunk's usage", source: "googleai/googleai.go:340, generative-ai-go genai/client.go:376",
			messages: []llms.MessageContent{
				llms.TextParts(llms.ChatMessageTypeSystem, "be brief"), llms.TextParts(llms.ChatMessageTypeHuman, "I am Alice"),
				llms.TextParts(llms.ChatMessageTypeAI, "Hi"), llms.TextParts(llms.ChatMessageTypeHuman, "who am I?"),
			},
			reply: geminiStream(geminiChunk(geminiText("Your"), geminiBefore), geminiChunk(geminiStop, geminiAfter)),
			want:  facts{in: 9, finish: "stop"}, wire: geminiCounted,
		},
		{
			name: "stream", reason: "the SDK keeps the first chunk's usage, which has no output yet", source: "googleai/testdata/TestGoogleAIWithStreaming.httprr, generative-ai-go genai/client.go:376",
			stream: true,
			reply:  geminiStream(geminiChunk(geminiText("C"), geminiBefore), geminiChunk(geminiText("lementine"), geminiBefore), geminiChunk(geminiStop, geminiAfter)),
			want:   facts{in: 9, finish: "stop"}, wire: geminiCounted,
		},
		{
			name: "tools", reason: "a tool call ends like any answer", source: "googleai/testdata/TestGoogleAIWithTools.httprr",
			options: []llms.CallOption{weather},
			reply:   answer(geminiChunk(geminiTool, geminiUsage)),
			want:    facts{in: 7, out: 9, finish: "stop"}, wire: geminiWire,
		},
		{
			name: "stream tools", reason: "only text makes a chunk", source: "googleai/googleai.go:393",
			stream: true, options: []llms.CallOption{weather},
			reply: geminiStream(geminiChunk(geminiTool, geminiAfter)),
			want:  facts{in: 8, out: 578, finish: "stop"}, wire: geminiWire,
		},
		{
			name: "several choices", reason: "each candidate repeats the usage of the request", source: "googleai/googleai.go:174",
			options: []llms.CallOption{llms.WithCandidateCount(2)},
			reply:   answer(geminiChunk(geminiStop+`,{"content":{"parts":[{"text":"Hi"}],"role":"model"},"finishReason":2,"index":1}`, geminiUsage)),
			want:    facts{in: 7, out: 9, finish: "stop length"}, wire: geminiWire,
		},
		{
			name: "thinking", reason: "the SDK does not know thoughtsTokenCount, but the total counts them; they are output that candidatesTokenCount leaves out", source: "ai.google.dev/gemini-api/docs/thinking#pricing",
			options: []llms.CallOption{llms.WithModel("gemini-2.5-flash")},
			reply:   answer(geminiChunk(geminiStop, `"promptTokenCount":7,"candidatesTokenCount":9,"totalTokenCount":116,"thoughtsTokenCount":100`)),
			want:    facts{model: "gemini-2.5-flash", in: 7, out: 109, reasoning: 100, finish: "stop"}, wire: geminiWire,
		},
		{
			name: "a finish reason newer than the SDK", reason: "it prints as FinishReason(8)", source: "ai.google.dev/api/generate-content#FinishReason",
			reply: answer(geminiChunk(`{"content":{"parts":[{"text":"Hel"}],"role":"model"},"finishReason":8}`, geminiUsage)),
			want:  facts{in: 7, out: 9, finish: "content_filter"}, wire: geminiWire,
		},
		{
			name: "cached", reason: "cached tokens are part of the prompt", source: "googleai/googleai.go:187",
			options: []llms.CallOption{googleai.WithCachedContent("cachedContents/c1")},
			reply:   answer(geminiChunk(geminiStop, `"promptTokenCount":2007,"candidatesTokenCount":9,"totalTokenCount":2016,"cachedContentTokenCount":2000`)),
			want:    facts{in: 2007, out: 9, cached: 2000, finish: "stop"}, wire: geminiWire,
		},
		{
			name: "stream cached", source: "generative-ai-go genai/client.go:376",
			stream: true,
			reply: geminiStream(geminiChunk(geminiText("C"), geminiBefore),
				geminiChunk(geminiStop, `"promptTokenCount":2007,"candidatesTokenCount":9,"totalTokenCount":2016,"cachedContentTokenCount":2000`)),
			want: facts{in: 9, finish: "stop"},
			wire: facts{id: "WB-jaP3dOIP7nsEP", answeredBy: "gemini-2.0-flash-001", in: 2007, out: 9, cached: 2000},
		},
		{
			name: "no usage", source: "googleai/googleai.go:174",
			reply: answer(`{"candidates":[` + geminiStop + `],"modelVersion":"gemini-2.0-flash-001","responseId":"WB-jaP3dOIP7nsEP"}`),
			want:  facts{finish: "stop"}, wire: geminiWire,
		},
		{
			name: "blocked", reason: "the SDK makes an error of a finish reason, and the answer is lost", source: "generative-ai-go genai/client.go:291",
			reply: answer(geminiChunk(`{"finishReason":3,"safetyRatings":[{"category":8,"probability":4,"blocked":true}]}`, geminiUsage)),
			want:  facts{errorType: "*genai.BlockedError"},
			wire:  facts{id: "WB-jaP3dOIP7nsEP", answeredBy: "gemini-2.0-flash-001", in: 7, out: 9, finish: "content_filter"},
		},
		{
			name: "prompt blocked", source: "generative-ai-go genai/client.go:284",
			reply: answer(`{"promptFeedback":{"blockReason":1},"usageMetadata":{"promptTokenCount":7,"totalTokenCount":7}}`),
			want:  facts{errorType: "*genai.BlockedError"}, wire: facts{in: 7},
		},
		{
			name: "model of the call", reason: "it stays in the client for the calls after", source: "googleai/googleai.go:64",
			options: []llms.CallOption{llms.WithModel("other")},
			reply:   answer(geminiChunk(geminiStop, geminiUsage)),
			want:    facts{model: "other", in: 7, out: 9, finish: "stop"}, wire: geminiWire,
		},
		{
			name: "no candidates", source: "googleai/googleai.go:302",
			reply: answer(geminiChunk("", geminiUsage)),
			want:  facts{errorType: "_OTHER"}, wire: facts{id: "WB-jaP3dOIP7nsEP", answeredBy: "gemini-2.0-flash-001", in: 7, out: 9},
		},
		{
			name: "error 400", reason: "the status stands in the text and in a type of the SDK's", source: "google.golang.org/api googleapi/googleapi.go:99",
			reply: refusal(400, geminiRefusal), want: facts{errorType: "400"},
		},
		{name: "error 401", source: "google.golang.org/api googleapi/googleapi.go:99", reply: refusal(401, geminiRefusal), want: facts{errorType: "401"}},
		{
			name: "error 403", source: "googleai/testdata/TestGoogleAIErrorHandling.httprr",
			reply: refusal(403, `{"error":{"code":403,"message":"Method doesn't allow unregistered callers.","status":"PERMISSION_DENIED"}}`),
			want:  facts{errorType: "403"},
		},
		{name: "error 429", source: "google.golang.org/api googleapi/googleapi.go:99", reply: refusal(429, geminiRefusal), want: facts{errorType: "429"}},
		{name: "error 500", source: "google.golang.org/api googleapi/googleapi.go:99", reply: refusal(500, geminiRefusal), want: facts{errorType: "500"}},
		{
			name: "error 500 without a body", source: "google.golang.org/api googleapi/googleapi.go:99",
			reply: refusal(500, ""), want: facts{errorType: "500"},
		},
		{name: "stream error 429", source: "google.golang.org/api googleapi/googleapi.go:99", stream: true, reply: refusal(429, geminiRefusal), want: facts{errorType: "429"}},
		{name: "time-out", source: "googleai/googleai.go:297", ends: context.DeadlineExceeded, want: facts{errorType: "timeout"}},
		{name: "cancelled", source: "googleai/googleai.go:297", ends: context.Canceled, want: facts{errorType: "canceled"}},
		{
			name: "truncated", source: "googleai/googleai.go:297",
			reply: reply{body: `{"candidates":[`, cut: true}, partial: true,
			want: facts{errorType: "_OTHER"},
		},
		{
			name: "stream truncated", reason: "the array's end is not waited for, and the client calls it a success", source: "gax-go/v2 proto_json_stream.go:106",
			stream: true,
			reply:  answer("[" + geminiChunk(geminiText("C"), geminiBefore) + ",\r\n"),
			want:   facts{in: 9, incomplete: true}, wire: geminiWire,
		},
		{
			name: "stream cut", source: "gax-go/v2 proto_json_stream.go:106",
			stream: true,
			reply:  answer("[" + geminiChunk(geminiText("C"), geminiBefore) + ",\r\n").thenCut(), partial: true,
			want: facts{errorType: "_OTHER"},
		},
		{
			name: "stream without a finish reason", reason: "a candidate whose end is not told", source: "googleai/googleai.go:387",
			stream: true,
			reply:  geminiStream(geminiChunk(geminiText("C"), geminiBefore)),
			want:   facts{in: 9, incomplete: true}, wire: geminiWire,
		},
		{
			name: "stream empty", reason: "the client panics, and so do we", source: "googleai/googleai.go:401",
			stream: true, panics: true,
			reply: geminiStream(), want: facts{errorType: "panic"},
		},
		{
			name: "stream stopped by the caller", reason: "the client takes it for the end of a success", source: "googleai/googleai.go:394",
			stream: true, first: failing,
			reply: geminiStream(geminiChunk(geminiText("C"), geminiBefore), geminiChunk(geminiStop, geminiAfter)), partial: true,
			want: facts{in: 9, incomplete: true},
		},
		{
			name: "stream cancelled", source: "gax-go/v2 proto_json_stream.go:106",
			stream: true, first: cancelling, ends: context.Canceled,
			reply: answer("[" + geminiChunk(geminiText("C"), geminiBefore) + ",\r\n").thenHold(), partial: true,
			want: facts{errorType: "canceled"},
		},
	},
}
