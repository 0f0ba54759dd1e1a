// SPDX-License-Identifier: Apache-2.0

package numbers

const (
	minCard = 13
	maxCard = 19
)

// card returns how many groups from i on are a payment card, 0 if none are: they
// are grouped as cards are, begin as some issuer's do, and pass the Luhn check.
func (n *numbers) card(i int) int {
	g := &n.groups[i]
	if g.card == 0 {
		g.card = int8(n.findCard(i)) + 1
	}
	return int(g.card) - 1
}

func (n *numbers) findCard(i int) int {
	count := 1
	switch size := n.groups[i].size; {
	case size == 4:
		for _, count := range [...]int{5, 4, 3} {
			if n.cardGrouping(i, count) && n.isCard(i, count) {
				return count
			}
		}
		return 0
	case size <= 2 && (i == 0 || n.groups[i-1].size != size || !n.joined(i)):
		// Digits one by one, or in pairs, as they are read out.
		for count <= maxCard && i+count < len(n.groups) && n.groups[i+count].size == size && n.joined(i+count) {
			count++
		}
	case size < minCard:
		return 0
	}
	if n.isCard(i, count) {
		return count
	}
	return 0
}

func (n *numbers) cardGrouping(i, count int) bool {
	if i+count > len(n.groups) {
		return false
	}
	g := n.groups[i : i+count]
	for k := 1; k < count; k++ {
		if l := &g[k].lead; l[symbolOpen]+l[symbolClose] > 0 || !l.groups() && (l[symbolOdd] != 1 || l[0] != 1) {
			return false
		}
	}
	if n.inColumn(i) && n.inColumn(i+1) || n.inColumn(i+count-1) && n.inColumn(i+count) {
		return false
	}
	if count == 3 && g[1].size == 6 {
		return g[2].size == 5 || g[2].size == 4
	}
	for _, g := range g[:count-1] {
		if g.size != 4 {
			return false
		}
	}
	return g[count-1].size <= 4
}

// inColumn reports whether group i is below another of four digits. Of a column
// of such numbers one in ten would pass for a card by chance.
func (n *numbers) inColumn(i int) bool {
	return i > 0 && i < len(n.groups) && n.groups[i].lead[symbolBreak] > 0 && n.groups[i].size == 4 && n.groups[i-1].size == 4
}

func (n *numbers) isCard(i, count int) bool {
	end := n.groups[i+count-1].end
	if end < len(n.text) && (isLetter(n.text[end]) || n.text[end] == '_') {
		return false // the beginning of a hash
	}
	if i+count < len(n.groups) && n.groups[i+count].lead == (lead{0: 1, symbolDot: 1}) {
		return false // a decimal number
	}
	d := n.values(i, i+count-1)
	return len(d) >= minCard && len(d) <= maxCard && issued(d) && luhn(d)
}

// issued reports whether cards of this length begin so. Times in milliseconds,
// numbers of articles and most identifiers do not.
func issued(d []byte) bool {
	head := int(d[0])*1000 + int(d[1])*100 + int(d[2])*10 + int(d[3])
	two, size := head/100, len(d)
	switch two {
	case 34, 37: // American Express
		return size == 15
	case 30, 36, 38, 39: // Diners Club
		return size >= 14
	case 35: // JCB
		return size >= 16
	case 81, 82: // RuPay
		return size == 16
	}
	switch {
	case d[0] == 4: // Visa
		return size == 13 || size == 16 || size >= 18
	case d[0] == 5, d[0] == 6: // Mastercard, Maestro, Discover, UnionPay, RuPay and national ones
		return true
	case head >= 2200 && head <= 2204, head >= 2221 && head <= 2720: // Mir, Mastercard
		return size >= 16
	}
	return head == 9792 && size == 16 // Troy
}

func luhn(d []byte) bool {
	sum := 0
	for k := range d {
		v := int(d[len(d)-1-k])
		if k%2 == 1 {
			v = v*2 - v/5*9 // the sum of the digits of its double
		}
		sum += v
	}
	return sum%10 == 0
}
