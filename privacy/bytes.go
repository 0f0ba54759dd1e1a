// SPDX-License-Identifier: Apache-2.0

package privacy

import "strings"

// work counts the bytes that scans look at, where a test sets it: time without a
// clock. Only tests that run alone may set it.
var work *int

// looked counts so many bytes as looked at.
func looked(n int) {
	if work != nil {
		*work += n
	}
}

// byteSet is a set of bytes.
type byteSet [256]bool

// byteSetOf returns the set of the bytes for which one of the functions is true, and
// of those in chars.
func byteSetOf(chars string, of ...func(byte) bool) *byteSet {
	var s byteSet
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

// visibleBut returns the set of all that is visible but the bytes in chars.
func visibleBut(chars string) *byteSet {
	s := byteSetOf(chars)
	for c := range s {
		s[c] = !s[c] && c > ' '
	}
	return s
}

// span returns the end of the bytes of the set that begin at i.
func (s *byteSet) span(text string, i int) int {
	from := i
	for i < len(text) && s[text[i]] {
		i++
	}
	looked(i - from + 1)
	return i
}

// span returns the end of the bytes of some kind that begin at i.
func span(text string, i int, of func(byte) bool) int {
	from := i
	for i < len(text) && of(text[i]) {
		i++
	}
	looked(i - from + 1)
	return i
}

// isDigit reports whether c is a decimal digit.
func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isLetter reports whether c is a letter of ASCII.
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isAlnum reports whether c is a letter of ASCII or a digit.
func isAlnum(c byte) bool { return isDigit(c) || isLetter(c) }

// isUpper reports whether c is a capital letter of ASCII.
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

// isLower reports whether c is a small letter of ASCII.
func isLower(c byte) bool { return 'a' <= c && c <= 'z' }

// isHex reports whether c is a hexadecimal digit.
func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// isBlank reports whether c is a space or a tab.
func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// isKeyByte reports whether c may stand in a key or in a name.
func isKeyByte(c byte) bool { return c == '_' || c == '-' || isAlnum(c) }

// wordBefore reports whether the byte before i is of the same word, for words of
// ASCII letters: other scripts write numbers and keys without a space before them.
func wordBefore(text string, i int) bool {
	return i > 0 && (text[i-1] == '_' || isLetter(text[i-1]))
}

// hasPrefixFold is strings.HasPrefix without regard to capital letters.
func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// wordSet returns the words of a text as a set.
func wordSet(text string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		m[w] = true
	}
	return m
}
