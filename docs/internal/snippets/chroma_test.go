// SPDX-License-Identifier: Apache-2.0

package snippets_test

import (
	"github.com/amikos-tech/chroma-go/types"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/vectorstores"
	"github.com/tmc/langchaingo/vectorstores/chroma"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/vectorstore"
)

func Chroma(embedder embeddings.Embedder, handler *callbacks.Handler, url string) (vectorstores.VectorStore, error) {
	store, err := chroma.New(chroma.WithEmbedder(embedder), chroma.WithChromaURL(url),
		chroma.WithNameSpace("articles"), chroma.WithDistanceFunction(types.COSINE))
	if err != nil {
		return nil, err
	}
	return vectorstore.Wrap(store, handler), nil
}
