// SPDX-License-Identifier: Apache-2.0

package providers

// MaritacaEnd is the line that begins the last event of a stream.
const MaritacaEnd = "event: end"

var _ = register(Provider{
	Name:    "maritaca",
	Clients: []Client{{Package: "llms/maritaca", Model: "options.model", BaseURL: "client.baseURL", Truncation: TruncationEmpty}},
	Shape: Shape{
		Info:  map[string]Field{"PromptTokens": Input, "CompletionTokens": Output, "TotalTokens": Total},
		Paths: map[string]Field{"model": Model},
	},
})
