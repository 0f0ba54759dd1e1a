// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{
	Name:  "mistral_ai",
	Hosts: []string{"api.mistral.ai"},
	Clients: []Client{{
		Package: "llms/mistral", Model: "clientOptions.model", BaseURL: "clientOptions.endpoint",
		DefaultEmbeddingModel: "mistral-embed", // the client has no field for another one
		Truncation:            TruncationNoReason, CallDiffers: true,
	}},
	Shape: Shape{
		// In a struct of Mistral's SDK under "usage".
		Info:          map[string]Field{"PromptTokens": Input, "CompletionTokens": Output, "TotalTokens": Total, "model": Model},
		FinishReasons: map[string]string{"model_length": "length", "error": "error"},
		StatusMarkers: []string{"HTTP Error "},
	},
})
