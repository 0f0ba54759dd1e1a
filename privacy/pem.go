// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"
)

// privateKey finds the end of a private key that begins at i: PEM (RFC 7468),
// OpenPGP's armor (RFC 9580), SSH2's (RFC 4716, with four hyphens).
func (s *secretSearch) privateKey(i int) int {
	const longest = 64 // of a line that begins or ends one
	hyphens := span(s.text[:min(len(s.text), i+6)], i, isHyphen) - i
	if hyphens < 4 {
		return 0
	}
	line := s.text[i+hyphens : min(len(s.text), i+longest)]
	label, ok := strings.CutPrefix(strings.TrimPrefix(line, " "), "BEGIN ")
	if !ok {
		return 0
	}
	label, _, ok = strings.Cut(label, "----")
	if !ok || !strings.Contains(label, "PRIVATE KEY") && !strings.Contains(label, "Static key") {
		return 0
	}
	body := i + hyphens + strings.Index(line, label) + len(label)
	body = span(s.text, body, isHyphen)
	if i >= s.noPEMEnd {
		for _, marker := range [...]string{"-----END ", "---- END "} {
			at := strings.Index(s.text[body:], marker)
			looked(max(at, 0))
			if at < 0 {
				continue
			}
			end := body + at + len(marker)
			if n := strings.Index(s.text[end:min(len(s.text), end+longest)], "----"); n >= 0 {
				end = span(s.text, end+n, isHyphen)
			}
			return end
		}
		looked(len(s.text) - body)
		s.noPEMEnd = len(s.text)
	}
	return armorEnd(s.text, body)
}

func isHyphen(c byte) bool { return c == '-' }

// armorEnd returns the end of lines of base64 and of "Name: value", for a key
// that is cut short.
func armorEnd(text string, i int) int {
	for {
		from := span(text, i, func(c byte) bool { return c <= ' ' })
		end := tokenBytes.span(text, from)
		switch {
		case end == from:
			return i
		case end < len(text) && text[end] == ':' && strings.IndexByte(text[from:end], '-') > 0:
			i = span(text, end, func(c byte) bool { return c != '\n' && c != '"' })
		case end < len(text) && text[end] > ' ' && text[end] != '"' && text[end] != '\'', end-from < 16 && end < len(text) && !hasDigit(text[from:end]) && text[end-1] != '=':
			return i
		default:
			i = end
		}
	}
}

// puttyKey finds the end of a key of PuTTY's, which ends with its check sum.
func (s *secretSearch) puttyKey(i int) int {
	if i >= s.noPuTTYEnd {
		at := strings.Index(s.text[i:], "Private-MAC:")
		if at >= 0 {
			looked(at)
			end := blankBytes.span(s.text, i+at+len("Private-MAC:"))
			return span(s.text, end, isAlnum)
		}
		looked(len(s.text) - i)
		s.noPuTTYEnd = len(s.text)
	}
	return len(s.text)
}
