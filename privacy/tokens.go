// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"
)

// telegramToken finds "123456789:AA…" around the colon at i.
func telegramToken(text string, i int) (from, to int) {
	const secret = 35
	if i < 6 || !strings.HasPrefix(text[i+1:], "AA") {
		return 0, 0
	}
	from = i
	for from > 0 && i-from <= 12 && isDigit(text[from-1]) {
		from--
	}
	to = i + 1
	for to < len(text) && to-i <= secret+8 && isKeyByte(text[to]) {
		to++
	}
	looked(to - from)
	if i-from < 6 || to-i-1 < secret-3 {
		return 0, 0
	}
	return from, to
}

// webToken finds the end of a JSON Web Token: "eyJ…", and parts after dots.
func (s *secretSearch) webToken(i int) int {
	if i < s.noToken {
		return 0
	}
	end, parts := i, 0
	for {
		next := keyBytes.span(s.text, end)
		if next-end >= 6 {
			parts++
		}
		end = next
		if end+1 >= len(s.text) || s.text[end] != '.' || !isKeyByte(s.text[end+1]) && s.text[end+1] != '.' {
			break
		}
		end++
	}
	if parts < 2 {
		s.noToken = end
		return 0
	}
	return end
}
