// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/models"
)

// An error inside a response with status 200 is an error, with its code, and is
// repeated if it may pass and nothing was streamed.
func TestErrorInsideASuccess(t *testing.T) {
	const text = `data: {"choices":[{"delta":{"content":"hi"}}]}` + "\n\n"
	const done = "data: [DONE]\n\n"
	for _, tc := range []struct {
		reason, body string
		requests     int
		errorType    string
		incomplete   bool
	}{
		{"a rate limit", `{"error":{"code":429,"message":"slow down"}}`, 3, "429", false},
		{"a fault of the server", `{"error":{"code":"server_error","message":"m"}}`, 3, "server_error", false},
		{"a list", `[{"error":{"code":503,"status":"UNAVAILABLE"}}]`, 3, "503", false},
		{"a refusal", `{"error":{"code":"context_length_exceeded","message":"m"}}`, 1, "context_length_exceeded", false},
		{"a refusal by status", `{"error":{"code":400,"message":"m"}}`, 1, "400", false},
		{"an answer of two parts, one of them an error", `{"choices":[{"finish_reason":"error","message":{"content":"h"},"error":{"code":502,"message":"m"}}]}`, 3, "502", false},
		{"a stream's first chunk", `data: {"error":{"code":502,"message":"m"}}` + "\n\n" + done, 3, "502", true},
		{"a stream's finish reason before any text", `data: {"choices":[{"delta":{},"finish_reason":"error"}]}` + "\n\n" + done, 3, "_OTHER", true},
		{"after the first chunk", text + `data: {"error":{"code":502,"message":"m"}}` + "\n\n" + done, 1, "502", true},
		{"a finish reason after the first chunk", text + `data: {"choices":[{"delta":{},"finish_reason":"error"}]}` + "\n\n" + done, 1, "_OTHER", true},
		{"no error", `{"error":null,"choices":[{"finish_reason":"stop","message":{"content":"h"}}]}`, 1, "", false},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			requests := 0
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				requests++
				w.Header().Set("Content-Type", "application/json")
				if strings.HasPrefix(tc.body, "data:") {
					w.Header().Set("Content-Type", "text/event-stream")
				}
				_, _ = io.WriteString(w, tc.body)
			})
			k := oteltest.New(t)
			var options []llms.CallOption
			if strings.HasPrefix(tc.body, "data:") {
				options = append(options, llms.WithStreamingFunc(func(context.Context, []byte) error { return nil }))
			}
			retried := models.Retry(openaiAt(t, server.URL), models.WithInitialWait(time.Millisecond))
			_, _ = models.Wrap(retried, k.Handler).GenerateContent(t.Context(), prompt, options...)
			assert.Equal(t, tc.requests, requests)
			span := k.Span(t, "chat gpt-4o-mini")
			assert.Equal(t, tc.errorType, oteltest.Value(span, semconv.ErrorType))
			assert.Equal(t, tc.incomplete, oteltest.Value(span, semconv.Incomplete) == "true", "incomplete")

			requests = 0
			_, _ = retried.GenerateContent(t.Context(), prompt, options...)
			assert.Equal(t, tc.requests, requests, "without a span")
		})
	}
}

// The clients do not agree on what they make of an error in a stream.
func TestErrorInsideAStreamOfEveryClient(t *testing.T) {
	errorEvents := map[string]struct{ event, errorType string }{
		"openai":    {`data: {"error":{"code":503,"message":"m"}}` + "\n\n", "503"},
		"ollama":    {`{"error":"an error was encountered while running the model"}` + "\n", "_OTHER"},
		"anthropic": {"event: error\n" + `data: {"type":"error","error":{"type":"overloaded_error","message":"m"}}` + "\n\n", "overloaded_error"},
	}
	for _, c := range streamingClients {
		want := errorEvents[c.name]
		for _, tc := range []struct {
			reason, body string
			requests     int
		}{
			{"before any text", want.event, 3},
			{"after text", c.firstEvents + want.event, 1},
			{"after text, with an end mark", c.firstEvents + want.event + "data: [DONE]\n\n", 1},
		} {
			t.Run(c.name+" "+tc.reason, func(t *testing.T) {
				requests := 0
				server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
					requests++
					w.Header().Set("Content-Type", c.contentType)
					_, _ = io.WriteString(w, tc.body)
				})
				k := oteltest.New(t)
				client, err := c.at(server.URL, &http.Client{Transport: models.NewTransport(nil)})
				require.NoError(t, err)
				m := models.Wrap(models.Retry(client, models.WithInitialWait(time.Millisecond)), k.Handler)
				_, _ = m.GenerateContent(t.Context(), prompt, llms.WithStreamingFunc(func(context.Context, []byte) error { return nil }))
				assert.Equal(t, tc.requests, requests)
				assert.Equal(t, want.errorType, oteltest.Value(k.Span(t, "chat m"), semconv.ErrorType))
			})
		}
	}
}
