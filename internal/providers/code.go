// SPDX-License-Identifier: Apache-2.0

package providers

import (
	"slices"
	"strings"

	"github.com/spanloom/spanloom/privacy"
)

// IsCode reports whether s is an identifier and no sentence, so that it may stand
// in a metric label and cannot hold a prompt.
func IsCode(s string) bool {
	return s != "" && len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '_' && r != '.' && r != '-'
	}) && privacy.RedactName(s) == s // a key has the letters of a code
}

// transientCodes are the codes of rate limits, overload, time-outs and faults of a server.
var transientCodes = []string{
	"rate_limit_exceeded", "rate_limit_error", "overloaded_error", "engine_overloaded", "overloaded", "api_error", "server_error",
	"internal_server_error", "internal_error", "service_unavailable", "timeout_error", "timeout",
	"RESOURCE_EXHAUSTED", "UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED",
	"ThrottlingException", "ServiceUnavailableException", "InternalServerException", "ModelTimeoutException", "ModelNotReadyException",
}

// IsTransient reports whether a request that failed with the code may succeed later.
func IsTransient(code string) bool { return slices.Contains(transientCodes, code) }
