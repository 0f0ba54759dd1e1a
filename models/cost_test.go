// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms/anthropic"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/models"
)

// 100,000 tokens written to a cache: $0.375 for five minutes, $0.60 for an hour.
func TestCostOfAPromptCache(t *testing.T) {
	for parts, want := range map[string]string{
		`{"ephemeral_5m_input_tokens":100000,"ephemeral_1h_input_tokens":0}`:    "0.375",
		`{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":100000}`:    "0.6",
		`{"ephemeral_5m_input_tokens":60000,"ephemeral_1h_input_tokens":40000}`: "0.465",
	} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929",
				"content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn",
				"usage":{"input_tokens":0,"cache_creation_input_tokens":100000,"cache_read_input_tokens":0,"output_tokens":0,"cache_creation":`+parts+`}}`)
		})
		client, err := anthropic.New(anthropic.WithToken("key"), anthropic.WithModel("claude-sonnet-4-5"), anthropic.WithBaseURL(server.URL),
			anthropic.WithHTTPClient(&http.Client{Transport: models.NewTransport(nil)}))
		require.NoError(t, err)
		k := oteltest.New(t)
		_, err = models.Wrap(client, k.Handler).GenerateContent(t.Context(), prompt)
		require.NoError(t, err)
		assert.Equal(t, want, oteltest.Value(k.Span(t, "chat claude-sonnet-4-5"), semconv.UsageCost), parts)
	}
}

// OpenAI's client drops what was written to the cache, which costs more than input.
func TestCacheWritesOfOpenAI(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"c","model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"x"}}],
			"usage":{"prompt_tokens":25612,"completion_tokens":14,"total_tokens":25626,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":25600}}}`)
	})
	prices, err := metrics.NewPrices(metrics.Price{Model: "m", Input: 1, Output: 10, CacheCreation: 2})
	require.NoError(t, err)
	k := oteltest.New(t, callbacks.WithPrices(prices))
	_, err = models.Wrap(openaiAt(t, server.URL), k.Handler).GenerateContent(t.Context(), prompt)
	require.NoError(t, err)
	span := k.Span(t, "chat gpt-4o-mini")
	assert.Equal(t, "25612", oteltest.Value(span, semconv.UsageInputTokens))
	assert.Equal(t, "25600", oteltest.Value(span, semconv.UsageCacheCreation))
	assert.Equal(t, "0.051352", oteltest.Value(span, semconv.UsageCost), "12 at 1, 25,600 at 2 and 14 at 10 dollars a million")
}

func TestCostThatAGatewayStates(t *testing.T) {
	body := chatResponse
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Litellm-Response-Cost", "0.5")
		_, _ = io.WriteString(w, body)
	})
	for _, tt := range []struct{ reason, body, want string }{
		{"in a header", chatResponse, "0.5"},
		{"in the body, which is nearer to the call", `{"id":"1","model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"x"}}],
			"usage":{"prompt_tokens":11,"completion_tokens":3,"total_tokens":14,"cost":0.25}}`, "0.25"},
	} {
		body = tt.body
		k := oteltest.New(t)
		_, err := models.Wrap(openaiAt(t, server.URL), k.Handler).GenerateContent(t.Context(), prompt)
		require.NoError(t, err)
		assert.Equal(t, tt.want, oteltest.Value(k.Span(t, "chat gpt-4o-mini"), semconv.UsageCost), tt.reason)
	}
}
