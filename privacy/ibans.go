// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"
)

// ibanLengths are the lengths of bank accounts by the letters of the country:
// those of SWIFT's registry, and of countries that use the form without being in
// it.
var ibanLengths = func() (t [26][26]uint8) {
	for length, countries := range map[uint8]string{
		15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK", 21: "CH HR LI LV",
		22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL", 24: "AD CZ ES MD PK RO SA SE SK TN VG",
		25: "AO CV GW LY MZ PT ST", 26: "DZ IR IS TR", 27: "BI CF CG CM DJ FR GA GQ GR IT KM MC MG MR SM TD",
		28: "AL AZ BF BJ BY CI CY DO GT HN HU LB MA ML NE NI PL SN SV TG", 29: "BR EG PS QA UA", 30: "JO KW MU YE",
		31: "MT SC", 32: "LC", 33: "RU",
	} {
		for c := range strings.FieldsSeq(countries) {
			t[c[0]-'A'][c[1]-'A'] = length
		}
	}
	return t
}()

// ibans looks at each two letters that begin a word and have a digit after them,
// and from there no further than an account is long.
func ibans(w *rewriter) {
	text := w.text
	for i := 2; i < len(text); i++ {
		if !isDigit(text[i]) {
			continue
		}
		from := i - 2
		if isLetter(text[i-1]) && isLetter(text[from]) && !wordBefore(text, from) {
			if end := ibanEnd(text, from); end > 0 {
				w.replace(from, end, redactedIBAN)
				i = end
			}
		}
	}
	looked(len(text))
}

func ibanEnd(text string, i int) int {
	length := int(ibanLengths[text[i]&0x1f-1][text[i+1]&0x1f-1])
	if length == 0 {
		return 0
	}
	from := i
	var values [34]int
	n, digits := 0, 0
	for separated := true; n < length; i++ {
		if i >= len(text) {
			return 0
		}
		switch c := text[i]; {
		case isDigit(c) && n >= 2:
			digits++
			values[n] = int(c - '0')
		case isLetter(c) && n != 2 && n != 3:
			values[n] = int(c|0x20-'a') + 10
		case strings.IndexByte(" -._/", c) >= 0 && !separated:
			separated = true
			continue
		default:
			return 0
		}
		n++
		separated = false
	}
	looked(i - from)
	if i < len(text) && isKeyByte(text[i]) && text[i] != '-' {
		return 0
	}
	// Country and check digits go last, and what is left by 97 is 1. A text in
	// which most are letters passes once in 97 times by chance.
	left := 0
	for k := range n {
		if v := values[(k+4)%n]; v > 9 {
			left = (left*100 + v) % 97
		} else {
			left = (left*10 + v) % 97
		}
	}
	if left != 1 || digits < 8 {
		return 0
	}
	return i
}
