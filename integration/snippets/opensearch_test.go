// SPDX-License-Identifier: Apache-2.0

package snippets_test

import (
	"context"
	"fmt"

	opensearchgo "github.com/opensearch-project/opensearch-go"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"github.com/tmc/langchaingo/vectorstores/opensearch"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/vectorstore"
)

func OpenSearch(embedder embeddings.Embedder, handler *callbacks.Handler, host string, port int) (vectorstores.VectorStore, error) {
	client, err := opensearchgo.NewClient(opensearchgo.Config{Addresses: []string{fmt.Sprintf("http://%s:%d", host, port)}})
	if err != nil {
		return nil, err
	}
	store, err := opensearch.New(client, opensearch.WithEmbedder(embedder))
	if err != nil {
		return nil, err
	}
	return vectorstore.Wrap(store, handler, vectorstore.WithCollection("articles"), vectorstore.WithServer(host, port)), nil
}

func QueryOpenSearch(ctx context.Context, store vectorstores.VectorStore) ([]schema.Document, error) {
	_, err := store.AddDocuments(ctx, []schema.Document{
		{PageContent: "how traces work", Metadata: map[string]any{"lang": "en", "year": 2026}},
		{PageContent: "wie Traces gehen", Metadata: map[string]any{"lang": "de", "year": 2026}},
	}, vectorstores.WithNameSpace("articles"))
	if err != nil {
		return nil, err
	}
	return store.SimilaritySearch(ctx, "how do traces work", 5, vectorstores.WithNameSpace("articles"),
		vectorstores.WithScoreThreshold(0.5))
}
