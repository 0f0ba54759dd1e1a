// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/ollama"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/models"
)

// Ollama's client calls it a success that the context cut a stream off.
func TestStreamCutByItsContext(t *testing.T) {
	for _, transport := range []http.RoundTripper{http.DefaultTransport, models.NewTransport(nil)} {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"model":"m","message":{"role":"assistant","content":"h"},"done":false}`+"\n")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})
		k := oteltest.New(t)
		client, err := ollama.New(ollama.WithServerURL(server.URL), ollama.WithModel("m"), ollama.WithHTTPClient(&http.Client{Transport: transport}))
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		_, err = models.Wrap(client, k.Handler).GenerateContent(ctx, prompt, llms.WithStreamingFunc(func(context.Context, []byte) error {
			cancel()
			return nil
		}))
		require.NoError(t, err)
		span := k.Span(t, "chat m")
		assert.Equal(t, "canceled", oteltest.Value(span, semconv.ErrorType))
		assert.Equal(t, "true", oteltest.Value(span, semconv.Incomplete))
	}
}
