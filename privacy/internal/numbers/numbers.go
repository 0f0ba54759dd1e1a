// SPDX-License-Identifier: Apache-2.0

// Package numbers finds phone numbers, payment cards and bank accounts, and
// leaves dates, amounts, versions and identifiers alone.
package numbers

import (
	_ "embed" // for number_formats.txt
	"regexp"
	"strings"
	"sync"
)

//go:embed number_formats.txt
var numberFormatLines string

// numberFormats are the words of number_formats.txt by what they are.
var numberFormats = func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(numberFormatLines) {
		if head, words, ok := strings.Cut(line, ": "); ok && line[0] != '#' {
			m[head] += words
		}
	}
	return m
}()

// Work counts the bytes that scans look at, where a test that runs alone sets it.
var Work *int

func looked(n int) {
	if Work != nil {
		*Work += n
	}
}

// What goes in the place of what is found.
const (
	Phone = "[PHONE]"
	Card  = "[CREDIT_CARD]"
	IBAN  = "[IBAN]"
)

// Found is a part of a text, and what goes in its place.
type Found struct {
	From, To int
	By       string
}

// MinDigits is the number of digits of the shortest phone number.
const MinDigits = 7

// Find returns what is in a decoded text, accounts first. name is what the text
// stands under, a hint like the word before a number.
func Find(text, name string) []Found { return phonesAndCards(ibans(text), text, name) }

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
	symbolBreak // ends a line or a cell: numbers seldom go on after one
	symbolOdd   // stands in cards at most: "4111_1111_1111_1111"
	symbolCount
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
	if k = symbols[text[i]]; k != symbolOther {
		return k, 1
	}
	size = 1
	if strings.HasPrefix(text[i:], "·") {
		size = len("·")
	} else if !oneOf(text[i], "_|*") {
		return symbolOther, size
	}
	if i > 0 && isDigit(text[i-1]) && i+size < len(text) && isDigit(text[i+size]) {
		return symbolOdd, size
	}
	return symbolOther, size
}

// numbers is a run of digits and of what may separate them.
type numbers struct {
	text       string
	name       string // what the text stands under: a hint like the word before a number
	start, end int    // of the run
	done       int    // the end of what was found
	digits     []byte // of the run, as values
	groups     []group
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

// lead counts what stands before a group, by symbol, and in [0] all of it.
type lead [symbolCount]uint8

// groups reports whether this may stand between two groups of a number.
func (l *lead) groups() bool {
	return l[symbolPlus]+l[symbolOdd] == 0 && l[0] <= 3 && l[symbolSpace] <= 2 && l[symbolHyphen]+l[symbolDot]+l[symbolSlash] <= 1
}

// phonesAndCards looks at each run of digits.
func phonesAndCards(found []Found, text, name string) []Found {
	n, _ := numbersPool.Get().(*numbers)
	n.text, n.name, n.done = text, name, 0
	defer func() {
		n.text, n.name = "", ""
		numbersPool.Put(n)
	}()
	last := 0 // the end of the run before
	for i := 0; i < len(text); i++ {
		if !isDigit(text[i]) {
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
		if digits >= MinDigits {
			n.start, n.end = start, i
			found = n.find(found)
		}
	}
	return found
}

// find adds what is in the run.
func (n *numbers) find(found []Found) []Found {
	n.parse()
	if n.isHexDump() {
		return found
	}
	for i := 0; i < len(n.groups); {
		count, by := 0, Card
		// Cards are checked well enough to be glued to a word.
		mayStart := n.mayStart(i)
		if mayStart || i == 0 && n.groups[0].lead[0] == 0 && !strings.HasSuffix(n.text[:n.start], "0x") {
			count = n.card(i)
		}
		if count == 0 && mayStart {
			count, by = n.phone(i), Phone
		}
		if count > 0 {
			from := n.groups[i].start
			if by == Phone {
				from = n.prefixStart(i)
			}
			n.done = n.groups[i+count-1].end
			found = append(found, Found{from, n.done, by})
		}
		i += max(1, count)
	}
	return found
}

func (n *numbers) parse() {
	n.digits, n.groups = n.digits[:0], n.groups[:0]
	g := group{leadStart: n.start}
	for i := n.start; i < n.end; {
		k, size := symbolAt(n.text, i)
		if k == symbolDigit {
			g.start, g.first = i, len(n.digits)
			for ; i < n.end && isDigit(n.text[i]); i++ {
				n.digits = append(n.digits, n.text[i]-'0')
			}
			g.end, g.size = i, i-g.start
			n.groups = append(n.groups, g)
			g = group{leadStart: i}
			continue
		}
		if k == symbolBreak && g.lead[symbolBreak] == 0 {
			g = group{leadStart: i} // what is left of the line before is not the number's
		}
		if g.lead[0] < 200 {
			g.lead[0]++
			g.lead[k]++
		}
		i += size
	}
}

var hexPair = regexp.MustCompile(`\b(?:[0-9][a-fA-F]|[a-fA-F][0-9])\b`)

// isHexDump reports whether the run is of pairs of digits, beside a pair such as
// "6c" or "c6".
func (n *numbers) isHexDump() bool {
	for i := range n.groups {
		if n.groups[i].size > 2 {
			return false
		}
	}
	return hexPair.MatchString(n.text[max(0, n.start-3):min(n.end, n.start+2)]) || hexPair.MatchString(n.text[max(n.start, n.end-2):min(len(n.text), n.end+3)])
}

// values returns the digits of the groups i to k as values, one after the other.
func (n *numbers) values(i, k int) []byte {
	return n.digits[n.groups[i].first : n.groups[k].first+n.groups[k].size]
}

// mayStart reports whether a number may begin with group i: not in the middle of
// "2024-000123" or "0.4111111111111111", nor glued to a word.
func (n *numbers) mayStart(i int) bool {
	l := &n.groups[i].lead
	switch {
	case l[symbolSpace] > 0 || l[symbolPlus] > 0:
		return true
	case l[symbolBreak] > 0, i == 0 && n.start == 0:
		return l[symbolDot] == 0
	case i > 0:
		return l[symbolOpen]+l[symbolClose]+l[symbolSlash] > 0 || l[0] == 0
	case l[symbolDot] > 0:
		return wordBefore(n.text, n.start) // the end of a sentence, or "tel."
	case n.start > 1 && n.text[n.start-1] == ':' && isDigit(n.text[n.start-2]):
		return false // the seconds of a time
	}
	return !wordBefore(n.text, n.start)
}

// mayEnd is mayStart for the end.
func (n *numbers) mayEnd(i int) bool {
	if i+1 < len(n.groups) {
		l := &n.groups[i+1].lead
		return l[symbolSpace] > 0 || l[symbolPlus]+l[symbolOpen]+l[symbolSlash]+l[symbolBreak] > 0
	}
	rest := n.text[n.groups[i].end:]
	if rest != "" && oneOf(rest[0], "-/") {
		rest = rest[1:]
	}
	switch {
	case rest == "", strings.HasPrefix(rest, "ext"):
		return true
	case rest[0] == 'x', rest[0] == 'X': // an extension
		return len(rest) > 1 && isDigit(rest[1])
	}
	return !oneOf(rest[0], "_%") && !isLetter(rest[0])
}

// joined reports whether group i goes on with what group i-1 began.
func (n *numbers) joined(i int) bool {
	l := &n.groups[i].lead
	return l[symbolBreak] == 0 && l.groups()
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func oneOf(c byte, bytes string) bool { return strings.IndexByte(bytes, c) >= 0 }

// wordBefore reports whether the byte before i is of the same word, for words of
// ASCII letters: other scripts write numbers without a space before them.
func wordBefore(text string, i int) bool {
	return i > 0 && (text[i-1] == '_' || isLetter(text[i-1]))
}

func wordSet(text string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		m[w] = true
	}
	return m
}
