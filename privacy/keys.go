// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	_ "embed" // for key_formats.txt
	"strconv"
	"strings"
)

// keyShape is how a key of some service begins, and what follows.
type keyShape struct {
	prefix string
	min    int // bytes that follow, at least
	of     *byteSet
	// keep: the prefix says where the key is for and stays: the URL of a webhook.
	keep bool
	// strict: the prefix is a word elsewhere, so that what follows must have
	// digits and letters mixed.
	strict bool
	plain  bool // of is that of words
}

//go:embed key_formats.txt
var keyFormats string

// keyShapes reads key_formats.txt.
func keyShapes() (all []keyShape) {
	kinds := map[string]*byteSet{"word": keyBytes, "dotted": dottedBytes, "upper": upperBytes, "hex": hexBytes, "base64": base64Bytes, "path": pathBytes}
	for line := range strings.Lines(keyFormats) {
		head, prefixes, _ := strings.Cut(line, ": ")
		f := strings.Fields(head)
		if f[0] == "#" {
			continue
		}
		least, _ := strconv.Atoi(f[1])
		for p := range strings.FieldsSeq(prefixes) {
			all = append(all, keyShape{prefix: p, min: least, of: kinds[f[0]], plain: f[0] == "word", keep: f[len(f)-1] == "keep", strict: f[len(f)-1] == "strict"})
		}
	}
	return all
}

var (
	keyBytes    = byteSetOf("", isKeyByte)
	dottedBytes = byteSetOf(".", isKeyByte)
	tokenBytes  = byteSetOf(".~+/=", isKeyByte)
	upperBytes  = byteSetOf("", isDigit, isUpper)
	hexBytes    = byteSetOf("", isHex)
	base64Bytes = byteSetOf("+/=", isAlnum)
	pathBytes   = visibleBut("\"'`<>\\)]}|,;")
	blankBytes  = byteSetOf(" \t")
)

// random tells a key from words joined by hyphens: it has a stretch that is
// longer than words are, or is long and has a digit in it.
func random(s string) bool {
	size, digit := 0, false
	for i := 0; i < len(s) && i < randomWindow; i++ {
		if !isAlnum(s[i]) {
			size, digit = 0, false
			continue
		}
		size++
		digit = digit || isDigit(s[i])
		if size >= 12 || size >= 8 && digit {
			return true
		}
	}
	return false
}

// nextRandom returns where the bytes of keys from i on end, or become random.
func nextRandom(text string, i int) int {
	size, digit, from := 0, false, i
	for ; i < len(text) && isKeyByte(text[i]); i++ {
		if !isAlnum(text[i]) {
			size, digit = 0, false
			continue
		}
		size++
		digit = digit || isDigit(text[i])
		if size >= 12 || size >= 8 && digit {
			looked(i - from)
			return i
		}
	}
	looked(i - from)
	return i + randomWindow
}

// mixed reports whether digits and letters come one after the other as they do
// not in words: several times in a stretch of 16 or more.
func mixed(s string) bool {
	size, changes := 0, 0
	for i := 0; i < len(s) && i < randomWindow; i++ {
		if !isAlnum(s[i]) {
			size, changes = 0, 0
			continue
		}
		if size > 0 && isDigit(s[i]) != isDigit(s[i-1]) {
			changes++
		}
		if size++; size >= 16 && changes >= 4 {
			return true
		}
	}
	return false
}

func hasDigit(s string) bool {
	s = s[:min(len(s), randomWindow)]
	for i := range len(s) {
		if isDigit(s[i]) {
			return true
		}
	}
	return false
}

// find returns where the key that begins at i begins and ends.
func (k *keyShape) find(text string, i int) (from, to int) {
	rest := i + len(k.prefix)
	window := text[rest:min(len(text), rest+randomWindow)]
	head := window[:k.of.span(window, 0)]
	if len(head) < k.min || !random(head) && !strings.ContainsAny(head, "/") || k.strict && !mixed(head) {
		return 0, 0
	}
	switch k.prefix {
	case "ASIA", "AKIA", "LTAI", "AKID", "oy2", "dkea", "BSA", "AKCp", "AQVN", "EZAK", "EZTK":
		if !hasDigit(head) || strings.ContainsAny(head, "_-") {
			return 0, 0
		}
	case "SK":
		if len(head) != 32 {
			return 0, 0
		}
	case "pat":
		if len(head) < 60 || head[14] != '.' {
			return 0, 0
		}
	case "MT", "Mj", "Mz", "ND", "NT", "Nj", "Nz", "OD", "OT": // Discord
		if dot := strings.IndexByte(head, '.'); dot < 20 || dot > 28 || strings.IndexByte(head[dot+1:], '.') != 6 {
			return 0, 0
		}
	}
	end := k.of.span(text, rest)
	for end > rest+k.min && strings.IndexByte(".?!:", text[end-1]) >= 0 {
		end--
	}
	if k.keep {
		return rest, end
	}
	return i, end
}
