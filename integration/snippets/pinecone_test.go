// SPDX-License-Identifier: Apache-2.0

package snippets_test

import (
	"context"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"github.com/tmc/langchaingo/vectorstores/pinecone"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/vectorstore"
)

func Pinecone(embedder embeddings.Embedder, handler *callbacks.Handler, host, apiKey string) (vectorstores.VectorStore, error) {
	store, err := pinecone.New(pinecone.WithEmbedder(embedder), pinecone.WithHost(host), pinecone.WithAPIKey(apiKey))
	if err != nil {
		return nil, err
	}
	return vectorstore.Wrap(store, handler, vectorstore.WithCollection("articles")), nil
}

func QueryPinecone(ctx context.Context, store vectorstores.VectorStore) ([]schema.Document, error) {
	_, err := store.AddDocuments(ctx, []schema.Document{
		{PageContent: "how traces work", Metadata: map[string]any{"lang": "en", "year": 2026}},
		{PageContent: "wie Traces gehen", Metadata: map[string]any{"lang": "de", "year": 2026}},
	}, vectorstores.WithNameSpace("handbook"))
	if err != nil {
		return nil, err
	}
	return store.SimilaritySearch(ctx, "how do traces work", 5, vectorstores.WithNameSpace("handbook"),
		vectorstores.WithFilters(map[string]any{"lang": "en", "year": map[string]any{"$gte": 2025}}))
}
