// SPDX-License-Identifier: Apache-2.0

package content

import (
	"strings"

	"github.com/spanloom/spanloom/privacy"
)

// NameLimit is the longest name in runes.
const NameLimit = 128

// CleanName returns a name as it may be shown whatever the policy is: without
// e-mail addresses and keys, cut, and valid UTF-8.
func CleanName(name string) string {
	if end, more := runePrefix(name, NameLimit+lookAhead); more {
		name = name[:end]
	}
	return Cut(privacy.RedactName(strings.ToValidUTF8(name, "\uFFFD")), NameLimit)
}
