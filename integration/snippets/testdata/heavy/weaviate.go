// SPDX-License-Identifier: Apache-2.0

package heavy

import (
	"context"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"github.com/tmc/langchaingo/vectorstores/weaviate"
	"github.com/weaviate/weaviate-go-client/v5/weaviate/filters"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/vectorstore"
)

func Weaviate(embedder embeddings.Embedder, handler *callbacks.Handler, host string) (vectorstores.VectorStore, error) {
	store, err := weaviate.New(weaviate.WithEmbedder(embedder), weaviate.WithScheme("http"), weaviate.WithHost(host),
		weaviate.WithIndexName("Article"), weaviate.WithQueryAttrs([]string{"lang", "year"}))
	if err != nil {
		return nil, err
	}
	return vectorstore.Wrap(store, handler), nil
}

func QueryWeaviate(ctx context.Context, store vectorstores.VectorStore) ([]schema.Document, error) {
	_, err := store.AddDocuments(ctx, []schema.Document{
		{PageContent: "how traces work", Metadata: map[string]any{"lang": "en", "year": 2026}},
		{PageContent: "wie Traces gehen", Metadata: map[string]any{"lang": "de", "year": 2026}},
	})
	if err != nil {
		return nil, err
	}
	return store.SimilaritySearch(ctx, "how do traces work", 5,
		vectorstores.WithFilters(filters.Where().WithOperator(filters.And).WithOperands([]*filters.WhereBuilder{
			filters.Where().WithPath([]string{"lang"}).WithOperator(filters.Equal).WithValueText("en"),
			filters.Where().WithPath([]string{"year"}).WithOperator(filters.GreaterThanEqual).WithValueInt(2025),
		})))
}
