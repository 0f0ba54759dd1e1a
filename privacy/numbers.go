// SPDX-License-Identifier: Apache-2.0

// Package numbers finds phone numbers, payment cards and bank accounts, and
// leaves dates, amounts, versions and identifiers alone.
package privacy

import (
	"strings"
	"sync"
)

// minPhone is the number of digits of the shortest phone number.
const minPhone = 7

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
	// symbolOdd stands in cards at most: "4111_1111_1111_1111".
	symbolOdd
)

var symbols = func() (t [256]symbol) {
	for c := '0'; c <= '9'; c++ {
		t[c] = symbolDigit
	}
	t[' '], t['-'], t['.'], t['/'] = symbolSpace, symbolHyphen, symbolDot, symbolSlash
	t['('], t[')'], t['+'] = symbolOpen, symbolClose, symbolPlus
	t['\t'], t['\n'], t['\r'] = symbolBreak, symbolBreak, symbolBreak
	return t
}()

// symbolAt reads the character at i of a decoded text. What is odd stands
// between two digits.
func symbolAt(text string, i int) (k symbol, size int) {
	c := text[i]
	size = 1
	if k = symbols[c]; k != symbolOther {
		return k, size
	}
	switch {
	case c == '_' || c == '|' || c == '*':
	case strings.HasPrefix(text[i:], "·"):
		size = len("·")
	default:
		return symbolOther, size
	}
	if i > 0 && isDigit(text[i-1]) && i+size < len(text) && isDigit(text[i+size]) {
		k = symbolOdd
	}
	return k, size
}

// phonesAndCards looks at each run of digits and what may separate them. name is what
// the text stands under, as a hint like the word before a number.
func phonesAndCards(w *rewriter, name string) {
	n, _ := numbersPool.Get().(*numbers)
	defer numbersPool.Put(n)
	text := w.text
	n.text, n.name, n.done = text, name, 0
	defer func() { n.text, n.name = "", "" }()
	last := 0 // the end of the run before
	for i := 0; i < len(text); {
		if !isDigit(text[i]) {
			i++
			continue
		}
		start, digits := i, 0
		for start > last && symbols[text[start-1]] != symbolOther {
			start--
		}
		for i < len(text) {
			k, size := symbolAt(text, i)
			if k == symbolOther {
				break
			}
			if k == symbolDigit {
				digits++
			}
			i += size
		}
		looked(i - start)
		last = i
		if digits >= minPhone {
			n.run(start, i)
			for _, f := range n.found {
				w.replace(f.from, f.to, f.by)
			}
		}
	}
}

type numbers struct {
	text   string
	name   string
	done   int // the end of what was found
	found  []stretch
	start  int // of the run
	end    int
	digits []byte // of the run, as values
	groups []group
}

var numbersPool = sync.Pool{New: func() any { return new(numbers) }}

// group is digits with nothing between them, and what stands before them.
type group struct {
	start, end  int // in the text
	first, size int // in digits
	lead        lead
	leadStart   int
	card        int8 // what n.card has returned for it and 1; 0 before
}

type lead struct {
	spaces, hyphens, dots, slashes, breaks, odds uint8
	opens, closes, plus                          bool
	signs                                        uint8
}

// run sets found to what it finds in text[start:end], from left to right.
func (n *numbers) run(start, end int) {
	n.start, n.end, n.found = start, end, n.found[:0]
	n.parse()
	if n.isHexDump() {
		return
	}
	for i := 0; i < len(n.groups); {
		count, by := 0, ""
		// Cards are checked well enough to be glued to a word.
		if starts := n.mayStart(i); starts || i == 0 && n.groups[0].lead.signs == 0 && !strings.HasSuffix(n.text[:start], "0x") {
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
		n.done = n.groups[i+count-1].end
		n.found = append(n.found, stretch{from, n.done, by})
		i += count
	}
}

// isHexDump reports whether the run is of pairs of digits, beside a pair such as
// "6c" or "c6".
func (n *numbers) isHexDump() bool {
	for i := range n.groups {
		if n.groups[i].size > 2 {
			return false
		}
	}
	at := func(i int) byte {
		if i < 0 || i >= len(n.text) {
			return ' '
		}
		return n.text[i]
	}
	isPair := func(i int) bool {
		a, b := at(i), at(i+1)
		return hexBytes[a] && hexBytes[b] && isDigit(a) != isDigit(b) && !isAlnum(at(i-1)) && !isAlnum(at(i+2))
	}
	return isPair(n.start-2) || isPair(n.start-1) || isPair(n.end) || isPair(n.end-1)
}

func (n *numbers) parse() {
	n.digits, n.groups = n.digits[:0], n.groups[:0]
	var l lead
	leadStart := n.start
	for i := n.start; i < n.end; {
		k, size := symbolAt(n.text, i)
		if k == symbolDigit {
			g := group{start: i, first: len(n.digits), lead: l, leadStart: leadStart}
			for ; i < n.end && isDigit(n.text[i]); i++ {
				n.digits = append(n.digits, n.text[i]-'0')
			}
			g.end, g.size = i, i-g.start
			n.groups = append(n.groups, g)
			l, leadStart = lead{}, i
			continue
		}
		if k == symbolBreak && l.breaks == 0 {
			l, leadStart = lead{}, i // what is left of the line before is not the number's
		}
		l.add(k)
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
	case symbolOdd:
		l.odds++
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
	if n.start > 1 && n.text[n.start-1] == ':' && isDigit(n.text[n.start-2]) {
		return false // the seconds of a time
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
	c := rest[0]
	if c == 'x' || c == 'X' { // an extension
		return len(rest) > 1 && isDigit(rest[1])
	}
	return c != '_' && c != '%' && !isLetter(c) || strings.HasPrefix(rest, "ext")
}

// joined reports whether group i goes on with what group i-1 began.
func (n *numbers) joined(i int) bool {
	l := n.groups[i].lead
	return l.breaks == 0 && l.groups()
}

// groups reports whether this may stand between two groups of a number.
func (l lead) groups() bool {
	return !l.plus && l.odds == 0 && l.signs <= 3 && l.spaces <= 2 && l.hyphens+l.dots+l.slashes <= 1
}
