// SPDX-License-Identifier: Apache-2.0

package vectorstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/privacy"
	"github.com/spanloom/spanloom/retrieval"
	"github.com/spanloom/spanloom/vectorstore"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

var docs = []schema.Document{{PageContent: "one", Score: 0.75}, {PageContent: "two", Score: 0.5}}

func TestWrapRecordsAddAndSearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := oteltest.New(t)
		inner := &oteltest.Store{Docs: docs, Latency: 20 * time.Millisecond}
		s := vectorstore.Wrap(inner, k.Handler, vectorstore.WithSystem("acme"), vectorstore.WithCollection("docs"))
		ids, err := s.AddDocuments(t.Context(), docs)
		require.NoError(t, err)
		assert.Len(t, ids, 2)
		found, err := s.SimilaritySearch(t.Context(), "query", 3, vectorstores.WithNameSpace("tenant"),
			vectorstores.WithScoreThreshold(0.25), vectorstores.WithFilters(map[string]any{"year": 2026}))
		require.NoError(t, err)
		assert.Equal(t, docs, found)
		assert.Equal(t, "tenant", inner.Options.NameSpace, "options reach the store")
		oteltest.Golden(t, "store", k.Full())

		durations := k.Metrics(t)["db.client.operation.duration"].(metricdata.Histogram[float64])
		assert.Len(t, durations.DataPoints, 2)
	})
}

func TestErrorsAndPanics(t *testing.T) {
	k := oteltest.New(t)
	boom := errors.New("index is gone")
	s := vectorstore.Wrap(&oteltest.Store{Err: boom}, k.Handler)
	_, err := s.SimilaritySearch(t.Context(), "q", 1)
	require.ErrorIs(t, err, boom)
	_, err = s.AddDocuments(t.Context(), docs)
	require.ErrorIs(t, err, boom)
	for _, name := range []string{"search", "add"} {
		assert.Equal(t, codes.Error, k.Span(t, name).Status().Code)
		assert.Equal(t, "other", oteltest.Value(k.Span(t, name), semconv.DBSystemName))
	}
	assert.Panics(t, func() {
		_, _ = vectorstore.Wrap(panicking{}, k.Handler, vectorstore.WithCollection("p")).SimilaritySearch(t.Context(), "q", 1)
	})
	assert.Equal(t, "panic", oteltest.Value(k.Span(t, "search p"), semconv.ErrorType))
}

type panicking struct{ vectorstores.VectorStore }

func (panicking) SimilaritySearch(context.Context, string, int, ...vectorstores.Option) ([]schema.Document, error) {
	panic("broken")
}

// The store is found out by its type, its collection by its own word, and the
// embedding calls are children of the store's.
func TestChromem(t *testing.T) {
	k := oteltest.New(t, callbacks.WithContent(privacy.Verbatim))
	embedder := retrieval.WrapEmbedder(&oteltest.Embedder{}, k.Handler, retrieval.WithProvider("acme"), retrieval.WithModel("e1"))
	inner, err := chromem.New(chromem.WithEmbedder(embedder), chromem.WithCollection("notes"))
	require.NoError(t, err)
	s := vectorstore.Wrap(inner, k.Handler)
	assert.Same(t, inner, s.(interface {
		Unwrap() vectorstores.VectorStore
	}).Unwrap())

	_, err = s.AddDocuments(t.Context(), []schema.Document{{PageContent: "a"}, {PageContent: "bb"}})
	require.NoError(t, err)
	found, err := vectorstores.ToRetriever(s, 2).GetRelevantDocuments(t.Context(), "a")
	require.NoError(t, err)
	assert.Len(t, found, 2)
	assert.Equal(t, "chromem", oteltest.Value(k.Span(t, "add notes"), semconv.DBSystemName))
	for _, span := range k.Spans.Spans() {
		if span.Name() == "embeddings e1" {
			assert.True(t, span.Parent().IsValid(), "an embedding call belongs to a store call")
		}
	}
	assert.Equal(t, "a", oteltest.Value(k.Span(t, "search notes"), semconv.RetrievalQueryText))
	assert.Contains(t, oteltest.Value(k.Span(t, "search notes"), semconv.RetrievalDocuments), `"content":"bb"`)
}

// mutating does to the caller's documents what redisvector does.
type mutating struct {
	oteltest.Store
	ids []string
}

func (s *mutating) AddDocuments(_ context.Context, docs []schema.Document, _ ...vectorstores.Option) ([]string, error) {
	for i := range docs {
		docs[i].Metadata["content_vector"] = []float32{1}
	}
	return s.ids, s.Err
}

// TestContentOfAdded: the documents as they were before the call, with the ids
// that came out of it.
func TestContentOfAdded(t *testing.T) {
	boom := errors.New("half of them")
	for _, tc := range []struct {
		reason string
		ids    []string
		err    error
		want   string // with M for made of the text, and I for the document's own
	}{
		{"the store's ids", []string{"a", "b"}, nil, `a b`},
		{"an id that is none", []string{"", "b"}, nil, `M b`},
		{"some were dropped", []string{"a"}, nil, `M I`},
		{"none are told", nil, nil, `M I`},
		{"ids beside an error", []string{"a", "b"}, boom, `M I`},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			seen := map[string]int{}
			k := oteltest.New(t, callbacks.WithContent(func(_, s string) string { seen[s]++; return s }))
			inner := &mutating{Store: oteltest.Store{Err: tc.err}, ids: tc.ids}
			docs := []schema.Document{{PageContent: "one", Metadata: map[string]any{"k": "v"}}, {PageContent: "two", Metadata: map[string]any{"id": "own"}}}
			got, err := vectorstore.Wrap(inner, k.Handler).AddDocuments(t.Context(), docs)
			require.ErrorIs(t, err, tc.err)
			assert.Equal(t, tc.ids, got)
			ids := strings.NewReplacer("M", "7692c3ad3540bb80", "I", "own").Replace(tc.want)
			first, second, _ := strings.Cut(ids, " ")
			assert.JSONEq(t, fmt.Sprintf(`[{"id":%q,"score":0,"content":"one","metadata":{"k":"v"}},{"id":%q,"score":0,"content":"two","metadata":{"id":"own"}}]`, first, second),
				oteltest.Value(k.Span(t, "add"), semconv.RetrievalDocuments))
			assert.Equal(t, 1, seen["one"], "a policy may be slow")
		})
	}
}

func TestNilAndTwice(t *testing.T) {
	k := oteltest.New(t)
	inner := &oteltest.Store{}
	assert.Same(t, inner, vectorstore.Wrap(inner, nil))
	assert.Nil(t, vectorstore.Wrap(nil, k.Handler))
	once := vectorstore.Wrap(inner, k.Handler)
	assert.Same(t, once, vectorstore.Wrap(once, k.Handler))
}

func TestWrapAgainAddsOptions(t *testing.T) {
	k := oteltest.New(t)
	s := vectorstore.Wrap(&oteltest.Store{}, k.Handler, vectorstore.WithSystem("acme"), vectorstore.WithServer("db", 1))
	s = vectorstore.Wrap(s, k.Handler, nil, vectorstore.WithCollection("c"))
	other := oteltest.New(t)
	_, err := vectorstore.Wrap(s, other.Handler).SimilaritySearch(t.Context(), "q", 1)
	require.NoError(t, err)
	for _, kit := range []*oteltest.Kit{k, other} {
		span := kit.Span(t, "search c")
		for key, want := range map[attribute.Key]string{
			semconv.DBSystemName: "acme", semconv.DBCollectionName: "c", semconv.ServerAddress: "db", semconv.ServerPort: "1",
		} {
			assert.Equal(t, want, oteltest.Value(span, key), key)
		}
	}
}
