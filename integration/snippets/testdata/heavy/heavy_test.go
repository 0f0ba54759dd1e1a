// SPDX-License-Identifier: Apache-2.0

package heavy

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/weaviate/weaviate-go-client/v5/weaviate/filters"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/storetest"
)

func TestWeaviate(t *testing.T) {
	boom := errors.New("no embedding, no network")
	k := oteltest.New(t)
	store, err := Weaviate(&storetest.Embedder{Fail: func(context.Context, string) error { return boom }}, k.Handler, "127.0.0.1:8080")
	require.NoError(t, err)
	_, err = store.SimilaritySearch(t.Context(), "query", 3)
	require.ErrorIs(t, err, boom)
	span := k.Span(t, "search Article")
	assert.Equal(t, "weaviate", oteltest.Value(span, semconv.DBSystemName))
	assert.Equal(t, "127.0.0.1", oteltest.Value(span, semconv.ServerAddress))
	assert.Equal(t, "8080", oteltest.Value(span, semconv.ServerPort))

	store, err = Weaviate(&storetest.Embedder{}, k.Handler, "weaviate.internal")
	require.NoError(t, err)
	k.Spans.Reset()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = store.SimilaritySearch(ctx, "query", 3)
	require.Error(t, err)
	assert.Equal(t, "80", oteltest.Value(k.Span(t, "search Article"), semconv.ServerPort), "by its scheme")
}

// TestMilvus is for the compiler: making the store needs the server.
func TestMilvus(*testing.T) { _ = Milvus }

// TestQueries: a filter of another type is refused by both stores, so the types
// are what matters.
func TestQueries(t *testing.T) {
	s := &oteltest.Store{}
	_, err := QueryWeaviate(t.Context(), s)
	require.NoError(t, err)
	where, ok := s.Options.Filters.(*filters.WhereBuilder)
	require.True(t, ok)
	assert.Contains(t, where.String(), `path: ["lang"]`)
	_, err = QueryMilvus(t.Context(), s)
	require.NoError(t, err)
	assert.IsType(t, "", s.Options.Filters)
}
