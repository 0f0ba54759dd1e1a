// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/anthropic"
	"github.com/tmc/langchaingo/llms/ollama"
	"github.com/tmc/langchaingo/llms/openai"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/models"
)

func openaiClient(t *testing.T, url string) llms.Model {
	m, err := openai.New(openai.WithToken("sk-test"), openai.WithBaseURL(url), openai.WithModel("gpt-4o-mini"))
	require.NoError(t, err)
	return m
}

func anthropicClient(t *testing.T, url string) llms.Model {
	m, err := anthropic.New(anthropic.WithToken("key"), anthropic.WithBaseURL(url), anthropic.WithModel("claude-3-5-haiku-latest"))
	require.NoError(t, err)
	return m
}

func ollamaClient(t *testing.T, url string) llms.Model {
	m, err := ollama.New(ollama.WithServerURL(url), ollama.WithModel("llama3.2"))
	require.NoError(t, err)
	return m
}

const openaiStream = `data: {"id":"c1","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}

data: {"id":"c1","choices":[{"index":0,"delta":{"content":"hel"}}]}

data: {"id":"c1","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}

data: {"id":"c1","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}}

data: [DONE]

`

// The real clients of langchaingo against servers on loopback that speak their
// wire format.
func TestRealClients(t *testing.T) {
	for _, tc := range []struct {
		name, reason string
		client       func(*testing.T, string) llms.Model
		status       int
		body         string
		stream       bool
		want         map[attribute.Key]string
	}{
		{
			"openai", "usage with cached and reasoning tokens", openaiClient, 200,
			`{"choices":[{"index":0,"finish_reason":"length","message":{"role":"assistant","content":"hi"}}],"usage":{"prompt_tokens":11,
			"completion_tokens":5,"total_tokens":16,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":3}}}`, false,
			map[attribute.Key]string{
				semconv.ProviderName: "openai", semconv.RequestModel: "gpt-4o-mini", semconv.UsageInputTokens: "11", semconv.UsageOutputTokens: "5",
				semconv.UsageCacheRead: "4", semconv.UsageReasoning: "3", semconv.ResponseFinishReasons: `["length"]`, semconv.ErrorType: "",
			},
		},
		{
			"openai two choices", "usage is repeated in every choice, and must not be summed", openaiClient, 200,
			`{"choices":[{"index":0,"finish_reason":"stop","message":{"content":"a"}},{"index":1,"finish_reason":"tool_calls","message":{"content":"b"}}],
			"usage":{"prompt_tokens":11,"completion_tokens":5,"total_tokens":16}}`, false,
			map[attribute.Key]string{semconv.UsageInputTokens: "11", semconv.UsageOutputTokens: "5", semconv.ResponseFinishReasons: `["stop","tool_call"]`},
		},
		{
			"openai stream", "the client asks for usage in the stream by itself", openaiClient, 200, openaiStream, true,
			map[attribute.Key]string{semconv.UsageInputTokens: "7", semconv.UsageOutputTokens: "2", semconv.RequestStream: "true", semconv.ResponseFinishReasons: `["stop"]`},
		},
		{
			"openai no usage", "zeros mean unknown: no token attribute at all", openaiClient, 200,
			`{"choices":[{"index":0,"finish_reason":"stop","message":{"content":"a"}}]}`, false,
			map[attribute.Key]string{semconv.UsageInputTokens: "", semconv.UsageOutputTokens: ""},
		},
		{
			"openai rate limit", "the status stands only in the text", openaiClient, 429, `{"error":{"message":"slow down"}}`, false,
			map[attribute.Key]string{semconv.ErrorType: "429", semconv.UsageInputTokens: ""},
		},
		{
			"anthropic", "a choice per content block repeats the usage; cached tokens are reported apart and belong to the input", anthropicClient, 200,
			`{"id":"m1","type":"message","role":"assistant","model":"claude-3-5-haiku-20241022","stop_reason":"tool_use","content":[{"type":"text","text":"a"},
			{"type":"tool_use","id":"t1","name":"f","input":{}}],"usage":{"input_tokens":10,"output_tokens":4,"cache_read_input_tokens":100,"cache_creation_input_tokens":20}}`, false,
			map[attribute.Key]string{
				semconv.ProviderName: "anthropic", semconv.RequestModel: "claude-3-5-haiku-latest", semconv.UsageInputTokens: "130", semconv.UsageOutputTokens: "4",
				semconv.UsageCacheRead: "100", semconv.UsageCacheCreation: "20",
			},
		},
		{
			"anthropic unauthorised", "", anthropicClient, 401, `{"type":"error","error":{"type":"authentication_error","message":"no"}}`, false,
			map[attribute.Key]string{semconv.ErrorType: "401"},
		},
		{
			"ollama", "it has no stop reason", ollamaClient, 200,
			`{"model":"llama3.2","message":{"role":"assistant","content":"hi"},"done":true,"prompt_eval_count":6,"eval_count":3}`, false,
			map[attribute.Key]string{
				semconv.ProviderName: "ollama", semconv.RequestModel: "llama3.2", semconv.UsageInputTokens: "6", semconv.UsageOutputTokens: "3",
				semconv.ServerAddress: "127.0.0.1", semconv.ResponseFinishReasons: "",
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var bodies []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				bodies = append(bodies, string(body))
				if tc.stream {
					w.Header().Set("Content-Type", "text/event-stream")
				}
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			}))
			t.Cleanup(server.Close)
			k := oteltest.New(t)
			call := func(m llms.Model) (*llms.ContentResponse, error) {
				opts := []llms.CallOption{llms.WithMaxTokens(64)}
				if tc.stream {
					opts = append(opts, llms.WithStreamingFunc(func(context.Context, []byte) error { return nil }))
				}
				return m.GenerateContent(t.Context(), prompt, opts...)
			}
			want, wantErr := call(tc.client(t, server.URL))
			got, err := call(models.Wrap(tc.client(t, server.URL), k.Handler))
			assert.Equal(t, want, got, tc.reason)
			assert.Equal(t, wantErr, err, tc.reason)
			require.Len(t, bodies, 2)
			assert.Equal(t, bodies[0], bodies[1], "the server receives the same bytes with us")
			require.Len(t, k.Spans.Spans(), 1)
			for key, value := range tc.want {
				assert.Equal(t, value, oteltest.Value(k.Spans.Spans()[0], key), "%s: %s", key, tc.reason)
			}
			if tc.status != http.StatusOK {
				assert.True(t, strings.HasPrefix(k.Spans.Spans()[0].Name(), "chat "))
			}
		})
	}
}
