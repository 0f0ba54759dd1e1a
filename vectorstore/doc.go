// SPDX-License-Identifier: Apache-2.0

// Package vectorstore instruments any langchaingo vectorstores.VectorStore:
// "add {collection}" and "search {collection}" spans and
// db.client.operation.duration.
//
// Wrap the store before vectorstores.ToRetriever, and give the store an
// embedder from retrieval.WrapEmbedder, and the embedding calls are the store
// spans' children.
package vectorstore
