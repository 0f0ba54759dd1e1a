// SPDX-License-Identifier: Apache-2.0

package providers

import (
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
