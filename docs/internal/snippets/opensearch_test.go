// SPDX-License-Identifier: Apache-2.0

package snippets_test

import (
	"fmt"

	opensearchgo "github.com/opensearch-project/opensearch-go"
	"github.com/tmc/langchaingo/embeddings"
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
	return vectorstore.Wrap(store, handler, vectorstore.WithServer(host, port)), nil
}
