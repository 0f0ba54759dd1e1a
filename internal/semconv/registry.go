// SPDX-License-Identifier: Apache-2.0

package semconv

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// namespaces of the OpenTelemetry registry in which an attribute may be ours
// or the user's. Keys outside them are custom by definition.
var registered = []string{
	"gen_ai.", "openai.", "aws.", "azure.", "db.", "error.", "exception.", "server.", "client.",
	"network.", "http.", "url.", "session.", "user.", "enduser.", "code.", "thread.", "messaging.",
	"rpc.", "peer.", "service.", "deployment.", "feature_flag.", "mcp.", "jsonrpc.",
}

// InRegistry reports whether strict mode keeps the key: it lies in a namespace
// of the OpenTelemetry registry and is not one of the additions to gen_ai that
// backends read but the registry does not list.
func InRegistry(key attribute.Key) bool {
	if key == UsageCost {
		return false
	}
	for _, ns := range registered {
		if strings.HasPrefix(string(key), ns) {
			return true
		}
	}
	return false
}
