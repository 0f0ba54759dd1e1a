// SPDX-License-Identifier: Apache-2.0

package providers

// These run in the program's own process, or on its machine.
func init() {
	register(Provider{Name: "local", Clients: []Client{{Package: "llms/local", ModelOption: ModelOptionIgnored}}})
	register(Provider{Name: "cybertron", Clients: []Client{{Package: "embeddings/cybertron", EmbeddingModel: "Model"}}})
	register(Provider{Name: "fake", Clients: []Client{{Package: "llms/fake", CallDiffers: true, IgnoresOptions: true}}})
}
