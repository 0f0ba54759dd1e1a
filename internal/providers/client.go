// SPDX-License-Identifier: Apache-2.0

package providers

import "strings"

// Client declares a package of langchaingo's that calls a provider. The fields
// of its types are unexported, and read by reflection when a value is wrapped. A
// path of fields joins their names with dots. A field that upstream renames is
// not found, and a test that reads upstream's source reports it.
type Client struct {
	// Package is the path below github.com/tmc/langchaingo/.
	Package string
	// Provider is set when the client is registered.
	Provider string
	// Model, EmbeddingModel and BaseURL are paths of fields.
	Model, EmbeddingModel, BaseURL string
	// DefaultModel and DefaultEmbeddingModel are sent when the field is empty.
	DefaultModel, DefaultEmbeddingModel string
	// ModelOption is what llms.WithModel does.
	ModelOption ModelOption
	// Truncation is how an answer that broke off without an error shows.
	Truncation Truncation
	// CallDiffers is set if Call is not GenerateContent with one text message.
	CallDiffers bool
	// IgnoresOptions is set if the client never applies call options.
	IgnoresOptions bool
	// APIType is the field with the type of API, for OpenAI's client.
	APIType string
}

// ModelOption is what llms.WithModel does to a call.
type ModelOption uint8

const (
	// ModelOptionWins is for clients that send the model of the option.
	ModelOptionWins ModelOption = iota
	// ModelOptionFallback is for clients that send it if they have no model.
	ModelOptionFallback
	// ModelOptionIgnored is for clients that always send their own.
	ModelOptionIgnored
)

// Truncation is how an answer that broke off without an error shows.
type Truncation uint8

const (
	// TruncationHidden is for clients that report it, or of which nothing shows.
	TruncationHidden Truncation = iota
	// TruncationNoReason is for streams that end without a finish reason.
	TruncationNoReason
	// TruncationNoReasonNoUsage is the same where some servers give no reason,
	// but usage at the end.
	TruncationNoReasonNoUsage
	// TruncationEmpty is for answers without content and usage.
	TruncationEmpty
)

// ClientOf returns the client in a package below github.com/tmc/langchaingo/.
func ClientOf(pkg string) (Client, bool) {
	c, ok := clients[pkg]
	return c, ok
}

// Compatible names the provider that OpenAI's client talks to, by the host and
// the client's type of API.
func Compatible(host, apiType string) string {
	if strings.HasPrefix(apiType, azureAPIType) {
		return Azure
	}
	for _, p := range all {
		for _, h := range p.Hosts {
			if h == host || strings.HasPrefix(h, ".") && strings.HasSuffix(host, h) {
				return p.Name
			}
		}
	}
	return openAI
}
