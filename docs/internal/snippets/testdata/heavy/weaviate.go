// SPDX-License-Identifier: Apache-2.0

package heavy

import (
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/vectorstores"
	"github.com/tmc/langchaingo/vectorstores/weaviate"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/vectorstore"
)

func Weaviate(embedder embeddings.Embedder, handler *callbacks.Handler, host string) (vectorstores.VectorStore, error) {
	store, err := weaviate.New(weaviate.WithEmbedder(embedder), weaviate.WithScheme("http"), weaviate.WithHost(host),
		weaviate.WithIndexName("Article"))
	if err != nil {
		return nil, err
	}
	return vectorstore.Wrap(store, handler), nil
}
