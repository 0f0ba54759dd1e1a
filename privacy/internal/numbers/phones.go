// SPDX-License-Identifier: Apache-2.0

package numbers

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxPhone       = 15 // digits, by E.164
	maxTrunk       = 4
	maxPhoneGroups = 7
)

// phone returns how many groups from i on are a phone number, 0 if none are. It
// keeps dates, amounts, versions, coordinates, addresses of servers and numbers
// of orders readable: what has no "+", "00" or word before it must be written as
// phone numbers are.
func (n *numbers) phone(i int) int {
	g := &n.groups[i]
	if g.size > maxPhone+maxTrunk {
		return 0
	}
	if g.lead[symbolPlus] > 0 {
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

// trunk returns how many digits of group i and after lead abroad: "00", "0011" in
// Australia, "011" in North America. Elsewhere "011" begins the numbers of a town.
func (n *numbers) trunk(i int) int {
	if i > 0 && n.joined(i) && n.groups[i-1].size > 2 && n.groups[i-1].size < MinDigits {
		return 0 // the middle of an account's number, perhaps
	}
	d, size := n.digits[n.groups[i].first:], 0
	for _, t := range [...]string{"0011", "00", "011"} {
		if startsWith(d, t) {
			size = len(t)
			break
		}
	}
	if size == 0 || len(d) < size+MinDigits || d[size] == 0 || d[size] == 1 && d[size+1] <= 1 {
		return 0 // no country has such numbers
	}
	// "00 44 …", but not the "00.123" of a time.
	g := n.groups[i]
	if g.size > size || g.size == size && n.groups[i+1].lead[symbolSpace]+n.groups[i+1].lead[symbolHyphen] > 0 {
		return size
	}
	return 0
}

// countryDigits are the digits that a number has at most, by its first three.
var countryDigits = func() (t [1000]int) {
	for head, codes := range numberFormats {
		size, _ := strconv.Atoi(strings.TrimPrefix(head, "phone "))
		for code := range strings.FieldsSeq(codes) {
			from, _ := strconv.Atoi((code + "00")[:3])
			to, _ := strconv.Atoi((code + "99")[:3])
			for i := from; i <= to && size > 0; i++ {
				t[i] = size
			}
		}
	}
	return t
}()

// international takes what follows a "+" or so many digits of a trunk as far as it
// may belong to it.
func (n *numbers) international(i, trunk int) int {
	at := n.groups[i].first + trunk
	if at+3 > len(n.digits) {
		return 0
	}
	d := n.digits[at:]
	longest := countryDigits[int(d[0])*100+int(d[1])*10+int(d[2])]
	if longest == 0 {
		longest = maxPhone
	}
	best, total := 0, -trunk
	// A table may have each part in a cell of its own, from the country's code on.
	apart := n.groups[i].size-trunk <= 3 && i+1 < len(n.groups) && n.groups[i+1].lead[symbolBreak] > 0
	for k := i; k < len(n.groups) && k-i < maxPhoneGroups+2; k++ {
		g := &n.groups[k]
		if inCell := apart && g.lead == (lead{0: 1, symbolBreak: 1}); k > i && !n.joined(k) && !inCell {
			break
		}
		total += g.size
		if n.digits[g.first] == 0 && k > i && total-g.size > 0 && total-g.size <= 3 {
			total-- // the 0 of "+44 (0) 20", which is not dialled
		}
		// After a space another number may begin.
		if total > maxPhone || best > 0 && total > longest && g.lead[symbolSpace]+g.lead[symbolBreak] > 0 {
			break
		}
		// "+52.5200066", but "+49.3012345678" is how registries of domains write phone numbers.
		isDecimal := k == i+1 && g.lead == (lead{0: 1, symbolDot: 1}) && (n.groups[i].size > 3 || g.size < 9)
		if total >= MinDigits && n.mayEnd(k) && !isDecimal {
			best = k - i + 1
		}
	}
	return best
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
		if total < MinDigits || !n.mayEnd(k) {
			continue
		}
		if hint == hintUnknown {
			hint = n.hint(i)
		}
		if hint == hintOther {
			return 0, hint
		}
		if hint == hintPhone && !n.isDate(i, k) || hint != hintPhone && n.national(i, k, total) {
			best = k - i + 1
		}
	}
	return best, hint
}

// shapes are the digits that numbers without a prefix may begin with, by the sizes
// of their groups.
var shapes = func() map[string]string {
	m := map[string]string{}
	for head, words := range numberFormats {
		if starts, ok := strings.CutPrefix(head, "shape "); ok {
			for shape := range strings.FieldsSeq(words) {
				m[shape] = starts
			}
		}
	}
	return m
}()

// national judges the groups i to k without a "+".
func (n *numbers) national(i, k, total int) bool {
	g := n.groups[i : k+1]
	var between lead
	smallest, others := 9, false
	var sizes [maxPhoneGroups]byte
	for j := range g {
		sizes[j] = '0' + byte(min(g[j].size, 9))
		if j > 0 {
			smallest = min(smallest, g[j].size)
			l := &g[j].lead
			between[symbolDot] += l[symbolDot]
			between[symbolSlash] += l[symbolSlash]
			others = others || l[symbolDot]+l[symbolSlash] == 0
		}
	}
	d, shape := n.values(i, k), string(sizes[:len(g)])
	opens := len(g) > 1 && g[0].lead[symbolOpen]*g[1].lead[symbolClose] > 0
	starts, known := shapes[shape]
	dots, slashes := between[symbolDot] > 0, between[symbolSlash] > 0
	switch {
	case len(g) > 1 && !opens && !known && d[0] != 0,
		n.isDate(i, k), shape != "22222" && n.isServer(i, k), dots && (others || slashes):
		return false
	case len(g) == 1:
		return bare(d) && !IsUnit(n.text[g[0].end:])
	case opens:
		return total >= 8 && total <= 13 && g[0].size >= 2 && g[0].size <= 5 && !isYear(n.values(i, i)) && smallest > 1
	case n.isPart(i, k, shape):
		return false
	case d[0] == 0 && d[1] != 0 && g[0].size >= 2:
		return total >= 9 && total <= 12 && smallest > 1
	case slashes, dots && (len(g) == 2 || shape == "333"):
		return false
	}
	return known && oneOf('0'+d[0], starts)
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

// bare judges digits with nothing between them. A time in seconds has ten and
// begins with 1, one in milliseconds has thirteen.
func bare(d []byte) bool {
	if isSequence(d) || len(d) == 10 && (startsWith(d, "214748364") || startsWith(d, "429496729")) { // limits of 32 bits
		return false
	}
	if len(d) == 10 && (d[0] >= 2 || d[0] == 0 && d[1] != 0) ||
		len(d) == 11 && (d[0] == 0 && d[1] != 0 || d[0] == 1 && d[1] >= 2 || (d[0] == 7 || d[0] == 8) && d[1] == 9) {
		return true
	}
	for _, m := range mobiles[min(len(d), maxPhone)] {
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
	for j := range len(prefix) {
		if j >= len(d) || d[j] != prefix[j]-'0' {
			return false
		}
	}
	return true
}

// mobiles are how mobile numbers with the code of their country begin, by length.
var mobiles = func() (t [maxPhone + 1][]string) {
	for size := range t {
		t[size] = strings.Fields(numberFormats["mobile "+strconv.Itoa(size)])
	}
	return t
}()

// isDate reports whether three groups between i and k are a date.
func (n *numbers) isDate(i, k int) bool {
	for j := i; j+2 <= k; j++ {
		a, b, c := &n.groups[j], &n.groups[j+1], &n.groups[j+2]
		l := &b.lead
		if *l != c.lead || l[symbolSpace]+l[symbolHyphen]+l[symbolDot]+l[symbolSlash] != 1 || b.size > 2 {
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
		d := n.values(j, j)
		if len(d) > 3 || len(d) == 3 && bytes.Compare(d, []byte{2, 5, 5}) > 0 || j > i && n.groups[j].lead != (lead{0: 1, symbolDot: 1}) {
			return false
		}
	}
	return true
}

// prefixStart is where a phone number that group i begins begins: at its "+" or
// at its parenthesis.
func (n *numbers) prefixStart(i int) int {
	g := &n.groups[i]
	if at := strings.IndexAny(n.text[g.leadStart:g.start], "+("); at >= 0 {
		return max(g.leadStart+at, n.done)
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

var (
	phoneWords = wordSet(numberFormats["before phone"])
	otherWords = wordSet(numberFormats["before other"])
	fillWords  = wordSet(numberFormats["before word"]) // the word before them decides
	units      = wordSet(numberFormats["unit"])
)

// hint reads the words before group i, two at most.
func (n *numbers) hint(i int) hint {
	const apart = " \t:=\"'\\"
	if i > 0 || strings.Trim(n.text[n.start:n.groups[i].start], " \t+(-.") != "" {
		return hintNone
	}
	before := n.text[:n.start]
	if strings.TrimRight(before, apart) == "" {
		before = n.name
	}
	for range 2 {
		before = strings.TrimRight(before, apart+".")
		if r, _ := utf8.DecodeLastRuneInString(before); unicode.Is(unicode.Sc, r) || r == '#' || r == '№' {
			return hintOther
		}
		word := lastWord(before)
		lower := strings.ToLower(word)
		if phoneWords[lower] {
			return hintPhone
		}
		if otherWords[lower] {
			return hintOther
		}
		if !fillWords[lower] {
			break
		}
		before = strings.TrimRight(strings.TrimSuffix(before, word), "_-")
	}
	return hintNone
}

// IsUnit reports whether a text begins with a blank, perhaps, and a unit.
func IsUnit(text string) bool {
	const longest = 16
	word := strings.TrimLeft(text[:min(len(text), 2+longest)], " ")
	if end := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }); end >= 0 {
		word = word[:end]
	}
	return units[strings.ToLower(word)]
}

// lastWord returns the last word of a text, or of a name such as orderId and
// order_id.
func lastWord(s string) string {
	const longest = 16
	i, small := len(s), false
	for range longest {
		r, size := utf8.DecodeLastRuneInString(s[:i])
		if size == 0 || !unicode.IsLetter(r) {
			break
		}
		i -= size
		if unicode.IsUpper(r) && small {
			break
		}
		small = unicode.IsLower(r)
	}
	return s[i:]
}
