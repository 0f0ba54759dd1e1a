// SPDX-License-Identifier: Apache-2.0

package snippets_test

import (
	"net/url"

	"github.com/tmc/langchaingo/embeddings"
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
