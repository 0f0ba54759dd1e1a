// SPDX-License-Identifier: Apache-2.0

// Package retrieval instruments the reading side of RAG: retrievers ([Wrap])
// and embedders ([WrapEmbedder]), and has an [Index] that loads, splits,
// embeds, stores and answers in a few lines, and embeds again only what has
// changed. Package retrieval/loaders loads files and folders for it.
package retrieval
