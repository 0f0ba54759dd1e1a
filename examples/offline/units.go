// SPDX-License-Identifier: Apache-2.0

package offline

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind int

const (
	sentence kind = iota
	item
	heading
	code
)

// unit is the smallest thing an answer quotes.
type unit struct {
	kind  kind
	text  string
	under string
}

var (
	reFence   = regexp.MustCompile("^ {0,8}(```+|~~~+)")
	reHeading = regexp.MustCompile(`^ {0,3}#{1,6}[ \t]+(.*?)[ \t#]*$`)
	reItem    = regexp.MustCompile(`^[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+(.+)$`)
	reRule    = regexp.MustCompile(`^[ \t|:=*_-]*$`)
	reComment = regexp.MustCompile(`(?s)<!--.*?-->`)
	reLink    = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
	reStrong  = regexp.MustCompile(`(\*\*|__|\*|\b_)(\S(?:.*?\S)?)(\*\*|__|\*|_\b)`)
)

// split cuts markdown or plain text into units, in reading order.
func split(text string) []unit {
	text = strings.ReplaceAll(reComment.ReplaceAllString(text, ""), "\r\n", "\n")
	lines := strings.Split(text, "\n")
	var s splitter
	open := make(map[string]bool)
	for i := 0; i < len(lines); i++ {
		line := strings.TrimPrefix(strings.TrimPrefix(lines[i], ">"), " ")
		if f := reFence.FindStringSubmatch(line); f != nil {
			s.flush()
			// A chunk may end inside a fence. Its opening mark must then not
			// swallow the rest of the context, nor be searched for once more.
			if open[f[1]] {
				continue
			}
			if end := fenceEnd(lines, i, f[1]); end > 0 {
				s.add(code, dedent(lines[i:end+1]))
				i = end
			} else {
				open[f[1]] = true
			}
			continue
		}
		s.line(line)
	}
	s.flush()
	return s.units
}

type splitter struct {
	units  []unit
	under  string
	para   []string
	inItem bool
}

func (s *splitter) line(line string) {
	if h := reHeading.FindStringSubmatch(line); h != nil {
		s.flush()
		s.under = clean(h[1])
		s.add(heading, s.under)
		return
	}
	if strings.TrimSpace(line) == "" || reRule.MatchString(line) {
		s.flush()
		return
	}
	if m := reItem.FindStringSubmatch(line); m != nil {
		s.flush()
		s.inItem = true
		s.para = append(s.para, m[1])
		return
	}
	if t := strings.TrimSpace(line); strings.HasPrefix(t, "|") {
		s.flush()
		cells := strings.Split(strings.Trim(t, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		s.add(item, clean(strings.Join(cells, ", ")))
		return
	}
	s.para = append(s.para, strings.TrimSpace(line))
}

func (s *splitter) flush() {
	text := clean(strings.Join(s.para, " "))
	if s.inItem {
		s.add(item, text)
	} else {
		for _, t := range sentences(text) {
			s.add(sentence, t)
		}
	}
	s.para, s.inItem = nil, false
}

func (s *splitter) add(k kind, text string) {
	if strings.TrimSpace(text) != "" {
		s.units = append(s.units, unit{k, text, s.under})
	}
}

func fenceEnd(lines []string, from int, mark string) int {
	for i := from + 1; i < len(lines); i++ {
		t := strings.TrimSpace(strings.TrimPrefix(lines[i], ">"))
		if strings.HasPrefix(t, mark) && strings.Trim(t, mark[:1]) == "" {
			return i
		}
	}
	return 0
}

func dedent(lines []string) string {
	pad := len(lines[0]) - len(strings.TrimLeft(lines[0], " "))
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = strings.TrimPrefix(l, strings.Repeat(" ", pad))
	}
	return strings.Join(out, "\n")
}

// clean takes links and emphasis away but leaves `code` alone: stars and
// underscores there belong to the code.
func clean(s string) string {
	parts := strings.Split(s, "`")
	for i := 0; i < len(parts); i += 2 {
		p := reLink.ReplaceAllString(parts[i], "$1")
		parts[i] = reStrong.ReplaceAllString(p, "$2")
	}
	return strings.Join(strings.Fields(strings.Join(parts, "`")), " ")
}

var abbreviations = wordSet("e.g i.e etc vs cf mr mrs ms dr no fig st approx incl")

func sentences(s string) []string {
	var out []string
	start := 0
	for i, r := range s {
		if i < start || !endsSentence(s, start, i, r) {
			continue
		}
		end := i + utf8.RuneLen(r)
		for end < len(s) {
			c, n := utf8.DecodeRuneInString(s[end:])
			if !strings.ContainsRune("\"')]”’»", c) {
				break
			}
			end += n
		}
		out = append(out, strings.TrimSpace(s[start:end]))
		start = end
	}
	return append(out, strings.TrimSpace(s[start:]))
}

func endsSentence(s string, start, i int, r rune) bool {
	switch r {
	case '؟', '۔', '。', '！', '？', '।':
		return true
	case '.', '!', '?', '…':
	default:
		return false
	}
	rest := strings.TrimLeft(s[i+utf8.RuneLen(r):], "\"')]”’»")
	next, _ := utf8.DecodeRuneInString(strings.TrimSpace(rest))
	if rest == "" || !strings.HasPrefix(rest, " ") || unicode.IsLower(next) {
		return false
	}
	last := s[start:i]
	last = last[strings.LastIndexByte(last, ' ')+1:]
	return r != '.' || !abbreviations[strings.ToLower(strings.TrimLeft(last, "(["))]
}
