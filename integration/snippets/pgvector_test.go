// SPDX-License-Identifier: Apache-2.0

package snippets_test

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"github.com/tmc/langchaingo/vectorstores/pgvector"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/vectorstore"
)

func PGVector(ctx context.Context, embedder embeddings.Embedder, handler *callbacks.Handler, pool *pgxpool.Pool) (vectorstores.VectorStore, error) {
	store, err := pgvector.New(ctx, pgvector.WithEmbedder(embedder), pgvector.WithConn(pool),
		pgvector.WithCollectionName("articles"))
	if err != nil {
		return nil, err
	}
	return vectorstore.Wrap(store, handler), nil
}

func QueryPGVector(ctx context.Context, store vectorstores.VectorStore) ([]schema.Document, error) {
	_, err := store.AddDocuments(ctx, []schema.Document{
		{PageContent: "how traces work", Metadata: map[string]any{"lang": "en", "year": "2026"}},
		{PageContent: "wie Traces gehen", Metadata: map[string]any{"lang": "de", "year": "2026"}},
	})
	if err != nil {
		return nil, err
	}
	return store.SimilaritySearch(ctx, "how do traces work", 5,
		vectorstores.WithFilters(map[string]any{"lang": "en"}))
}
