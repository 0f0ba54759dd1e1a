// SPDX-License-Identifier: Apache-2.0

package snippets_test

import (
	"context"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"github.com/tmc/langchaingo/vectorstores/redisvector"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/vectorstore"
)

func Redis(ctx context.Context, embedder embeddings.Embedder, handler *callbacks.Handler, url string) (vectorstores.VectorStore, error) {
	store, err := redisvector.New(ctx, redisvector.WithEmbedder(embedder), redisvector.WithConnectionURL(url),
		redisvector.WithIndexName("articles", true))
	if err != nil {
		return nil, err
	}
	return vectorstore.Wrap(store, handler), nil
}

func QueryRedis(ctx context.Context, store vectorstores.VectorStore) ([]schema.Document, error) {
	_, err := store.AddDocuments(ctx, []schema.Document{
		{PageContent: "how traces work", Metadata: map[string]any{"lang": "en", "year": 2026}},
		{PageContent: "wie Traces gehen", Metadata: map[string]any{"lang": "de", "year": 2026}},
	})
	if err != nil {
		return nil, err
	}
	return store.SimilaritySearch(ctx, "how do traces work", 5,
		vectorstores.WithFilters("@lang:(en) @year:[2025 +inf]"))
}
