// SPDX-License-Identifier: Apache-2.0

package providers

func init() {
	register(Provider{
		Name:    "jina",
		Clients: []Client{{Package: "embeddings/jina", EmbeddingModel: "Model", BaseURL: "APIBaseURL"}},
	})
}
