// SPDX-License-Identifier: Apache-2.0

package providers

var _ = register(Provider{
	Name: "huggingface",
	Clients: []Client{
		{Package: "llms/huggingface", Model: "client.Model", BaseURL: "client.url", ModelOption: ModelOptionIgnored},
		{Package: "embeddings/huggingface", EmbeddingModel: "Model", BaseURL: "client.client.url"},
	},
	Shape: Shape{
		Paths: map[string]Field{
			"details.finish_reason":    FinishReason,
			"details.input_length":     Input,
			"details.generated_tokens": Output,
			"error_type":               ErrorCode | Fallback,
		},
		FinishReasons: map[string]string{"eos_token": "stop", "stop_sequence": "stop", "length": "length"},
		StatusMarkers: []string{"status code: "},
		Headers:       []string{"x-inference-request-id"},
	},
})
