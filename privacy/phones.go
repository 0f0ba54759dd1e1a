// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxPhoneGroups = 7

// phone returns how many groups from i on are a phone number, 0 if none are. It
// keeps dates, amounts, versions, coordinates, addresses of servers and numbers
// of orders readable: what has no "+", "00" or word before it must be written as
// phone numbers are.
func (n *numbers) phone(i int) int {
	g := &n.groups[i]
	if g.size > maxPhone+maxTrunk {
		return 0
	}
	if g.lead.plus {
		return n.international(i, 0)
	}
	trunk := n.trunk(i)
	if trunk > 0 && n.digits[g.first+1] == 0 {
		return n.international(i, trunk)
	}
	count, hint := n.domestic(i)
	if trunk > 0 && (count == 0 && hint != hintOther || hint == hintPhone) {
		count = max(count, n.international(i, trunk))
	}
	return count
}

// domestic is phone for what has neither "+" nor "00" before it, and returns what
// it was judged by.
func (n *numbers) domestic(i int) (best int, hint hint) {
	total := 0
	if i > 0 && i+1 < len(n.groups) && n.groups[i].size == 1 && n.groups[i+1].size == 1 {
		return 0, hintNone // a list
	}
	for k := i; k < len(n.groups) && k-i < maxPhoneGroups && (k == i || n.joined(k)); k++ {
		if total += n.groups[k].size; total > maxPhone || k > i && n.card(k) > 0 {
			break
		}
		if total < minPhone || !n.mayEnd(k) {
			continue
		}
		if hint == hintUnknown {
			hint = n.hint(i)
		}
		switch hint {
		case hintOther:
			return 0, hint
		case hintPhone:
			if !n.isDate(i, k) {
				best = k - i + 1
			}
		default:
			if n.national(i, k, total) {
				best = k - i + 1
			}
		}
	}
	return best, hint
}

// shapes are the sizes of the groups of phone numbers without a prefix, by the
// digits that they may begin with.
var shapes = map[string]string{
	"334": "23456789", "37": "23456789", "333": "23456789", "3322": "23456789", "3222": "23456789", // North America, Italy, Spain, Turkey
	"1334": "178", "13322": "78", "344": "1", "55": "6789", "433": "1", // North America, Russia, China, India, Australia
	"244": "123456789", "254": "123456789", "234": "23456789", "2322": "23456789", // Brazil, Mexico, the Gulf, Ukraine
	"324": "012345678", // social security, which is as personal
}

// national judges the groups i to k without a "+".
func (n *numbers) national(i, k, total int) bool {
	g := n.groups[i : k+1]
	var dots, slashes, others int
	shape := make([]byte, 0, maxPhoneGroups)
	for j := range g {
		shape = append(shape, '0'+byte(min(g[j].size, 9)))
		if j == 0 {
			continue
		}
		if l := g[j].lead; l.dots > 0 {
			dots++
		} else if l.slashes > 0 {
			slashes++
		} else {
			others++
		}
	}
	d := n.values(i, k)
	opens := len(g) > 1 && g[0].lead.opens && g[1].lead.closes
	starts, known := shapes[string(shape)]
	if len(g) > 1 && !opens && !known && d[0] != 0 {
		return false
	}
	switch {
	case n.isDate(i, k), string(shape) != "22222" && n.isServer(i, k), dots > 0 && others > 0:
		return false
	case len(g) == 1:
		return bare(d) && !n.counts(k)
	case opens:
		return total >= 8 && total <= 13 && g[0].size >= 2 && g[0].size <= 5 && !isYear(n.values(i, i)) && noneOfOne(g[1:])
	case n.isPart(i, k, string(shape)):
		return false
	case d[0] == 0 && d[1] != 0 && g[0].size >= 2:
		return total >= 9 && total <= 12 && noneOfOne(g)
	case slashes > 0, dots > 0 && (len(g) == 2 || string(shape) == "333"):
		return false
	}
	return known && strings.IndexByte(starts, '0'+d[0]) >= 0
}

// isPart reports whether the groups i to k are part of a longer row of numbers,
// such as an amount or a list. A short number may stand beside a phone number.
func (n *numbers) isPart(i, k int, shape string) bool {
	before := i > 0 && n.joined(i) && n.groups[i].lead == n.groups[i+1].lead
	after := k+1 < len(n.groups) && n.joined(k+1) && n.groups[k+1].lead == n.groups[k].lead
	if strings.Trim(shape, "2") == "" || shape == "333" {
		return before || after || len(shape) > 5
	}
	return before && n.groups[i-1].size > 2 || after && n.groups[k+1].size > 2
}

func noneOfOne(g []group) bool {
	for j := range g {
		if g[j].size < 2 {
			return false
		}
	}
	return true
}

// bare judges digits with nothing between them. A time in seconds has ten and
// begins with 1, one in milliseconds has thirteen.
func bare(d []byte) bool {
	if isSequence(d) || len(d) == 10 && (startsWith(d, "214748364") || startsWith(d, "429496729")) { // limits of 32 bits
		return false
	}
	switch len(d) {
	case 10:
		return d[0] >= 2 || d[0] == 0 && d[1] != 0
	case 11:
		if d[0] == 0 && d[1] != 0 || d[0] == 1 && d[1] >= 2 || (d[0] == 7 || d[0] == 8) && d[1] == 9 {
			return true
		}
	}
	for _, m := range mobiles[min(len(d), len(mobiles)-1)] {
		if startsWith(d, m) {
			return true
		}
	}
	return false
}

// isSequence reports whether each digit is the one before, or the next: an
// example such as 0123456789.
func isSequence(d []byte) bool {
	step := (d[1] + 10 - d[0]) % 10
	for j := 1; j < len(d); j++ {
		if (d[j]+10-d[j-1])%10 != step {
			return false
		}
	}
	return step <= 1 || step == 9
}

func startsWith(d []byte, prefix string) bool {
	if len(d) < len(prefix) {
		return false
	}
	for j := range len(prefix) {
		if d[j] != prefix[j]-'0' {
			return false
		}
	}
	return true
}

// mobiles are how mobile numbers with the code of their country begin, by
// length: many programs store them without the "+".
var mobiles = func() (t [maxPhone + 1][]string) {
	for size, prefixes := range map[int]string{
		11: "336 337 346 347 9655 9656 9659 9743 9745 9746 9747 2162 2165 2169 614 6281 4179 9613 9617",
		12: "201 9665 9715 9627 9677 9705 9725 2126 2127 2135 2136 2137 9639 2189 2499 447 4915 4916 4917 393 905 989 923 " +
			"916 917 918 919 639 2547 2771 2772 2773 2774 2776 2778 2783 2784 380 6281 521",
		13: "861 5511 5521 5531 234 9647 8801 4915 4916 4917 6281 549",
	} {
		t[size] = strings.Fields(prefixes)
	}
	return t
}()

// isDate reports whether three groups between i and k are a date.
func (n *numbers) isDate(i, k int) bool {
	for j := i; j+2 <= k; j++ {
		a, b, c := &n.groups[j], &n.groups[j+1], &n.groups[j+2]
		if b.lead != c.lead || b.lead.spaces+b.lead.hyphens+b.lead.dots+b.lead.slashes != 1 || b.size > 2 {
			continue
		}
		if c.size <= 2 && isYear(n.values(j, j)) || a.size <= 2 && isYear(n.values(j+2, j+2)) {
			return true
		}
	}
	return false
}

func isYear(d []byte) bool { return len(d) == 4 && (d[0] == 1 && d[1] == 9 || d[0] == 2 && d[1] == 0) }

// isServer reports whether the groups i to k begin with an IP address.
func (n *numbers) isServer(i, k int) bool {
	if k-i < 3 {
		return false
	}
	for j := i; j < i+4; j++ {
		g := &n.groups[j]
		if g.size > 3 || j > i && (g.lead.dots != 1 || g.lead.signs != 1) {
			return false
		}
		octet := 0
		for _, v := range n.values(j, j) {
			octet = octet*10 + int(v)
		}
		if octet > 255 {
			return false
		}
	}
	return true
}

// prefixStart is where a phone number that group i begins begins: at its "+" or
// at its parenthesis.
func (n *numbers) prefixStart(i int) int {
	g := &n.groups[i]
	for at := g.leadStart; at < g.start; {
		k, size := symbolAt(n.text, at)
		if k == symbolPlus || k == symbolOpen {
			return max(at, n.done)
		}
		at += size
	}
	return g.start
}

// hint is what the word before a number says of it.
type hint uint8

const (
	hintUnknown hint = iota
	hintNone
	hintPhone
	hintOther
)

var hints = func() map[string]hint {
	m := map[string]hint{}
	for h, words := range map[hint]string{
		hintPhone: "phone telephone tel mobile cell cellphone fax whatsapp handy telefon هاتف الهاتف جوال الجوال موبايل تليفون واتساب فاكس",
		hintOther: "order orders invoice ticket id uid pid ref reference sku isbn ean upc gtin serial version build commit tracking " +
			"ts timestamp epoch time unix port size bytes length offset count total tokens seed case issue pr page line " +
			"lat lon lng latitude longitude hash amount price usd eur طلب الطلب فاتورة الفاتورة",
	} {
		for w := range strings.FieldsSeq(words) {
			m[w] = h
		}
	}
	for _, w := range []string{"no", "nr", "number", "num", "is", "رقم"} {
		m[w] = hintNone // the word before it decides
	}
	return m
}()

// hint reads the words before group i, two at most.
func (n *numbers) hint(i int) hint {
	if i > 0 {
		return hintNone
	}
	before := n.text[:n.start]
	if g := &n.groups[i]; strings.Trim(n.text[n.start:g.start], " \t+(-.") != "" {
		return hintNone
	}
	if strings.TrimRight(before, " \t:=\"'\\") == "" {
		before = n.name
	}
	for range 2 {
		before = strings.TrimRight(before, " \t:=\"'\\.")
		r, _ := utf8.DecodeLastRuneInString(before)
		if unicode.Is(unicode.Sc, r) || r == '#' || r == '№' {
			return hintOther
		}
		word := lastWord(before)
		h, ok := hints[strings.ToLower(word)]
		if h != hintNone || !ok {
			return max(h, hintNone)
		}
		before = before[:len(before)-len(word)]
		before = strings.TrimRight(before, "_-")
	}
	return hintNone
}

// units are words after a number that make it a count.
var units = wordSet("b kb mb gb bit bits byte bytes row rows line lines record records item items token tokens char chars " +
	"character characters word words parameter parameters params point points event events message messages request requests " +
	"time times ns us µs μs ms s sec secs second seconds nanosecond nanoseconds microsecond microseconds millisecond milliseconds")

// counts reports whether the word after group k says that it is no phone number.
func (n *numbers) counts(k int) bool { return isUnit(n.text[n.groups[k].end:]) }

// isUnit reports whether a text begins with a blank, perhaps, and a unit.
func isUnit(text string) bool {
	const longest = 16
	word := strings.TrimLeft(text[:min(len(text), 2+longest)], " ")
	if end := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }); end >= 0 {
		word = word[:end]
	}
	return word != "" && units[strings.ToLower(word)]
}

// lastWord returns the last word of a text, or of a name such as orderId and
// order_id.
func lastWord(s string) string {
	const longest = 16
	i := len(s)
	for range longest {
		r, size := utf8.DecodeLastRuneInString(s[:i])
		if size == 0 || !unicode.IsLetter(r) {
			break
		}
		i -= size
		if next, _ := utf8.DecodeRuneInString(s[i+size:]); unicode.IsUpper(r) && i+size < len(s) && unicode.IsLower(next) {
			break
		}
	}
	return s[i:]
}
