// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// quoteLength is the shortest stretch, in bytes, that counts as quoted by
// itself; shorter ones only count inside quotation marks or as a whole.
const quoteLength = 10

// takeOutQuotes replaces every stretch of msg that also stands in one of the
// texts, however it is escaped. The result is valid UTF-8.
func takeOutQuotes(msg string, seen []string, replace func(string) string) string {
	msg = strings.ToValidUTF8(msg, "�")
	if len(seen) == 0 || msg == "" {
		return msg
	}
	p := flatten(msg, true)
	hit := make([]bool, len(msg)+1)
	mark := func(from, to int) {
		for i := p.at[from]; i < p.at[to]; i++ {
			hit[i] = true
		}
	}
	// grams holds where each stretch of quoteLength bytes stands last in msg,
	// and next where it stands before that, both counted from 1.
	grams := make(map[string]int, len(p.text))
	next := make([]int, len(p.text)+1)
	var maybe sieve
	for i := 0; i+quoteLength <= len(p.text); i++ {
		g := p.text[i : i+quoteLength]
		next[i+1] = grams[g]
		grams[g] = i + 1
		maybe.add(g)
	}
	short := shortQuotations(p.text)
	budget := maxSeen
	for _, text := range seen {
		if budget <= 0 {
			break
		}
		if len(text) > budget {
			text = text[:budget]
		}
		budget -= len(text)
		text = flatten(text, false).text
		for j := 0; j+quoteLength <= len(text); j++ {
			g := text[j : j+quoteLength]
			if !maybe.has(g) {
				continue
			}
			if last, ok := grams[g]; ok {
				for at := last; at > 0; at = next[at] {
					mark(at-1, at-1+quoteLength)
				}
				// Once is enough: a row of dashes in both would cost the
				// product of their lengths.
				delete(grams, g)
			}
		}
		for q, places := range short {
			if strings.Contains(text, q) {
				for _, at := range places {
					mark(at, at+len(q))
				}
				delete(short, q)
			}
		}
		if text = strings.TrimSpace(text); len(text) >= 3 && len(text) < quoteLength {
			for at := wordIndex(p.text, text, 0); at >= 0; at = wordIndex(p.text, text, at+len(text)) {
				mark(at, at+len(text))
			}
		}
	}
	return rebuild(msg, hit, replace)
}

// sieve tells quickly of most stretches that they are not in the message: a
// prompt has hundreds of thousands, and a map look-up for each takes long.
type sieve [1 << 10]uint64

func (s *sieve) slot(g string) (word, bit uint64) {
	h := (uint64(g[0]) | uint64(g[1])<<8 | uint64(g[2])<<16 | uint64(g[3])<<24 |
		uint64(g[4])<<32 | uint64(g[5])<<40 | uint64(g[6])<<48 | uint64(g[7])<<56) * 0x9E3779B97F4A7C15 >> 48
	return h >> 6, 1 << (h & 63)
}

func (s *sieve) add(g string) {
	w, b := s.slot(g)
	s[w] |= b
}

func (s *sieve) has(g string) bool {
	w, b := s.slot(g)
	return s[w]&b != 0
}

// rebuild puts msg together again, each hit stretch replaced, on rune
// boundaries.
func rebuild(msg string, hit []bool, replace func(string) string) string {
	var b strings.Builder
	from, in := 0, false
	flush := func(to int) {
		if in {
			b.WriteString(replace(msg[from:to]))
		} else {
			b.WriteString(msg[from:to])
		}
		from = to
	}
	for i, r := range msg {
		now := false
		for j := i; j < i+utf8.RuneLen(r); j++ {
			now = now || hit[j]
		}
		if now != in {
			if i > from {
				flush(i)
			}
			in = now
		}
	}
	flush(len(msg))
	return strings.ToValidUTF8(b.String(), "�")
}

// flat is a text in the form in which quotations are compared: escapes of JSON,
// Go and URLs undone, runs of white space made one space.
type flat struct {
	text string
	at   []int // where each byte of text begins in the original, and its end
}

// flatten makes the flat form; the places are only needed of the message.
func flatten(s string, places bool) flat {
	var f flat
	note := func(int) {}
	if places {
		f.at = make([]int, 0, len(s)+1)
		note = func(i int) { f.at = append(f.at, i) }
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for i := 0; i < len(s); {
		// Nearly all of a text is plain letters: no need to look closer at them.
		if c := s[i]; c > ' ' && c < utf8.RuneSelf && c != '%' && c != '\\' && c != '+' {
			b.WriteByte(c)
			note(i)
			space = false
			i++
			continue
		}
		r, size := unescape(s[i:])
		if unicode.IsSpace(r) {
			if !space {
				b.WriteByte(' ')
				note(i)
			}
			space = true
			i += size
			continue
		}
		space = false
		switch {
		case size == 1 && r == rune(s[i]) || r == utf8.RuneError:
			b.WriteString(s[i : i+size])
			for k := range size {
				note(i + k)
			}
		case r < 0:
			// A byte of a percent-encoded or invalid rune.
			b.WriteByte(byte(-r))
			note(i)
		default:
			n, _ := b.WriteRune(r)
			for range n {
				note(i)
			}
		}
		i += size
	}
	note(len(s))
	f.text = b.String()
	return f
}

// unescape decodes the first character of s and returns how many bytes it
// takes there. A negative result stands for one byte of an encoded rune.
// Several backslashes count as one: an error may be JSON inside JSON.
func unescape(s string) (rune, int) {
	switch s[0] {
	case '+':
		return ' ', 1 // as in a URL's query
	case '%', '\\':
		i := backslashes(s)
		if i == 0 {
			if n, ok := hexValue(s, 1, 2); ok {
				return runeOrByte(n), 3
			}
			break
		}
		if i == len(s) {
			return '\\', i
		}
		switch s[i] {
		case 'n', 'r', 't':
			return ' ', i + 1
		case '"', '\'', '/', '`':
			return rune(s[i]), i + 1
		case 'x':
			if n, ok := hexValue(s, i+1, 2); ok {
				return runeOrByte(n), i + 3
			}
		case 'u':
			if n, ok := hexValue(s, i+1, 4); ok {
				return unescapeUTF16(s, n, i+5)
			}
		}
		return '\\', i
	}
	return utf8.DecodeRuneInString(s)
}

// backslashes returns the length of the backslashes at the start of s, those of
// a URL included.
func backslashes(s string) int {
	i := 0
	for i < len(s) {
		switch {
		case s[i] == '\\':
			i++
		case strings.HasPrefix(s[i:], "%5C"), strings.HasPrefix(s[i:], "%5c"):
			i += 3
		default:
			return i
		}
	}
	return i
}

func runeOrByte(n rune) rune {
	if n < utf8.RuneSelf {
		return n
	}
	return -n
}

// unescapeUTF16 joins a surrogate pair, whose second half follows its own
// backslashes.
func unescapeUTF16(s string, n rune, size int) (rune, int) {
	if !utf16.IsSurrogate(n) {
		return n, size
	}
	i := size + backslashes(s[size:])
	if i > size && i < len(s) && s[i] == 'u' {
		if low, ok := hexValue(s, i+1, 4); ok {
			if r := utf16.DecodeRune(n, low); r != utf8.RuneError {
				return r, i + 5
			}
		}
	}
	return '?', size
}

func hexValue(s string, from, digits int) (rune, bool) {
	if len(s) < from+digits {
		return 0, false
	}
	n, err := strconv.ParseUint(s[from:from+digits], 16, 16)
	return rune(n), err == nil
}

const quotationMarks = "\"'`“”«»‘’"

// shortQuotations finds what stands in quotation marks and is too short to be
// found otherwise, with its places. An apostrophe inside a word is no mark.
func shortQuotations(text string) map[string][]int {
	short := map[string][]int{}
	var before rune
	for i, r := range text {
		if strings.ContainsRune(quotationMarks, r) && !wordRune(before) {
			start := i + utf8.RuneLen(r)
			rest := text[start:min(len(text), start+quoteLength+utf8.UTFMax)]
			for j, c := range rest {
				if j >= quoteLength {
					break
				}
				if strings.ContainsRune(quotationMarks, c) {
					if j >= 2 && strings.ContainsFunc(rest[:j], wordRune) {
						short[rest[:j]] = append(short[rest[:j]], start)
					}
					break
				}
			}
		}
		before = r
	}
	return short
}

// wordIndex finds text in msg from an offset on, as a word of its own.
func wordIndex(msg, text string, from int) int {
	for from <= len(msg)-len(text) {
		i := strings.Index(msg[from:], text)
		if i < 0 {
			return -1
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(msg[:i])
		after, _ := utf8.DecodeRuneInString(msg[i+len(text):])
		if !wordRune(before) && !wordRune(after) {
			return i
		}
		from = i + 1
	}
	return -1
}

func wordRune(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}
