// SPDX-License-Identifier: Apache-2.0

// Package privacy decides what becomes of the texts of a program before they
// reach telemetry: [Policy], the policies [None], [Redact], [Hash] and
// [Verbatim], and what the name of a secret is. All of it is safe for concurrent
// use. docs/privacy.md says what Redact finds and what it misses.
package privacy

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// Policy returns what is recorded of one text: a message part, a document, a
// query, a tool argument, a field of a struct, an error's message.
//
// name is the key that the text stands under, at any depth, as in
// {"password": "…"}; "" if there is none. Below a key for which [IsSecretName] is
// true, name is that key, however deep the text stands.
//
// A Policy must be safe for concurrent use. A Policy that panics loses that text,
// never the call. It is given no more of a text than the limit of content keeps,
// and a little beyond; only [Hash] is given all of it. The nil Policy is [None].
type Policy func(name, text string) string

// Records reports whether the policy records anything: it is neither nil nor
// [None].
func (p Policy) Records() bool { return p != nil && !is(p, None) }

// ReadsAll reports whether the policy needs all of a text, whatever its length.
func (p Policy) ReadsAll() bool { return is(p, Hash) }

func is(p Policy, f func(name, text string) string) bool {
	return reflect.ValueOf(p).Pointer() == reflect.ValueOf(f).Pointer()
}

// None records no content: the default.
func None(_, _ string) string { return "" }

// Verbatim records content as it is.
func Verbatim(_, text string) string { return text }

// Hash replaces a text by the first 16 hexadecimal digits of its SHA-256 and
// its length in runes, "sha256:2cf24dba5fb0a30e (5)": equal texts can be found,
// the text cannot be read.
func Hash(_, text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:8]) + " (" + strconv.Itoa(utf8.RuneCountInString(text)) + ")"
}

// Redact replaces what identifies a person or opens a door by a placeholder:
// e-mail addresses [EMAIL], phone numbers [PHONE], payment cards that pass the
// Luhn check [CREDIT_CARD], bank accounts that pass the check of an IBAN [IBAN],
// API keys, tokens and private keys [API_KEY], passwords [SECRET]. All of a text
// under a secret's name is replaced. A text that is JSON stays JSON, and what
// stands below a secret's name in it, or beside it as in
// {"name": "password", "value": "…"}, is replaced, too.
//
// It goes by form and by names such as api_key: it knows no people's names or
// addresses, and takes no password of nothing but letters out of a sentence. What
// is written in another script, in full width, escaped or broken up by characters
// that show nothing is found all the same. Redacting twice changes nothing more.
func Redact(name, text string) string { return redactValue(text, name, maxNesting) }

// Under returns the name of a [Policy] call for a value that stands under key,
// in what stands under the name above.
func Under(above, key string) string {
	if IsSecretName(above) {
		return above
	}
	return key
}
