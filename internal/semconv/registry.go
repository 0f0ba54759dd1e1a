// SPDX-License-Identifier: Apache-2.0

package semconv

import (
	_ "embed" // registry.txt is generated from the semconv package
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
)

//go:generate go run ./internal/gen

//go:embed registry.txt
var registryText string

// registry is built on first use: only strict mode asks.
var registry = sync.OnceValue(func() map[string]struct{} {
	keys := make(map[string]struct{}, strings.Count(registryText, "\n"))
	for key := range strings.SplitSeq(strings.TrimSpace(registryText), "\n") {
		keys[key] = struct{}{}
	}
	return keys
})

// InRegistry reports whether the OpenTelemetry registry lists the key: strict
// mode keeps no other. Of keys with a free part, only [ResponseHeader]'s are.
func InRegistry(key attribute.Key) bool {
	_, ok := registry()[string(key)]
	return ok || strings.HasPrefix(string(key), ResponseHeaderPrefix)
}
