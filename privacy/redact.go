// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"encoding/json"
)

// What Redact puts in the place of what it takes out. None of them looks like
// anything that it takes out.
const (
	redactedEmail  = "[EMAIL]"
	redactedKey    = "[API_KEY]"
	redactedSecret = "[SECRET]"
)

// isPlaceholder reports whether a value is one of the placeholders.
func isPlaceholder(s string) bool {
	switch s {
	case redactedEmail, redactedPhone, redactedCard, redactedIBAN, redactedKey, redactedSecret:
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
		switch kind := kindOf(name); {
		case kind >= kindKey, kind == kindToken && isToken(s), kind == kindPIN && isPIN(s):
			return placeholderOf(kind)
		}
	}
	if nesting > 0 && mayBeJSON(s) && json.Valid([]byte(s)) {
		return redactJSON(s, nesting-1)
	}
	return redactText(s, name)
}

// redactText redacts a text that is no JSON, or no longer looked at as such.
func redactText(text, name string) string {
	if isShortWord(text) {
		return text
	}
	for range maxPasses {
		w := newRewriter(text)
		secrets(&w)
		w.apply()
		emails(&w)
		w.apply()
		if minDigits(w.text, 8) { // of an IBAN
			ibans(&w)
			w.apply()
		}
		if minDigits(w.text, minPhone) {
			phonesAndCards(&w, name)
			w.apply()
		}
		if !w.changed {
			break
		}
		text = w.source
	}
	return text
}

// isShortWord reports whether a text is too short and plain for anything to be
// found in it. Most names and many values of JSON are.
func isShortWord(text string) bool {
	const shortest = len("r8_") + 12
	return len(text) < shortest && dottedBytes.span(text, 0) == len(text) && !minDigits(text, minPhone)
}

// minDigits reports whether a text has so many digits.
func minDigits(text string, least int) bool {
	for i := range len(text) {
		if isDigit(text[i]) {
			if least--; least == 0 {
				return true
			}
		}
	}
	return false
}
