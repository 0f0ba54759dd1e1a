// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/baggage"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/examples/internal/backend"
)

// Secrets in a question and in baggage that nobody allowed. otelhttp records the
// path of a request, and never its query.
func TestCanaries(t *testing.T) {
	backend.SearchCanaries(t, []string{"question"}, func(t *testing.T) string {
		shutdown, err := spanloom.Init(t.Context())
		require.NoError(t, err)
		h, err := callbacks.NewHandler()
		require.NoError(t, err)
		rag, err := newRAG(t.Context(), h)
		require.NoError(t, err)
		inner := httptest.NewServer(rag)
		outer := httptest.NewServer(newGateway(h, inner.URL))
		t.Cleanup(inner.Close)
		t.Cleanup(outer.Close)

		m, err := baggage.NewMemberRaw("user.mail", backend.Canary("baggage"))
		require.NoError(t, err)
		bag, err := baggage.New(m)
		require.NoError(t, err)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			outer.URL+"/ask?q="+url.QueryEscape("What is recorded by default, "+backend.Canary("question")+"?"), nil)
		require.NoError(t, err)
		req.Header.Set("Baggage", bag.String())
		req.Header.Set("Authorization", "Bearer "+backend.Canary("token"))
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		_, err = io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		outer.Close()
		inner.Close()
		assert.NoError(t, shutdown(context.WithoutCancel(t.Context())))
		return ""
	})
}
