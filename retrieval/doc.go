// SPDX-License-Identifier: Apache-2.0

// Package retrieval instruments the reading side of RAG: retrievers ([Wrap]),
// embedders ([WrapEmbedder]) and their clients ([WrapEmbedderClient]). Package
// retrieval/index loads, splits, embeds, stores and answers in a few lines.
package retrieval
