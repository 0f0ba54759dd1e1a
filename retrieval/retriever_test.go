// SPDX-License-Identifier: Apache-2.0

package retrieval_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms/openai"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/retrieval"
	"github.com/spanloom/spanloom/vectorstore"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

func TestWrapShowsErrorsAndEmptyResults(t *testing.T) {
	k := oteltest.New(t)
	boom := errors.New("down")
	store := &oteltest.Store{Err: boom}
	r := retrieval.Wrap(vectorstores.ToRetriever(store, 4), k.Handler, retrieval.WithName("docs"))
	_, err := r.GetRelevantDocuments(t.Context(), "q")
	require.ErrorIs(t, err, boom)
	span := k.Span(t, "retrieval docs")
	assert.Equal(t, codes.Error, span.Status().Code)
	assert.Equal(t, "4", oteltest.Value(span, semconv.RetrievalTopK))

	k.Spans.Reset()
	store.Err = nil
	found, err := r.GetRelevantDocuments(t.Context(), "q")
	require.NoError(t, err)
	assert.Empty(t, found)
	assert.Equal(t, "0", oteltest.Value(k.Span(t, "retrieval docs"), semconv.RetrievalDocumentCount), "zero documents must be visible")
}

// langchaingo's retriever has the Handler too: one span, named by the store's
// collection.
func TestWrapperAndHandlerMakeOneSpan(t *testing.T) {
	k := oteltest.New(t)
	store := vectorstore.Wrap(&oteltest.Store{}, k.Handler, vectorstore.WithCollection("docs"))
	inner := vectorstores.ToRetriever(store, 2)
	inner.CallbacksHandler = k.Handler
	_, err := retrieval.Wrap(inner, k.Handler).GetRelevantDocuments(t.Context(), "q")
	require.NoError(t, err)
	assert.Equal(t, "retrieval docs\n└─ search docs\n", spantree.Render(k.Spans.Spans(), spantree.Options{}))
	assert.NotNil(t, inner.CallbacksHandler, "the user's value stays as it is")
}

type ownRetriever struct{ docs []schema.Document }

func (r ownRetriever) GetRelevantDocuments(context.Context, string) ([]schema.Document, error) {
	return r.docs, nil
}

func TestOwnRetrieverAndNil(t *testing.T) {
	k := oteltest.New(t)
	own := ownRetriever{[]schema.Document{{PageContent: "x", Score: 0.5}}}
	found, err := retrieval.Wrap(own, k.Handler).GetRelevantDocuments(t.Context(), "q")
	require.NoError(t, err)
	assert.Equal(t, own.docs, found)
	assert.Equal(t, "1", oteltest.Value(k.Span(t, "retrieval"), semconv.RetrievalDocumentCount))
	assert.Equal(t, own, retrieval.Wrap(own, nil))
	assert.Nil(t, retrieval.Wrap(nil, k.Handler))
}

func TestWrapEmbedder(t *testing.T) {
	k := oteltest.New(t)
	inner := &oteltest.Embedder{}
	e := retrieval.WrapEmbedder(inner, k.Handler, retrieval.WithProvider("acme"), retrieval.WithModel("e1"))
	texts := []string{"a", "b\nc"}
	vectors, err := e.EmbedDocuments(t.Context(), texts)
	require.NoError(t, err)
	assert.Len(t, vectors, 2)
	assert.Equal(t, []string{"a", "b\nc"}, texts)
	span := k.Span(t, "embeddings e1")
	assert.Equal(t, "2", oteltest.Value(span, semconv.EmbeddingsDimensions))
	assert.Equal(t, "2", oteltest.Value(span, semconv.EmbeddingsBatchSize))
	assert.Equal(t, "acme", oteltest.Value(span, semconv.ProviderName))

	k.Spans.Reset()
	inner.Err = errors.New("quota")
	_, err = e.EmbedQuery(t.Context(), "q")
	require.ErrorIs(t, err, inner.Err)
	assert.Equal(t, codes.Error, k.Span(t, "embeddings e1").Status().Code)
	assert.Same(t, inner, retrieval.WrapEmbedder(inner, nil))
}

func TestEmbedderIsFoundOutByItsClient(t *testing.T) {
	k := oteltest.New(t)
	client, err := openai.New(openai.WithToken("sk-test"), openai.WithEmbeddingModel("text-embedding-3-small"), openai.WithBaseURL("http://127.0.0.1:1/v1"))
	require.NoError(t, err)
	inner, err := embeddings.NewEmbedder(client)
	require.NoError(t, err)
	_, err = retrieval.WrapEmbedder(inner, k.Handler).EmbedQuery(t.Context(), "q")
	require.Error(t, err)
	span := k.Span(t, "embeddings text-embedding-3-small")
	assert.Equal(t, "openai", oteltest.Value(span, semconv.ProviderName))
	assert.Equal(t, "127.0.0.1", oteltest.Value(span, semconv.ServerAddress))
	assert.Equal(t, "1", oteltest.Value(span, semconv.ServerPort))
}

func TestRetrievalOfARemoteStoreHasItsAddress(t *testing.T) {
	k := oteltest.New(t)
	store := vectorstore.Wrap(&oteltest.Store{}, k.Handler, vectorstore.WithCollection("docs"), vectorstore.WithServer("db.example.com", 6334))
	_, err := retrieval.Wrap(vectorstores.ToRetriever(store, 2), k.Handler).GetRelevantDocuments(t.Context(), "a")
	require.NoError(t, err)
	span := k.Span(t, "retrieval docs")
	assert.Equal(t, "db.example.com", oteltest.Value(span, semconv.ServerAddress))
	assert.Equal(t, "6334", oteltest.Value(span, semconv.ServerPort))
}

// A name space may be a tenant's: it is on the spans, cleaned, and neither in their
// names nor in metrics.
func TestRetrievalOfANameSpace(t *testing.T) {
	k := oteltest.New(t)
	inner, err := chromem.New(chromem.WithEmbedder(&oteltest.Embedder{}), chromem.WithCollection("notes"))
	require.NoError(t, err)
	store := vectorstore.Wrap(inner, k.Handler)
	_, err = store.AddDocuments(t.Context(), []schema.Document{{PageContent: "a"}}, vectorstores.WithNameSpace("ann@example.com"))
	require.NoError(t, err)
	r := retrieval.Wrap(vectorstores.ToRetriever(store, 2, vectorstores.WithNameSpace("ann@example.com")), k.Handler)
	found, err := r.GetRelevantDocuments(t.Context(), "a")
	require.NoError(t, err)
	assert.Len(t, found, 1)
	assert.Equal(t, "add\nretrieval\n└─ search\n", spantree.Render(k.Spans.Spans(), spantree.Options{}))
	search := k.Span(t, "search")
	assert.Equal(t, "[EMAIL]", oteltest.Value(search, semconv.DBCollectionName))
	assert.NotContains(t, k.Emitted(t), "ann@example.com")
	for _, p := range k.Metrics(t) {
		assert.NotContains(t, fmt.Sprint(p), "EMAIL")
	}
	assert.Empty(t, oteltest.Value(search, semconv.DBNamespace))
}

func TestWrapAgainAddsOptions(t *testing.T) {
	k := oteltest.New(t)
	e := retrieval.WrapEmbedder(&oteltest.Embedder{}, k.Handler, retrieval.WithProvider("acme"))
	_, err := retrieval.WrapEmbedder(e, k.Handler, retrieval.WithModel("m1")).EmbedQuery(t.Context(), "q")
	require.NoError(t, err)
	assert.Equal(t, "acme", oteltest.Value(k.Span(t, "embeddings m1"), semconv.ProviderName))

	client := embeddings.EmbedderClientFunc(func(context.Context, []string) ([][]float32, error) { return nil, nil })
	c := retrieval.WrapEmbedderClient(client, k.Handler, retrieval.WithProvider("acme"))
	_, err = retrieval.WrapEmbedderClient(c, k.Handler, retrieval.WithModel("m2")).CreateEmbedding(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, "acme", oteltest.Value(k.Span(t, "embeddings m2"), semconv.ProviderName))

	r := retrieval.Wrap(vectorstores.ToRetriever(&oteltest.Store{}, 3), k.Handler, retrieval.WithName("docs"))
	_, err = retrieval.Wrap(r, k.Handler, nil).GetRelevantDocuments(t.Context(), "q")
	require.NoError(t, err)
	assert.Equal(t, "3", oteltest.Value(k.Span(t, "retrieval docs"), semconv.RetrievalTopK))
}

// Nothing found is the commonest fault of RAG: it has a counter to alert on,
// once per question.
func TestEmptyRetrievalsAreCounted(t *testing.T) {
	k := oteltest.New(t)
	s := vectorstore.Wrap(&oteltest.Store{}, k.Handler, vectorstore.WithCollection("docs"))
	r := retrieval.Wrap(vectorstores.ToRetriever(s, 3), k.Handler)
	for range 2 {
		found, err := r.GetRelevantDocuments(t.Context(), "q")
		require.NoError(t, err)
		assert.Empty(t, found)
	}
	_, err := s.SimilaritySearch(t.Context(), "q", 3)
	require.NoError(t, err)
	_, err = retrieval.Wrap(vectorstores.ToRetriever(vectorstore.Wrap(&oteltest.Store{Err: errors.New("boom")}, k.Handler), 3), k.Handler).GetRelevantDocuments(t.Context(), "q")
	require.Error(t, err)

	counts := map[string]int64{}
	for _, p := range k.Metrics(t)["spanloom.retrieval.empty"].(metricdata.Sum[int64]).DataPoints {
		source, _ := p.Attributes.Value(semconv.DataSourceID)
		collection, _ := p.Attributes.Value(semconv.DBCollectionName)
		counts[source.AsString()+"/"+collection.AsString()] = p.Value
	}
	assert.Equal(t, map[string]int64{"docs/": 2, "/docs": 1}, counts, "a failure is not an empty answer")
	assert.Equal(t, "0", oteltest.Value(k.Spans.Spans()[1], semconv.RetrievalDocumentCount))
}

func TestWrapEmbedderClient(t *testing.T) {
	k := oteltest.New(t)
	client := embeddings.EmbedderClientFunc(func(_ context.Context, texts []string) ([][]float32, error) {
		return make([][]float32, len(texts)), nil
	})
	c := retrieval.WrapEmbedderClient(client, k.Handler, retrieval.WithProvider("acme"), retrieval.WithModel("e1"))
	assert.Same(t, c, retrieval.WrapEmbedderClient(c, k.Handler))
	assert.Nil(t, retrieval.WrapEmbedderClient(nil, k.Handler))
	e, err := embeddings.NewEmbedder(c, embeddings.WithBatchSize(2))
	require.NoError(t, err)
	texts := []string{"a", "b", "c"}
	_, err = e.EmbedDocuments(t.Context(), texts)
	require.NoError(t, err)
	assert.Len(t, k.Spans.Spans(), 2, "one per request")
	assert.Equal(t, "acme", oteltest.Value(k.Spans.Spans()[0], semconv.ProviderName))
	k.Spans.Reset()
	_, err = retrieval.WrapEmbedder(e, k.Handler, retrieval.WithModel("e1")).EmbedDocuments(t.Context(), texts)
	require.NoError(t, err)
	assert.Equal(t, "3", oteltest.Value(k.Span(t, "embeddings e1"), semconv.EmbeddingsBatchSize), "both wrapped are one call")
}
