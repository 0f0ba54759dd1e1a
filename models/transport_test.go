// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/openai"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/models"
)

const chatResponse = `{"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"finish_reason":"stop",
"message":{"role":"assistant","content":"hello"}}],"usage":{"prompt_tokens":11,"completion_tokens":3,"total_tokens":14}}`

func TestTransportOnARealClient(t *testing.T) {
	k := oteltest.New(t)
	status, traceparent := http.StatusOK, ""
	var bodies []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(body))
		traceparent = r.Header.Get("traceparent")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, chatResponse)
	}))
	t.Cleanup(server.Close)
	client := func(rt http.RoundTripper) llms.Model {
		m, err := openai.New(openai.WithToken("sk-test"), openai.WithBaseURL(server.URL), openai.WithModel("gpt-4o-mini"),
			openai.WithHTTPClient(&http.Client{Transport: rt}))
		require.NoError(t, err)
		return m
	}
	_, err := client(nil).GenerateContent(t.Context(), prompt)
	require.NoError(t, err)
	m := models.Wrap(client(models.NewTransport(nil)), k.Handler)
	res, err := m.GenerateContent(t.Context(), prompt)
	require.NoError(t, err)
	assert.Equal(t, "hello", res.Choices[0].Content)
	assert.Equal(t, bodies[0], bodies[1], "the server receives the same bytes with us")

	span := k.Span(t, "chat gpt-4o-mini")
	u, err := url.Parse(server.URL)
	require.NoError(t, err)
	assert.Equal(t, "openai", oteltest.Value(span, semconv.ProviderName))
	assert.Equal(t, u.Hostname(), oteltest.Value(span, semconv.ServerAddress))
	assert.Equal(t, u.Port(), oteltest.Value(span, semconv.ServerPort))
	assert.Equal(t, "11", oteltest.Value(span, semconv.UsageInputTokens))
	assert.Contains(t, traceparent, span.SpanContext().SpanID().String(), "the server's span is a child of the model call")

	k.Spans.Reset()
	status = http.StatusTooManyRequests
	_, err = m.GenerateContent(t.Context(), prompt)
	require.Error(t, err)
	span = k.Span(t, "chat gpt-4o-mini")
	assert.Equal(t, "429", oteltest.Value(span, semconv.HTTPResponseStatusCode))
	assert.Equal(t, "429", oteltest.Value(span, semconv.ErrorType))
}

func TestTransportOutsideASpanLeavesTheRequestAlone(t *testing.T) {
	var sent *http.Request
	rt := models.NewTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		sent = r
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
	}))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1/", nil)
	require.NoError(t, err)
	res, err := rt.RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Same(t, req, sent)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
