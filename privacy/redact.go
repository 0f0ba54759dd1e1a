// SPDX-License-Identifier: Apache-2.0

package privacy

import "encoding/json"

// What Redact puts in the place of what it takes out. None of them looks like
// anything that it takes out.
const (
	redactedEmail  = "[EMAIL]"
	redactedPhone  = "[PHONE]"
	redactedCard   = "[CREDIT_CARD]"
	redactedIBAN   = "[IBAN]"
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
		switch kind := secretKind(name); {
		case kind >= nameKey, kind == nameToken && isToken(s), kind == namePIN && isPIN(s):
			return kind.placeholder()
		}
	}
	if nesting > 0 && mayBeJSON(s) && json.Valid([]byte(s)) {
		return redactJSON(s, nesting-1)
	}
	return redactText(s, name)
}

// redactText redacts a text that is no JSON, or no longer looked at as such.
func redactText(text, name string) string {
	for range maxPasses {
		w := rewriter{decoded: decode(text)}
		w.secrets()
		w.rewind()
		w.emails()
		w.rewind()
		if w.minDigits(8) { // of an IBAN
			w.ibans()
			w.rewind()
		}
		if w.minDigits(minRun) {
			w.numbers(name)
			w.rewind()
		}
		if !w.changed {
			break
		}
		text = w.source
	}
	return text
}

// rewriter is given stretches of a decoded text to replace, from left to right,
// and replaces what they stand for.
type rewriter struct {
	decoded
	b       []byte
	copied  int // of the source
	done    int // of the decoded text
	changed bool
}

func (w *rewriter) replace(from, to int, by string) {
	start, end := w.origin(from, to)
	w.b = append(append(w.b, w.source[w.copied:start]...), by...)
	w.copied, w.done = end, to
}

// rewind applies what was replaced and goes back to the beginning.
func (w *rewriter) rewind() {
	w.next = 0
	if w.done == 0 {
		return
	}
	w.decoded = decode(string(append(w.b, w.source[w.copied:]...)))
	w.b = w.b[:0]
	w.copied, w.done, w.changed = 0, 0, true
}

// minDigits reports whether the decoded text has so many digits.
func (w *rewriter) minDigits(least int) bool {
	for i := 0; i < len(w.text); i++ {
		if isDigit(w.text[i]) {
			if least--; least == 0 {
				return true
			}
		}
	}
	return false
}

// work counts the bytes that scans look at, if a test wants it.
var work *int

func looked(n int) {
	if work != nil {
		*work += n
	}
}

func span(text string, i int, of func(byte) bool) int {
	from := i
	for i < len(text) && of(text[i]) {
		i++
	}
	looked(i - from + 1)
	return i
}
