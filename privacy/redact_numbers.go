// SPDX-License-Identifier: Apache-2.0

package privacy

import "strings"

// minRun is the number of digits of the shortest phone number.
const minRun = 7

// redactNumbers looks at each run of digits and what may separate them. name is
// what the text stands under, as a hint like the word before a number.
func redactNumbers(text, name string) string {
	n := numbers{rewriter: rewriter{text: text}, name: name}
	start, digits := 0, 0
	for i := 0; i < len(text); {
		k, _, size := symbolAt(text, i)
		i += size
		switch k {
		case symbolOther:
			if digits >= minRun {
				n.run(start, i-size)
			}
			start, digits = i, 0
		case symbolDigit:
			digits++
		}
	}
	if digits >= minRun {
		n.run(start, len(text))
	}
	return n.String()
}

type numbers struct {
	rewriter
	name   string
	start  int // of the run
	end    int
	digits []byte // of the run, as values
	groups []group
}

// group is digits with nothing between them, and what stands before them.
type group struct {
	start, end  int // in the text
	first, size int // in digits
	lead        lead
	leadStart   int
}

type lead struct {
	spaces, hyphens, dots, slashes, breaks uint8
	opens, closes, plus                    bool
	signs                                  uint8
}

// run replaces what it finds in text[start:end], from left to right.
func (n *numbers) run(start, end int) {
	n.start, n.end = start, end
	n.parse()
	for i := 0; i < len(n.groups); {
		count, by := 0, ""
		// Cards are checked well enough to be glued to a word.
		if starts := n.mayStart(i); starts || i == 0 && n.groups[0].lead.signs == 0 {
			if count = n.card(i); count > 0 {
				by = redactedCard
			} else if starts {
				count, by = n.phone(i), redactedPhone
			}
		}
		if count == 0 {
			i++
			continue
		}
		from := n.groups[i].start
		if by == redactedPhone {
			from = n.prefixStart(i)
		}
		n.replace(from, n.groups[i+count-1].end, by)
		i += count
	}
}

func (n *numbers) parse() {
	n.digits, n.groups = n.digits[:0], n.groups[:0]
	var l lead
	leadStart, inside := n.start, false
	for i := n.start; i < n.end; {
		k, v, size := symbolAt(n.text, i)
		if k == symbolDigit {
			if !inside {
				n.groups = append(n.groups, group{start: i, first: len(n.digits), lead: l, leadStart: leadStart})
			}
			inside = true
			g := &n.groups[len(n.groups)-1]
			n.digits = append(n.digits, byte(v))
			g.size++
			g.end = i + size
		} else if k != symbolNothing || !inside {
			if inside {
				l, leadStart, inside = lead{}, i, false
			}
			if k == symbolBreak && l.breaks == 0 {
				l, leadStart = lead{}, i // what is left of the line before is not the number's
			}
			l.add(k)
		}
		i += size
	}
}

func (l *lead) add(k symbol) {
	if l.signs < 200 {
		l.signs++
	} else {
		return
	}
	switch k {
	case symbolSpace:
		l.spaces++
	case symbolHyphen:
		l.hyphens++
	case symbolDot:
		l.dots++
	case symbolSlash:
		l.slashes++
	case symbolOpen:
		l.opens = true
	case symbolClose:
		l.closes = true
	case symbolPlus:
		l.plus = true
	case symbolBreak:
		l.breaks++
	}
}

// value returns the digits of the groups i to k as values, one after the other.
func (n *numbers) values(i, k int) []byte {
	return n.digits[n.groups[i].first : n.groups[k].first+n.groups[k].size]
}

// mayStart reports whether a number may begin with group i: not in the middle of
// "2024-000123" or "0.4111111111111111", nor glued to a word.
func (n *numbers) mayStart(i int) bool {
	g := &n.groups[i]
	if l := g.lead; l.spaces > 0 || l.plus {
		return true
	} else if l.breaks > 0 {
		return l.dots == 0
	} else if i > 0 {
		return l.opens || l.closes || l.slashes > 0 || l.signs == 0
	}
	if n.start == 0 {
		return g.lead.dots == 0
	}
	if g.lead.dots > 0 {
		return wordBefore(n.text, n.start) // the end of a sentence, or "tel."
	}
	return !wordBefore(n.text, n.start)
}

// mayEnd is mayStart for the end.
func (n *numbers) mayEnd(i int) bool {
	if i+1 < len(n.groups) {
		l := n.groups[i+1].lead
		return l.spaces > 0 || l.plus || l.opens || l.slashes > 0 || l.breaks > 0
	}
	rest := n.text[n.groups[i].end:]
	if strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "/") {
		rest = rest[1:]
	}
	if rest == "" {
		return true
	}
	switch c := rest[0]; c {
	case 'x', 'X': // an extension
		return len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9'
	case '%':
		_, ok := hexValue(rest, 1, 2)
		return ok
	default:
		return c != '_' && !asciiLetter(c) || strings.HasPrefix(rest, "ext")
	}
}

// joined reports whether group i goes on with what group i-1 began.
func (n *numbers) joined(i int) bool {
	l := n.groups[i].lead
	return l.breaks == 0 && l.groups()
}

// groups reports whether this may stand between two groups of a number.
func (l lead) groups() bool {
	return !l.plus && l.signs <= 3 && l.spaces <= 2 && l.hyphens+l.dots+l.slashes <= 1
}
