// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{Name: "cybertron", Clients: []Client{{Package: "embeddings/cybertron", EmbeddingModel: "Model"}}})
