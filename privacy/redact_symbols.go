// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// symbol says what a character is inside a number that people write.
type symbol uint8

const (
	symbolOther symbol = iota
	symbolDigit
	symbolSpace
	symbolHyphen
	symbolDot
	symbolSlash
	symbolOpen
	symbolClose
	symbolPlus
	// symbolBreak ends a line or a cell: numbers seldom go on after one.
	symbolBreak
	// symbolNothing shows nothing: marks of direction, which stand around numbers
	// in Arabic and Hebrew.
	symbolNothing
)

var asciiSymbols = func() (t [utf8.RuneSelf]symbol) {
	for c := '0'; c <= '9'; c++ {
		t[c] = symbolDigit
	}
	t[' '], t['-'], t['.'], t['/'] = symbolSpace, symbolHyphen, symbolDot, symbolSlash
	t['('], t[')'], t['+'] = symbolOpen, symbolClose, symbolPlus
	t['\t'], t['\n'], t['\r'] = symbolBreak, symbolBreak, symbolBreak
	return t
}()

// symbolAt reads the character at i. One that is escaped as in a URL counts as
// itself, as far as it matters in numbers; the digits of "%2C" are none.
func symbolAt(text string, i int) (k symbol, digit, size int) {
	c := text[i]
	switch {
	case c == '%':
		if v, ok := hexValue(text, i+1, 2); ok {
			if v < utf8.RuneSelf && asciiSymbols[v] != symbolDigit {
				return asciiSymbols[v], 0, 3
			}
			return symbolOther, 0, 3
		}
		return symbolOther, 0, 1
	case c < utf8.RuneSelf:
		return asciiSymbols[c], int(c - '0'), 1
	}
	r, size := utf8.DecodeRuneInString(text[i:])
	switch {
	case unicode.Is(unicode.Nd, r):
		return symbolDigit, digitValue(r), size
	case unicode.Is(unicode.Zs, r):
		return symbolSpace, 0, size
	}
	switch r {
	case '‐', '‑', '‒', '–', '−', '－':
		return symbolHyphen, 0, size
	case '＋':
		return symbolPlus, 0, size
	case '（':
		return symbolOpen, 0, size
	case '）':
		return symbolClose, 0, size
	case '\u061c', '\u200b', '\u200c', '\u200d', '\u200e', '\u200f', '\u202a', '\u202b', '\u202c', '\u202d', '\u202e',
		'\u2060', '\u2066', '\u2067', '\u2068', '\u2069', '\ufeff':
		return symbolNothing, 0, size
	}
	return symbolOther, 0, size
}

// digitValue returns the value of a decimal digit of any script. The digits of a
// script are ten neighbours, so the start of the run gives the value.
func digitValue(r rune) int {
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if lo, hi := int64(t.Lo), int64(t.Hi); lo <= int64(r) && int64(r) <= hi {
			return int(int64(r)-lo) % 10
		}
	}
	return 0
}

func hexValue(s string, from, digits int) (rune, bool) {
	if len(s) < from+digits {
		return 0, false
	}
	n, err := strconv.ParseUint(s[from:from+digits], 16, 16)
	return rune(n), err == nil
}
