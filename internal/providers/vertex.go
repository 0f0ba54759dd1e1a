// SPDX-License-Identifier: Apache-2.0

package providers

// vertexAI answers at paths like Gemini's, on hosts that end in vertexHost.
const vertexAI, vertexHost = "gcp.vertex_ai", "aiplatform.googleapis.com"

var _ = register(Provider{
	Name: vertexAI,
	Clients: []Client{
		{Package: "llms/googleai/vertex", Model: "opts.DefaultModel", EmbeddingModel: "opts.DefaultEmbeddingModel", Truncation: TruncationNoReason},
		{Package: "llms/googleai/palm", ModelOption: ModelOptionIgnored},
	},
})
