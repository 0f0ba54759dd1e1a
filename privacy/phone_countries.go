// SPDX-License-Identifier: Apache-2.0

package privacy

import "strings"

const (
	maxPhone = 15 // digits, by E.164
	maxTrunk = 4
)

// countryPhones are the digits that the numbers of a country have at most, with
// its code, by the code: where nothing is said, it is maxPhone. Only plans that
// end there: what is too short here leaves the end of a number readable.
var countryPhones = func() (t [1000]uint8) {
	for i := range t {
		t[i] = maxPhone
	}
	for size, codes := range map[uint8]string{
		10: "45 47 53 65 220 354",
		11: "1 7 27 31 32 33 34 36 40 41 48 51 56 61 66 93 94 216 356 357 370 371 372 373 374 386 852 853 961 965 968 973 974",
		12: "20 30 44 57 58 60 63 64 81 84 90 91 92 98 211 212 213 218 221 233 237 249 250 251 254 255 256 351 353 355 359 375 380 385 " +
			"420 421 855 886 962 963 966 967 970 971 972 992 994 995 996 998",
		13: "52 54 55 82 86 234 880 964 977",
	} {
		for code := range strings.FieldsSeq(codes) {
			from, n := 0, 1000
			for _, c := range code {
				n /= 10
				from += int(c-'0') * n
			}
			for i := range n {
				t[from+i] = size
			}
		}
	}
	return t
}()

// trunk returns how many digits of group i and after lead abroad: "00", "0011" in
// Australia, "011" in North America. Elsewhere "011" begins the numbers of a town.
func (n *numbers) trunk(i int) int {
	if i > 0 && n.joined(i) && n.groups[i-1].size > 2 && n.groups[i-1].size < minPhone {
		return 0 // the middle of an account's number, perhaps
	}
	d, size := n.digits[n.groups[i].first:], 0
	for _, t := range [...]string{"0011", "00", "011"} {
		if startsWith(d, t) {
			size = len(t)
			break
		}
	}
	if size == 0 || len(d) < size+minPhone || d[size] == 0 || d[size] == 1 && d[size+1] <= 1 {
		return 0 // no country has such numbers
	}
	// "00 44 …", but not the "00.123" of a time.
	g := n.groups[i]
	if g.size > size || g.size == size && n.groups[i+1].lead.spaces+n.groups[i+1].lead.hyphens > 0 {
		return size
	}
	return 0
}

// international takes what follows a "+" or so many digits of a trunk as far as it
// may belong to it.
func (n *numbers) international(i, trunk int) int {
	at := n.groups[i].first + trunk
	if at+3 > len(n.digits) {
		return 0
	}
	d := n.digits[at:]
	longest := int(countryPhones[int(d[0])*100+int(d[1])*10+int(d[2])])
	best, total := 0, -trunk
	// A table may have each part in a cell of its own, from the country's code on.
	apart := n.groups[i].size-trunk <= 3 && i+1 < len(n.groups) && n.groups[i+1].lead.breaks > 0
	for k := i; k < len(n.groups) && k-i < maxPhoneGroups+2; k++ {
		g := &n.groups[k]
		if inCell := apart && g.lead == (lead{breaks: 1, signs: 1}); k > i && !n.joined(k) && !inCell {
			break
		}
		total += g.size
		if n.digits[g.first] == 0 && k > i && total-g.size > 0 && total-g.size <= 3 {
			total-- // the 0 of "+44 (0) 20", which is not dialled
		}
		// After a space another number may begin.
		if total > maxPhone || best > 0 && total > longest && g.lead.spaces+g.lead.breaks > 0 {
			break
		}
		if total >= minPhone && n.mayEnd(k) && !n.isDecimal(i, k) {
			best = k - i + 1
		}
	}
	return best
}

// isDecimal tells "+52.5200066" from "+49.3012345678", which is how registries of
// domains write phone numbers.
func (n *numbers) isDecimal(i, k int) bool {
	return k == i+1 && n.groups[k].lead.dots == 1 && n.groups[k].lead.signs == 1 && (n.groups[i].size > 3 || n.groups[k].size < 9)
}
