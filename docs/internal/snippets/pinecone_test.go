// SPDX-License-Identifier: Apache-2.0

package snippets_test

import (
	"github.com/tmc/langchaingo/embeddings"
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
