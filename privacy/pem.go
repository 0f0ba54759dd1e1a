// SPDX-License-Identifier: Apache-2.0

package privacy

import "strings"

// privateKey finds a private key that begins at i: PEM (RFC 7468), OpenPGP's armor
// (RFC 9580), SSH2's (RFC 4716, with four hyphens).
func (s *secretSearch) privateKey(i int) stretch {
	const longest = 64 // of a line that begins or ends one
	text := s.text
	line := upTo(text, i+longest)
	label := hyphenBytes.span(line, i)
	end := strings.Index(line[label:], "----")
	if end < 0 || !strings.HasPrefix(strings.TrimPrefix(line[label:], " "), "BEGIN ") {
		return stretch{}
	}
	if l := line[label : label+end]; !strings.Contains(l, "PRIVATE KEY") && !strings.Contains(l, "Static key") {
		return stretch{}
	}
	body := hyphenBytes.span(text, label+end)
	last := strings.Index(text[body:], "----")
	looked(max(last, 0))
	if last >= 0 {
		last = hyphenBytes.span(text, body+last)
		if line = upTo(text, last+longest)[last:]; strings.HasPrefix(strings.TrimPrefix(line, " "), "END ") {
			end = max(0, strings.Index(line, "----"))
			return stretch{i, hyphenBytes.span(text, last+end), redactedKey}
		}
	}
	return stretch{i, armorEnd(text, body), redactedKey}
}

// armorEnd returns the end of lines of base64 and of "Name: value", for a key
// that is cut short.
func armorEnd(text string, i int) int {
	for {
		from := spaceBytes.span(text, i)
		end := tokenBytes.span(text, from)
		next := byte(' ')
		if end < len(text) {
			next = text[end]
		}
		switch word := text[from:end]; {
		case word == "":
			return i
		case next == ':' && strings.IndexByte(word, '-') > 0:
			i = lineBytes.span(text, end)
		case next > ' ' && next != '"' && next != '\'', len(word) < 16 && end < len(text) && !hasDigit(word) && word[len(word)-1] != '=':
			return i
		default:
			i = end
		}
	}
}

var lineBytes = bytesBut(0, "\n\"")

// puttyKey finds a key of PuTTY's, which ends with its check sum.
func (s *secretSearch) puttyKey(i int) stretch {
	const last = "Private-MAC:"
	end := len(s.text)
	if at := strings.Index(s.text[i:], last); at >= 0 {
		end = alnumBytes.span(s.text, blankBytes.span(s.text, i+at+len(last)))
	}
	looked(end - i)
	return stretch{i, end, redactedKey}
}
