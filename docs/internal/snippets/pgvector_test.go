// SPDX-License-Identifier: Apache-2.0

package snippets_test

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/tmc/langchaingo/embeddings"
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
