// SPDX-License-Identifier: Apache-2.0

package providers

import (
	"net/url"
	"strings"
)

// Endpoint is a path that a provider's models are called at.
type Endpoint struct {
	// Suffix ends the path. One that begins with a colon is Google's: the model stands
	// in the path before it.
	Suffix string
	// Provider is set when the endpoint is found.
	Provider string
	// Model is that of the path, "" if the body names it.
	Model string
	// Embeds is set if the endpoint creates embeddings.
	Embeds bool
	// Streams is set if the answer is a stream where the body does not say.
	Streams bool
}

// EndpointOf returns the endpoint that a URL calls, of whatever host.
func EndpointOf(u *url.URL) (Endpoint, bool) {
	path := strings.TrimSuffix(u.Path, "/")
	for _, p := range all {
		for _, e := range p.Endpoints {
			rest, ok := strings.CutSuffix(path, e.Suffix)
			if !ok {
				continue
			}
			e.Provider = p.Name
			if e.Provider == openAI {
				e.Provider = Compatible(u.Hostname(), "")
			}
			if e.Suffix[0] == ':' {
				e.Model = rest[strings.LastIndexByte(rest, '/')+1:]
				if strings.HasSuffix(u.Hostname(), vertexHost) {
					e.Provider = vertexAI
				}
			} else if _, rest, ok = strings.Cut(path, "/deployments/"); ok {
				e.Model, _, _ = strings.Cut(rest, "/") // Azure's
			}
			return e, true
		}
	}
	return Endpoint{}, false
}
