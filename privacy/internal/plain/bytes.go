// SPDX-License-Identifier: Apache-2.0

package plain

import "strings"

// Work counts the bytes that scans look at, where a test sets it: time without a
// clock. Only tests that run alone may set it.
var Work *int

// Looked counts so many bytes as looked at.
func Looked(n int) {
	if Work != nil {
		*Work += n
	}
}

// Set is a set of bytes.
type Set [256]bool

// SetOf returns the set of the bytes for which one of the functions is true, and
// of those in chars.
func SetOf(chars string, of ...func(byte) bool) *Set {
	var s Set
	for c := range s {
		for _, f := range of {
			s[c] = s[c] || f(byte(c))
		}
	}
	for i := range len(chars) {
		s[chars[i]] = true
	}
	return &s
}

// Until returns the set of all that is visible but the bytes in chars.
func Until(chars string) *Set {
	s := SetOf(chars)
	for c := range s {
		s[c] = !s[c] && c > ' '
	}
	return s
}

// Span returns the end of the bytes of the set that begin at i.
func (s *Set) Span(text string, i int) int {
	from := i
	for i < len(text) && s[text[i]] {
		i++
	}
	Looked(i - from + 1)
	return i
}

// Span returns the end of the bytes of some kind that begin at i.
func Span(text string, i int, of func(byte) bool) int {
	from := i
	for i < len(text) && of(text[i]) {
		i++
	}
	Looked(i - from + 1)
	return i
}

// IsDigit reports whether c is a decimal digit.
func IsDigit(c byte) bool { return '0' <= c && c <= '9' }

// IsLetter reports whether c is a letter of ASCII.
func IsLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// IsAlnum reports whether c is a letter of ASCII or a digit.
func IsAlnum(c byte) bool { return IsDigit(c) || IsLetter(c) }

// IsUpper reports whether c is a capital letter of ASCII.
func IsUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

// IsLower reports whether c is a small letter of ASCII.
func IsLower(c byte) bool { return 'a' <= c && c <= 'z' }

// IsHex reports whether c is a hexadecimal digit.
func IsHex(c byte) bool { return IsDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// IsBlank reports whether c is a space or a tab.
func IsBlank(c byte) bool { return c == ' ' || c == '\t' }

// IsKey reports whether c may stand in a key or in a name.
func IsKey(c byte) bool { return c == '_' || c == '-' || IsAlnum(c) }

// WordBefore reports whether the byte before i is of the same word, for words of
// ASCII letters: other scripts write numbers and keys without a space before them.
func WordBefore(text string, i int) bool {
	return i > 0 && (text[i-1] == '_' || IsLetter(text[i-1]))
}

// HasPrefixFold is strings.HasPrefix without regard to capital letters.
func HasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// WordsOf returns the words of a text as a set.
func WordsOf(text string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		m[w] = true
	}
	return m
}
