// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// decoded is a text as a reader understands it: escapes and entities are decoded,
// digits, dashes, blanks and letters of other scripts and widths stand as ASCII,
// "(at)" is "@", and characters that show nothing are left out.
type decoded struct {
	source string
	// Text is what was decoded: source itself if edits is empty.
	text  string
	edits []edit
	next  int // the first edit that source has not passed
}

// edit says that size bytes of the decoded text, from at on, stand for length
// bytes of the source, from origin on. What is between two edits is the same.
type edit struct{ at, origin, size, length int32 }

// mayDecode marks the bytes that something else may stand for.
var mayDecode = func() (t [256]bool) {
	for _, c := range []byte("%&\\([{<\xc2\xcd\xd8\xd9\xdb\xdf") {
		t[c] = true
	}
	for _, c := range []byte("\xe0\xe1\xe2\xe3\xea\xef\xf0\xf3") { // neither ideographs nor Hangul
		t[c] = true
	}
	return t
}()

// decodesTwo spares letters of two bytes a closer look.
func decodesTwo(a, b byte) bool {
	switch a {
	case 0xc2: // signs of Latin-1
		return true
	case 0xd8:
		return b == 0x9c
	case 0xd9:
		return b >= 0xa0 && b <= 0xa9
	case 0xdb:
		return b >= 0xb0 && b <= 0xb9
	}
	return a == 0xcd && b == 0x8f || a == 0xdf && b <= 0x89
}

const leftOut rune = -1

func decode(source string) decoded {
	d := decoded{source: source, text: source}
	var b []byte
	done := 0
	for i := 0; i < len(source); {
		if c := source[i]; !mayDecode[c] || c >= 0xc2 && c < 0xe0 && i+1 < len(source) && !decodesTwo(c, source[i+1]) {
			i++
			continue
		}
		r, from, to := decodeAt(source, i)
		if from == to || from < done {
			i = max(i+1, to)
			continue
		}
		if b == nil {
			b = make([]byte, 0, len(source))
		}
		b = append(b, source[done:from]...)
		at := len(b)
		if r != leftOut {
			b = utf8.AppendRune(b, r)
		}
		d.edits = append(d.edits, edit{int32(at), int32(from), int32(len(b) - at), int32(to - from)})
		i, done = to, to
	}
	if b != nil {
		d.text = string(append(b, source[done:]...))
	}
	return d
}

// origin returns where Text[from:to] stands in the source. Calls must ask for
// one stretch after the other.
func (d *decoded) origin(from, to int) (start, end int) {
	if len(d.edits) == 0 {
		return from, to
	}
	for d.next < len(d.edits) && d.edits[d.next].end() <= from {
		d.next++
	}
	start = d.after(d.next-1, from)
	if d.next < len(d.edits) && int(d.edits[d.next].at) <= from {
		start = int(d.edits[d.next].origin)
	}
	k := d.next
	for k < len(d.edits) && int(d.edits[k].at) < to {
		k++
	}
	d.next = max(0, k-1)
	return start, d.after(k-1, to)
}

func (e *edit) end() int { return int(e.at + e.size) }

// after returns where the place p, which is behind the beginning of edit k, is in
// the source.
func (d *decoded) after(k, p int) int {
	if k < 0 {
		return p
	}
	e := &d.edits[k]
	return int(e.origin+e.length) + max(0, p-e.end())
}

// decodeAt returns the character that source[from:to] stands for; i is in it. If
// it stands for itself, from is to, which is where to go on.
func decodeAt(s string, i int) (r rune, from, to int) {
	from = i
	switch s[i] {
	case '%':
		r, to = decodePercent(s, i)
	case '&':
		r, to = decodeEntity(s, i)
	case '\\':
		end := span(s, i, func(c byte) bool { return c == '\\' })
		if r, to = decodeEscape(s, end); to == end {
			return 0, end, end
		}
	case '(', '[', '{', '<':
		return decodeBracketed(s, i)
	default:
		c, size := utf8.DecodeRuneInString(s[i:])
		if r = fold(c); r == c {
			return r, i + size, i + size
		}
		return r, i, i + size
	}
	if to > i {
		r = fold(r)
	}
	return r, from, to
}

// decodePercent reads "%40", also "%2540", and the UTF-8 of another character.
func decodePercent(s string, i int) (r rune, end int) {
	first, end := percentByte(s, i)
	if end == i || first < ' ' && first != '\n' && first != '\t' && first != '\r' {
		return 0, i
	}
	if first < utf8.RuneSelf {
		return rune(first), end
	}
	b := [utf8.UTFMax]byte{first}
	for n := 1; n < len(b); n++ {
		next, to := percentByte(s, end)
		if to == end {
			break
		}
		b[n], end = next, to
		if r, _ = utf8.DecodeRune(b[:n+1]); r != utf8.RuneError {
			return r, end
		}
	}
	return 0, i
}

func percentByte(s string, i int) (value byte, end int) {
	if i >= len(s) || s[i] != '%' {
		return 0, i
	}
	j := i + 1
	for strings.HasPrefix(s[j:], "25") {
		j += 2
	}
	v, ok := hexValue(s, j, 2)
	if !ok && j > i+1 {
		j -= 2
		v, ok = hexValue(s, j, 2)
	}
	looked(j - i)
	if !ok {
		return 0, i
	}
	return byte(v), j + 2
}

var entities = map[string]rune{
	"commat": '@', "period": '.', "amp": '&', "quot": '"', "apos": '\'', "lt": '<', "gt": '>', "nbsp": ' ', "colon": ':', "equals": '=',
	"lowbar": '_', "hyphen": '-', "dash": '-', "num": '#', "shy": '\u00ad', "zwnj": '\u200c', "zwj": '\u200d', "ZeroWidthSpace": '\u200b',
}

func decodeEntity(s string, i int) (r rune, end int) {
	const longest = 16
	semicolon := strings.IndexByte(s[i:min(len(s), i+longest)], ';')
	if semicolon < 3 {
		return 0, i
	}
	end = i + semicolon + 1
	body := s[i+1 : end-1]
	if body[0] != '#' {
		if r, ok := entities[body]; ok {
			return r, end
		}
		return 0, i
	}
	base, number := 10, body[1:]
	if number[0] == 'x' || number[0] == 'X' {
		base, number = 16, number[1:]
	}
	n, err := strconv.ParseUint(number, base, 32)
	if err != nil || n < ' ' || n > unicode.MaxRune {
		return 0, i
	}
	return rune(n), end
}

// decodeEscape reads what may follow a backslash.
func decodeEscape(s string, i int) (r rune, end int) {
	if i >= len(s) {
		return 0, i
	}
	digits := 0
	switch s[i] {
	case 'n', 'r', 'b', 'f':
		return '\n', i + 1
	case 't':
		return '\t', i + 1
	case '/':
		return '/', i + 1
	case 'u':
		digits = 4
	case 'x':
		digits = 2
	}
	v, ok := hexValue(s, i+1, digits)
	if !ok || v < ' ' || v == '"' || v == '\'' || v == '\\' || !utf8.ValidRune(v) {
		return 0, i
	}
	return v, i + 1 + digits
}

// decodeBracketed reads "(at)" and "[dot]", with the blanks around.
func decodeBracketed(s string, i int) (r rune, from, to int) {
	j := i + 1
	if j < len(s) && s[j] == ' ' {
		j++
	}
	size := 0
	switch {
	case hasPrefixFold(s[j:], "at"):
		r, size = '@', 2
	case hasPrefixFold(s[j:], "dot"):
		r, size = '.', 3
	default:
		return 0, i, i
	}
	if j += size; j < len(s) && s[j] == ' ' {
		j++
	}
	if j >= len(s) || s[j] != closes[s[i]] {
		return 0, i, i
	}
	from, to = i, j+1
	if from > 0 && s[from-1] == ' ' {
		from--
	}
	if to < len(s) && s[to] == ' ' {
		to++
	}
	return r, from, to
}

var closes = [256]byte{'(': ')', '[': ']', '{': '}', '<': '>'}

// fold returns the ASCII character that r looks like, where that matters in what
// Redact finds; leftOut if r shows nothing; else r.
func fold(r rune) rune {
	switch {
	case r < 0xa0, r > '۹' && r < 0x7c0, r > 0x3020 && r < '・':
		return r
	case r >= 0x600 && r <= '۹' && r != 0x61c:
		if r >= '٠' && r <= '٩' || r >= '۰' {
			return '0' + r&0xf
		}
	case r >= 0xff01 && r <= 0xff5e: // full width
		return r - 0xff01 + '!'
	case showsNothing(r):
		return leftOut
	case r < 0x300, r >= 0x2000 && r < 0x3100:
	case unicode.Is(unicode.Nd, r):
		return '0' + rune(digitValue(r))
	}
	switch r {
	case 0xa0, 0x1680, 0x202f, 0x205f, 0x3000, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a:
		return ' '
	case '‐', '‑', '‒', '–', '—', '―', '−', '﹣', '⁃':
		return '-'
	case '。', '｡', '․', '﹒':
		return '.'
	case '﹫':
		return '@'
	case '“', '”', '„', '«', '»':
		return '"'
	case '‘', '’', '‚':
		return '\''
	case '·', '•', '∙', '・':
		return '·'
	}
	return r
}

// showsNothing reports whether r shows nothing. It is for soft hyphens, zero-width characters, marks of direction,
// variation selectors and tags.
func showsNothing(r rune) bool {
	switch {
	case r == 0xad, r == 0x34f, r == 0x61c, r == 0x115f, r == 0x1160, r == 0x3164, r == 0xfeff, r == 0xffa0,
		r >= 0x180b && r <= 0x180f, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f,
		r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return false
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

// hexValue reads so many hexadecimal digits, at least one.
func hexValue(s string, from, digits int) (rune, bool) {
	if digits == 0 || len(s) < from+digits {
		return 0, false
	}
	v := rune(0)
	for _, c := range []byte(s[from : from+digits]) {
		switch {
		case '0' <= c && c <= '9':
			v = v<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			v = v<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return v, true
}
