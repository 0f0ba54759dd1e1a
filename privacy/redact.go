// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"encoding/json"
	"strings"

	"github.com/spanloom/spanloom/privacy/internal/numbers"
)

// What Redact puts in the place of what it takes out. None of them looks like
// anything that it takes out.
const (
	redactedEmail  = "[EMAIL]"
	redactedKey    = "[API_KEY]"
	redactedSecret = "[SECRET]"
)

func isSecret(s string) bool { return s == redactedKey || s == redactedSecret }

func isPlaceholder(s string) bool {
	switch s {
	case redactedEmail, numbers.Phone, numbers.Card, numbers.IBAN, redactedKey, redactedSecret:
		return true
	}
	return false
}

const (
	// maxNesting bounds how deep JSON inside the strings of JSON is looked into.
	maxNesting = 4
	// maxPasses bounds how often a text is read because a placeholder laid bare
	// what its original hid.
	maxPasses = 8
)

// redactValue redacts a text or a number that stands under a name.
func redactValue(s, name string, nesting int) string {
	if s != "" && !isPlaceholder(s) {
		if kind := kindOf(name); kind.covers(s) {
			return kind.placeholder()
		}
	}
	if nesting > 0 && mayBeJSON(s) && json.Valid([]byte(s)) {
		return redactJSON(s, nesting-1)
	}
	return redactText(s, name, true)
}

// redactText redacts a text that is no JSON, or no longer looked at as such.
func redactText(text, name string, withNumbers bool) string {
	if isShortWord(text) {
		return text
	}
	for range maxPasses {
		w := decode(text)
		secrets(&w)
		emails(&w)
		if withNumbers && hasDigits(w.text, numbers.MinDigits) {
			for _, f := range numbers.Find(w.text, name) {
				w.replace(f.From, f.To, f.By)
			}
		}
		if len(w.found) == 0 {
			break
		}
		text = w.apply()
	}
	return text
}

// isShortWord reports whether a text is too short and plain for anything to be
// found in it. Most names and many values of JSON are.
func isShortWord(text string) bool {
	const shortest = len("r8_") + 12
	return len(text) < shortest && dottedBytes.span(text, 0) == len(text) && !hasDigits(text, numbers.MinDigits)
}

// hasDigits reports whether a text has so many digits.
func hasDigits(text string, least int) bool {
	for i := range len(text) {
		if isDigit(text[i]) {
			if least--; least == 0 {
				return true
			}
		}
	}
	return false
}

// RedactName is for names: of tools, collections, models. It replaces e-mail
// addresses and keys as [Redact] does, but no numbers, which are parts of ids.
func RedactName(name string) string { return redactText(name, "", false) }

// NameLimit is the longest name in runes.
const NameLimit = 128

// CleanName returns a name as it may be shown whatever the policy is, in span
// names and metrics, too: without e-mail addresses and keys, at most [NameLimit]
// runes, and valid UTF-8.
func CleanName(name string) string {
	const lookAhead = 256 // enough to know an address or a key that the limit cuts in two
	name = firstRunes(name, NameLimit+lookAhead)
	name = RedactName(strings.ToValidUTF8(name, "\uFFFD"))
	if firstRunes(name, NameLimit) != name {
		return firstRunes(name, NameLimit-1) + "…"
	}
	return name
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}
