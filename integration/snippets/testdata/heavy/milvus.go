// SPDX-License-Identifier: Apache-2.0

package heavy

import (
	"context"

	"github.com/milvus-io/milvus/client/v2/entity"
	"github.com/milvus-io/milvus/client/v2/index"
	"github.com/milvus-io/milvus/client/v2/milvusclient"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	milvus "github.com/tmc/langchaingo/vectorstores/milvus/v2"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/vectorstore"
)

func Milvus(ctx context.Context, embedder embeddings.Embedder, handler *callbacks.Handler, host string) (vectorstores.VectorStore, error) {
	store, err := milvus.New(ctx, milvusclient.ClientConfig{Address: host + ":19530"}, milvus.WithEmbedder(embedder),
		milvus.WithCollectionName("articles"), milvus.WithMetricType(entity.COSINE),
		milvus.WithIndex(index.NewHNSWIndex(entity.COSINE, 16, 200)))
	if err != nil {
		return nil, err
	}
	return vectorstore.Wrap(store, handler, vectorstore.WithServer(host, 19530)), nil
}

func QueryMilvus(ctx context.Context, store vectorstores.VectorStore) ([]schema.Document, error) {
	_, err := store.AddDocuments(ctx, []schema.Document{
		{PageContent: "how traces work", Metadata: map[string]any{"lang": "en", "year": 2026}},
		{PageContent: "wie Traces gehen", Metadata: map[string]any{"lang": "de", "year": 2026}},
	})
	if err != nil {
		return nil, err
	}
	return store.SimilaritySearch(ctx, "how do traces work", 5,
		vectorstores.WithFilters(`meta["lang"] == "en" and meta["year"] >= 2025`))
}
