// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{
	Name:    "jina",
	Clients: []Client{{Package: "embeddings/jina", EmbeddingModel: "Model", BaseURL: "APIBaseURL"}},
})
