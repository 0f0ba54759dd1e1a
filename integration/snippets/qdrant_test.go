// SPDX-License-Identifier: Apache-2.0

package snippets_test

import (
	"context"
	"net/url"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"github.com/tmc/langchaingo/vectorstores/qdrant"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/vectorstore"
)

func Qdrant(embedder embeddings.Embedder, handler *callbacks.Handler, address url.URL) (vectorstores.VectorStore, error) {
	store, err := qdrant.New(qdrant.WithEmbedder(embedder), qdrant.WithURL(address), qdrant.WithCollectionName("articles"))
	if err != nil {
		return nil, err
	}
	return vectorstore.Wrap(store, handler), nil
}

func QueryQdrant(ctx context.Context, store vectorstores.VectorStore) ([]schema.Document, error) {
	_, err := store.AddDocuments(ctx, []schema.Document{
		{PageContent: "how traces work", Metadata: map[string]any{"lang": "en", "year": 2026}},
		{PageContent: "wie Traces gehen", Metadata: map[string]any{"lang": "de", "year": 2026}},
	})
	if err != nil {
		return nil, err
	}
	return store.SimilaritySearch(ctx, "how do traces work", 5,
		vectorstores.WithFilters(map[string]any{"must": []map[string]any{
			{"key": "lang", "match": map[string]any{"value": "en"}},
			{"key": "year", "range": map[string]any{"gte": 2025}},
		}}))
}
