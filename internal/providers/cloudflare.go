// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{
	Name: "cloudflare",
	Clients: []Client{{
		Package: "llms/cloudflare", Model: "client.modelName", EmbeddingModel: "client.embeddingModelName", BaseURL: "client.baseURL",
		ModelOption: ModelOptionIgnored,
	}},
	Shape: Shape{
		Paths:        map[string]Field{"errors[].message": ErrorText},
		UsageObjects: []string{"result.usage"},
		Headers:      []string{"cf-ray"},
	},
})
