// SPDX-License-Identifier: Apache-2.0

package snippets_test

import (
	"context"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/vectorstores"
	"github.com/tmc/langchaingo/vectorstores/redisvector"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/vectorstore"
)

func Redis(ctx context.Context, embedder embeddings.Embedder, handler *callbacks.Handler, url string) (vectorstores.VectorStore, error) {
	store, err := redisvector.New(ctx, redisvector.WithEmbedder(embedder), redisvector.WithConnectionURL(url),
		redisvector.WithIndexName("articles", true))
	if err != nil {
		return nil, err
	}
	return vectorstore.Wrap(store, handler), nil
}
