// SPDX-License-Identifier: Apache-2.0

package numbers

import (
	"strconv"
	"strings"
)

// ibanLengths are the lengths of bank accounts by the letters of the country.
var ibanLengths = func() map[[2]byte]int {
	m := map[[2]byte]int{}
	for head, countries := range numberFormats {
		if size, ok := strings.CutPrefix(head, "iban "); ok {
			for c := range strings.FieldsSeq(countries) {
				m[[2]byte{c[0], c[1]}], _ = strconv.Atoi(size)
			}
		}
	}
	return m
}()

// ibans looks at each two letters that begin a word and have a digit after them,
// and from there no further than an account is long.
func ibans(text string) (found []Found) {
	for i := 2; i < len(text); i++ {
		if !isDigit(text[i]) || !isLetter(text[i-1]) || !isLetter(text[i-2]) || wordBefore(text, i-2) {
			continue
		}
		if end := ibanEnd(text, i-2); end > 0 {
			found = append(found, Found{i - 2, end, IBAN})
			i = end
		}
	}
	looked(len(text))
	return found
}

func ibanEnd(text string, i int) int {
	const separators = " -._/"
	length, digits := ibanLengths[[2]byte{text[i] &^ 0x20, text[i+1] &^ 0x20}], 0
	account := make([]byte, 0, 34)
	for ; len(account) < length; i++ {
		if i >= len(text) {
			return 0
		}
		switch c, n := text[i], len(account); {
		case isDigit(c) && n >= 2:
			account = append(account, c-'0')
			digits++
		case isLetter(c) && n != 2 && n != 3:
			account = append(account, c|0x20-'a'+10)
		case n == 0 || !oneOf(c, separators) || oneOf(text[i-1], separators):
			return 0
		}
	}
	looked(len(account))
	if length == 0 || digits < 8 || i < len(text) && (text[i] == '_' || isLetter(text[i]) || isDigit(text[i])) {
		return 0
	}
	// Country and check digits go last, and what is left by 97 is 1. A text in
	// which most are letters passes once in 97 times by chance.
	left := 0
	for k := range account {
		if v := int(account[(k+4)%length]); v > 9 {
			left = (left*100 + v) % 97
		} else {
			left = (left*10 + v) % 97
		}
	}
	if left != 1 {
		return 0
	}
	return i
}
