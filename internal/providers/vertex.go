// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{
	Name: "gcp.vertex_ai",
	Clients: []Client{
		{Package: "llms/googleai/vertex", Model: "opts.DefaultModel", EmbeddingModel: "opts.DefaultEmbeddingModel", Truncation: TruncationNoReason},
		{Package: "llms/googleai/palm", ModelOption: ModelOptionIgnored},
	},
})
