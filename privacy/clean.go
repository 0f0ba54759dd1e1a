// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"
	"unicode/utf8"
)

// NameLimit is the longest name in runes.
const NameLimit = 128

// CleanName returns a name as it may be shown whatever the policy is, in span
// names and metrics, too: without e-mail addresses and keys, at most [NameLimit]
// runes, and valid UTF-8.
func CleanName(name string) string {
	const lookAhead = 256 // enough to know an address or a key that the limit cuts in two
	name = firstRunes(name, NameLimit+lookAhead)
	name = RedactName(strings.ToValidUTF8(name, "\uFFFD"))
	if cut := firstRunes(name, NameLimit); cut != name {
		return firstRunes(name, NameLimit-1) + "…"
	}
	return name
}

func firstRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	end := 0
	for range n {
		if end >= len(s) {
			return s
		}
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	return s[:end]
}
