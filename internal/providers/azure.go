// SPDX-License-Identifier: Apache-2.0

package providers

// Azure is the name of Azure OpenAI, which OpenAI's client is used with. Its
// deployments have names of the user's, so a default model means nothing there.
const Azure = "azure.ai.openai"

// azureAPIType begins the types of API that OpenAI's client has for it.
const azureAPIType = "AZURE"

var _ = register(Provider{
	Name:  Azure,
	Hosts: []string{".openai.azure.com"},
	Shape: Shape{Headers: []string{"apim-request-id"}},
})
