// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{
	Name:    "voyageai",
	Clients: []Client{{Package: "embeddings/voyageai", EmbeddingModel: "Model", BaseURL: "baseURL"}},
})
