// SPDX-License-Identifier: Apache-2.0

package privacy

import "strings"

// work counts the bytes that scans look at, where a test sets it: time without a
// clock. Only tests that run alone may set it.
var work *int

func looked(n int) {
	if work != nil {
		*work += n
	}
}

type byteSet [256]bool

// bytesOf returns a set of bytes, and of ranges such as "a-z".
func bytesOf(class string) *byteSet {
	var s byteSet
	for i := 0; i < len(class); i++ {
		first, last := class[i], class[i]
		if i+2 < len(class) && class[i+1] == '-' {
			last = class[i+2]
			i += 2
		}
		for c := int(first); c <= int(last); c++ {
			s[c] = true
		}
	}
	return &s
}

// bytesBut returns the set of all bytes from first on but those of class.
func bytesBut(first byte, class string) *byteSet {
	s := bytesOf(class)
	for c := range s {
		s[c] = !s[c] && c >= int(first)
	}
	return s
}

var (
	digitBytes  = bytesOf("0-9")
	letterBytes = bytesOf("a-zA-Z")
	alnumBytes  = bytesOf("a-zA-Z0-9")
	hexBytes    = bytesOf("0-9a-fA-F")
	keyBytes    = bytesOf("a-zA-Z0-9_-")
	dottedBytes = bytesOf("a-zA-Z0-9_.-")
	tokenBytes  = bytesOf("a-zA-Z0-9_.~+/=-")
	blankBytes  = bytesOf(" \t")
	hyphenBytes = bytesOf("-")
	escapeBytes = bytesOf(`\`)
	spaceBytes  = bytesOf("\x00- ")
)

// span returns the end of the bytes of the set that begin at i.
func (s *byteSet) span(text string, i int) int {
	from := i
	for i < len(text) && s[text[i]] {
		i++
	}
	looked(i - from + 1)
	return i
}

func isDigit(c byte) bool   { return '0' <= c && c <= '9' }
func isLetter(c byte) bool  { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isAlnum(c byte) bool   { return isDigit(c) || isLetter(c) }
func isUpper(c byte) bool   { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool   { return 'a' <= c && c <= 'z' }
func isBlank(c byte) bool   { return c == ' ' || c == '\t' }
func isQuote(c byte) bool   { return c == '"' || c == '\'' || c == '`' }
func isKeyByte(c byte) bool { return c == '_' || c == '-' || isAlnum(c) }

// oneOf reports whether c is one of the bytes of a string.
func oneOf(c byte, bytes string) bool { return strings.IndexByte(bytes, c) >= 0 }

// wordBefore reports whether the byte before i is of the same word, for words of
// ASCII letters: other scripts write numbers and keys without a space before them.
func wordBefore(text string, i int) bool {
	return i > 0 && (text[i-1] == '_' || isLetter(text[i-1]))
}

// part returns at most n bytes of a text from i on.
func part(text string, i, n int) string { return text[i:min(len(text), i+n)] }

// upTo returns a text without what follows end, if it is that long.
func upTo(text string, end int) string { return text[:min(len(text), end)] }

func hasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

func wordSet(text string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		m[w] = true
	}
	return m
}

// tableOf reads lines such as "head: words"; those of one head belong together.
func tableOf(text string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(text) {
		if head, words, ok := strings.Cut(line, ": "); ok && line[0] != '#' {
			m[head] += words
		}
	}
	return m
}
