// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// decode reads a text as people do: escapes and entities are decoded, digits,
// dashes, blanks and letters of other widths stand as ASCII, "(at)" is "@", and
// characters that show nothing are left out.
func decode(source string) rewriter {
	w := rewriter{source: source, text: source}
	var b []byte
	done := 0
	for i := 0; i < len(source); {
		if c := source[i]; c < utf8.RuneSelf && !escapes[c] {
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
		w.edits = append(w.edits, edit{int32(at), int32(len(b)), int32(from), int32(to)})
		i, done = to, to
	}
	if b != nil {
		w.text = string(append(b, source[done:]...))
	}
	return w
}

var escapes = bytesOf(`%&\([{<`)

const leftOut rune = -1

// decodeAt returns the character that source[from:to] stands for; i is in it. If
// it stands for itself, from is to, which is where to go on.
func decodeAt(s string, i int) (r rune, from, to int) {
	switch s[i] {
	case '%':
		r, to = decodePercent(s, i)
	case '&':
		r, to = decodeEntity(s, i)
	case '\\':
		end := escapeBytes.span(s, i)
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
	return r, i, to
}

// decodePercent reads "%40", also "%2540", and the UTF-8 of another character.
func decodePercent(s string, i int) (r rune, end int) {
	first, end := percentByte(s, i)
	if end == i || first < ' ' && !oneOf(first, "\n\t\r") {
		return 0, i
	}
	b := append(make([]byte, 0, utf8.UTFMax), first)
	for !utf8.FullRune(b) {
		next, to := percentByte(s, end)
		if to == end {
			break
		}
		b, end = append(b, next), to
	}
	if r, _ = utf8.DecodeRune(b); r == utf8.RuneError {
		return 0, i
	}
	return r, end
}

func percentByte(s string, i int) (value byte, end int) {
	if i >= len(s) || s[i] != '%' {
		return 0, i
	}
	j := i + 1
	for strings.HasPrefix(s[j:], "25") {
		j += 2
	}
	looked(j - i)
	for try := 0; try < 2 && j > i; try, j = try+1, j-2 {
		if j+2 > len(s) {
			continue
		}
		if high, low := unhex(s[j]), unhex(s[j+1]); high >= 0 && low >= 0 {
			return byte(high<<4 | low), j + 2
		}
	}
	return 0, i
}

func unhex(c byte) int { return strings.IndexByte("0123456789abcdef", c|0x20) }

func decodeEntity(s string, i int) (r rune, end int) {
	const longest = 18
	end = i + strings.IndexByte(part(s, i, longest), ';') + 1
	if end == i || s[i+1] != '#' && !isLetter(s[i+1]) {
		return 0, i
	}
	decoded := html.UnescapeString(s[i:end])
	r, size := utf8.DecodeRuneInString(decoded)
	if size < len(decoded) || r == utf8.RuneError || r < ' ' {
		return 0, i
	}
	return r, end
}

// decodeEscape reads what may follow a backslash, before i.
func decodeEscape(s string, i int) (r rune, end int) {
	switch {
	case i >= len(s):
		return 0, i
	case s[i] == '/':
		return '/', i + 1
	case oneOf(s[i], "nrbf"):
		return '\n', i + 1
	case !oneOf(s[i], "tux"):
		return 0, i
	}
	r, _, rest, err := strconv.UnquoteChar(s[i-1:], 0)
	if err != nil || r < ' ' && r != '\t' || oneOf(byte(min(r, 0xff)), "\"'\\") {
		return 0, i
	}
	return r, len(s) - len(rest)
}

// decodeBracketed reads "(at)" and "[dot]", with the blanks around.
func decodeBracketed(s string, i int) (r rune, from, to int) {
	const longest = len("( dot )")
	closing := s[i] + 2 // in ASCII
	if s[i] == '(' {
		closing = ')'
	}
	end := strings.IndexByte(part(s, i+1, longest), closing)
	if end < 0 {
		return 0, i, i
	}
	switch word := strings.Trim(s[i+1:i+1+end], " "); {
	case strings.EqualFold(word, "at"):
		r = '@'
	case strings.EqualFold(word, "dot"):
		r = '.'
	default:
		return 0, i, i
	}
	from, to = i, i+end+2
	if from > 0 && s[from-1] == ' ' {
		from--
	}
	if to < len(s) && s[to] == ' ' {
		to++
	}
	return r, from, to
}

// fold returns the ASCII character that r looks like, where that matters in what
// Redact finds; leftOut if r shows nothing; else r.
func fold(r rune) rune {
	if r >= 0xe0000 && r < 0xe1000 { // tags and variation selectors
		return leftOut
	}
	if block := int(r >> 4); block < len(foldBlocks) && foldBlocks[block] {
		if to, ok := folds[r]; ok {
			return to
		}
	}
	return r
}

// folds is the table of fold, foldBlocks the blocks of 16 characters in it.
var folds, foldBlocks = func() (m map[rune]rune, blocks [0x20000 >> 4]bool) {
	m = map[rune]rune{
		'−': '-', '⁃': '-', '。': '.', '｡': '.', '․': '.', '﹒': '.', '﹫': '@', '•': '·', '∙': '·', '・': '·',
		'“': '"', '”': '"', '„': '"', '«': '"', '»': '"', '‘': '\'', '’': '\'', '‚': '\'',
	}
	for r := rune(0xff01); r <= 0xff5e; r++ { // full width
		m[r] = r - 0xff01 + '!'
	}
	add := func(t *unicode.RangeTable, to rune) {
		runs := slices.Clone(t.R32)
		for _, r := range t.R16 {
			runs = append(runs, unicode.Range32{Lo: uint32(r.Lo), Hi: uint32(r.Hi), Stride: uint32(r.Stride)})
		}
		for _, run := range runs {
			for r := run.Lo; r <= run.Hi && r < 0x20000; r += run.Stride {
				if r < utf8.RuneSelf {
					continue
				}
				m[rune(r)] = to
				if to == '0' {
					m[rune(r)] += rune(r-run.Lo) % 10
				}
			}
		}
	}
	add(unicode.Nd, '0')
	add(unicode.Zs, ' ')
	add(unicode.Pd, '-')
	for _, t := range []*unicode.RangeTable{unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point} {
		add(t, leftOut)
	}
	for r := range m {
		blocks[r>>4] = true
	}
	return m, blocks
}()
