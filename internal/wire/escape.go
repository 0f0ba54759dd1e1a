// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// escape takes the byte after a backslash.
func (s *scanner) escape(c byte) {
	if c == 'u' {
		s.state, s.digit, s.unit = inHex, 0, 0
		return
	}
	i := strings.IndexByte(`"\/bfnrt`, c)
	if i < 0 {
		s.fail()
		return
	}
	s.state = inString
	if s.keep {
		s.addRune(rune("\"\\/\b\f\n\r\t"[i]))
	}
}

// hex takes one of the four digits of a \u escape.
func (s *scanner) hex(c byte) {
	switch {
	case c >= '0' && c <= '9':
		c -= '0'
	case c >= 'a' && c <= 'f':
		c -= 'a' - 10
	case c >= 'A' && c <= 'F':
		c -= 'A' - 10
	default:
		s.fail()
		return
	}
	s.unit = s.unit<<4 | rune(c)
	if s.digit++; s.digit < 4 {
		return
	}
	s.state = inString
	if !s.keep {
		return
	}
	if r := utf16.DecodeRune(s.high, s.unit); r != utf8.RuneError {
		s.high = 0
		s.addRune(r)
		return
	}
	s.flushHigh()
	if s.unit >= 0xD800 && s.unit < 0xDC00 {
		s.high = s.unit
		return
	}
	s.addRune(s.unit) // which makes a lone low surrogate a RuneError
}

// flushHigh replaces a high surrogate that no low one followed.
func (s *scanner) flushHigh() {
	if s.high != 0 {
		s.high = 0
		s.addRune(utf8.RuneError)
	}
}
