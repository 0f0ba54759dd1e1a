// SPDX-License-Identifier: Apache-2.0

package vectorstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/storetest"
	"github.com/spanloom/spanloom/privacy"
	"github.com/spanloom/spanloom/vectorstore"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

func TestChromemConforms(t *testing.T) {
	caps := storetest.Caps{
		System:        "chromem",
		Filter:        func(key, value string) any { return map[string]any{key: value} },
		Namespaces:    storetest.AllNamespaces,
		NamedBySpace:  true,
		TypedMetadata: true,
		AddRejects: map[string]vectorstores.Option{
			"filter": vectorstores.WithFilters(map[string]any{"a": 1}), "threshold": vectorstores.WithScoreThreshold(0.5),
		},
		SearchRejects: map[string]vectorstores.Option{
			"filter of another type": vectorstores.WithFilters(7), "threshold above 1": vectorstores.WithScoreThreshold(2),
		},
	}
	var made atomic.Int64
	for name, opts := range map[string]func(*testing.T) []chromem.Option{
		"memory": func(*testing.T) []chromem.Option { return nil },
		"disk":   func(t *testing.T) []chromem.Option { return []chromem.Option{chromem.WithPersistence(t.TempDir())} },
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T, e embeddings.Embedder) storetest.Target {
				collection := fmt.Sprintf("c%d", made.Add(1))
				s, err := chromem.New(append(opts(t), chromem.WithEmbedder(e), chromem.WithCollection(collection))...)
				require.NoError(t, err)
				t.Cleanup(func() { assert.NoError(t, s.Close()) })
				return storetest.Target{Store: s, Collection: collection}
			}, caps)
		})
	}
}

// recording keeps what reached it.
type recording struct {
	oteltest.Store
	ctx     context.Context
	given   []schema.Document
	query   string
	n       int
	options int
}

func (r *recording) AddDocuments(ctx context.Context, docs []schema.Document, options ...vectorstores.Option) ([]string, error) {
	r.ctx, r.given, r.options = ctx, docs, len(options)
	return r.Store.AddDocuments(ctx, docs, options...)
}

func (r *recording) SimilaritySearch(ctx context.Context, query string, n int, options ...vectorstores.Option) ([]schema.Document, error) {
	r.ctx, r.query, r.n, r.options = ctx, query, n, len(options)
	return r.Store.SimilaritySearch(ctx, query, n, options...)
}

// TestWrapChangesNothing: what a store is given and what it returns pass as they
// are, to the slice and the error value.
func TestWrapChangesNothing(t *testing.T) {
	type key struct{}
	boom := errors.New("index is gone")
	embedder := &storetest.Embedder{}
	for _, policy := range []privacy.Policy{privacy.None, privacy.Redact} {
		for _, inner := range []*recording{
			{Store: oteltest.Store{Docs: docs}}, {Store: oteltest.Store{Docs: []schema.Document{}}}, {}, {Store: oteltest.Store{Err: boom}},
		} {
			k := oteltest.New(t, callbacks.WithContent(policy))
			s := vectorstore.Wrap(inner, k.Handler)
			ctx := context.WithValue(t.Context(), key{}, "the caller's")
			options := []vectorstores.Option{
				vectorstores.WithNameSpace("n"), vectorstores.WithScoreThreshold(0.5), vectorstores.WithFilters(map[string]any{"a": "b"}),
				vectorstores.WithEmbedder(embedder), vectorstores.WithDeduplicater(func(context.Context, schema.Document) bool { return true }),
			}

			_, err := s.AddDocuments(ctx, docs, options...)
			assert.Equal(t, inner.Err, err)
			assert.Same(t, &docs[0], &inner.given[0], "not a copy")
			assertSeen(t, inner, embedder)

			found, err := s.SimilaritySearch(ctx, "query", -1, options...)
			assert.Equal(t, inner.Err, err)
			if inner.Err == nil {
				assert.Equal(t, inner.Docs, found, "nil stays nil, and empty empty")
			}
			assert.Equal(t, "query", inner.query)
			assert.Equal(t, -1, inner.n, "what makes no sense is the store's to refuse")
			assertSeen(t, inner, embedder)
			assert.Equal(t, "the caller's", inner.ctx.Value(key{}))

			_, _ = s.SimilaritySearch(ctx, "query", 1)
			assert.Zero(t, inner.options, "no option is added")
		}
	}
}

func assertSeen(t *testing.T, inner *recording, embedder embeddings.Embedder) {
	t.Helper()
	o := inner.Options
	assert.Equal(t, 5, inner.options)
	assert.Equal(t, "n", o.NameSpace)
	assert.InEpsilon(t, 0.5, o.ScoreThreshold, 0)
	assert.Equal(t, map[string]any{"a": "b"}, o.Filters)
	assert.Same(t, embedder, o.Embedder)
	assert.True(t, o.Deduplicater(t.Context(), schema.Document{}))
}
