// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	_ "embed" // for key_formats.txt
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spanloom/spanloom/privacy/internal/plain"
)

// keyShape is how a key of some service begins, and what follows.
type keyShape struct {
	prefix string
	min    int // bytes that follow, at least
	of     *plain.Set
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
	kinds := map[string]*plain.Set{"word": keyBytes, "dotted": dottedBytes, "upper": upperBytes, "hex": hexBytes, "base64": base64Bytes, "path": pathBytes}
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

// startsByTwo are what a look is worth at, by their first two bytes.
func startsByTwo() map[[2]byte][]start {
	m := map[[2]byte][]start{}
	add := func(prefix string, s start) {
		s.shape.prefix = prefix
		two := [2]byte{prefix[0], prefix[1]}
		m[two] = append(m[two], s)
	}
	addAll := func(word string, kind startKind) { // in small and capital letters
		_, first := utf8.DecodeRuneInString(word)
		title := strings.ToUpper(word[:first]) + word[first:]
		for _, w := range slices.Compact([]string{word, title, strings.ToUpper(word)}) {
			add(w, start{kind: kind})
		}
	}
	for _, k := range keyShapes() {
		add(k.prefix, start{kind: startKey, shape: k})
	}
	for p := range strings.FieldsSeq("bearer basic digest aws4-hmac") {
		addAll(p, startScheme)
	}
	add("eyJ", start{kind: startJWT})
	add("PuTTY-User-Key-File-", start{kind: startPuTTY})
	for _, w := range sentenceWords {
		addAll(w, startSentence)
	}
	return m
}

type startKind uint8

const (
	startKey startKind = iota
	startScheme
	startJWT
	startPuTTY
	startSentence
)

type start struct {
	kind  startKind
	shape keyShape
}

// startIndex is where in starts those that begin with two bytes are; none are at 0.
var starts, startIndex = func() (list [][]start, index [256]*[256]uint8) {
	list = append(list, nil)
	for two, s := range startsByTwo() {
		if index[two[0]] == nil {
			index[two[0]] = new([256]uint8)
		}
		index[two[0]][two[1]] = uint8(len(list))
		list = append(list, s)
	}
	return list, index
}()

// byteClass tells the bytes at which something may begin.
type byteClass uint8

const (
	classOther byteClass = iota
	classWord            // letters and digits: at the first of a word
	classWide            // not ASCII: anywhere
	classSign
)

var byteClasses = func() (t [256]byteClass) {
	for c := range t {
		switch {
		case strings.IndexByte(":=@-<", byte(c)) >= 0 && c > 0:
			t[c] = classSign
		case c >= 0x80:
			t[c] = classWide
		case plain.IsAlnum(byte(c)) || c == '_':
			t[c] = classWord
		}
	}
	return t
}()

// randomWindow is how far a look goes for what tells a key from words, so that a
// text of nothing but beginnings of keys takes no longer than another.
const randomWindow = 64

// secretSearch is the search for keys, tokens and passwords.
type secretSearch struct {
	text string
	done int // the end of what was replaced
	// What does not end, or is not there, before.
	noToken, noKey, noPEMEnd, noPuTTYEnd int
}

// secrets replaces keys, tokens and passwords.
func secrets(w *plain.Rewriter) {
	text := w.Text
	s := secretSearch{text: text}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch byteClasses[c] {
		case classOther:
			continue
		case classWord, classWide:
			if i+1 >= len(text) || startIndex[c] == nil || startIndex[c][text[i+1]] == 0 || c < 0x80 && plain.WordBefore(text, i) {
				continue
			}
		}
		if from, to, by := s.at(i); to > from && from >= s.done {
			w.Replace(from, to, by)
			s.done = to
			i = max(i, to-1)
		}
	}
	plain.Looked(len(text))
}

// at returns the stretch to replace that shows itself at i; to is 0 if there is
// none.
func (s *secretSearch) at(i int) (from, to int, by string) {
	text := s.text
	switch text[i] {
	case ':':
		if strings.HasPrefix(text[i:], "://") {
			return s.userinfo(i + 3)
		}
		if from, to = telegramToken(text, i); to > 0 {
			return from, to, redactedKey
		}
		return s.pair(i)
	case '=':
		return s.pair(i)
	case '@':
		return s.dataSource(i)
	case '<':
		return element(text, i)
	case '-':
		if to = s.privateKey(i); to > 0 {
			return i, to, redactedKey
		}
		return s.flag(i)
	}
	list := starts[startIndex[text[i]][text[i+1]]]
	for k := range list {
		if !strings.HasPrefix(text[i:], list[k].shape.prefix) {
			continue
		}
		if from, to, by = s.start(i, &list[k]); to > 0 {
			return from, to, by
		}
	}
	return 0, 0, ""
}

func (s *secretSearch) start(i int, st *start) (from, to int, by string) {
	text := s.text
	switch st.kind {
	case startKey:
		if i >= s.noKey || !st.shape.plain {
			if from, to = st.shape.find(text, i); to == 0 && st.shape.plain {
				s.noKey = nextRandom(text, i) - randomWindow
			}
		}
	case startScheme:
		from, to = i, schemeEnd(text, i)
	case startJWT:
		from, to = i, s.webToken(i)
	case startPuTTY:
		from, to = i, s.puttyKey(i)
	case startSentence:
		return s.sentence(i, i+len(st.shape.prefix))
	}
	return from, to, redactedKey
}

var (
	keyBytes    = plain.SetOf("", plain.IsKey)
	dottedBytes = plain.SetOf(".", plain.IsKey)
	tokenBytes  = plain.SetOf(".~+/=", plain.IsKey)
	upperBytes  = plain.SetOf("", plain.IsDigit, plain.IsUpper)
	hexBytes    = plain.SetOf("", plain.IsHex)
	base64Bytes = plain.SetOf("+/=", plain.IsAlnum)
	pathBytes   = plain.Until("\"'`<>\\)]}|,;")
	blankBytes  = plain.SetOf(" \t")
)

// random tells a key from words joined by hyphens: it has a stretch that is
// longer than words are, or is long and has a digit in it.
func random(s string) bool {
	size, digit := 0, false
	for i := 0; i < len(s) && i < randomWindow; i++ {
		if !plain.IsAlnum(s[i]) {
			size, digit = 0, false
			continue
		}
		size++
		digit = digit || plain.IsDigit(s[i])
		if size >= 12 || size >= 8 && digit {
			return true
		}
	}
	return false
}

// nextRandom returns where the bytes of keys from i on end, or become random.
func nextRandom(text string, i int) int {
	size, digit, from := 0, false, i
	for ; i < len(text) && plain.IsKey(text[i]); i++ {
		if !plain.IsAlnum(text[i]) {
			size, digit = 0, false
			continue
		}
		size++
		digit = digit || plain.IsDigit(text[i])
		if size >= 12 || size >= 8 && digit {
			plain.Looked(i - from)
			return i
		}
	}
	plain.Looked(i - from)
	return i + randomWindow
}

// mixed reports whether digits and letters come one after the other as they do
// not in words: several times in a stretch of 16 or more.
func mixed(s string) bool {
	size, changes := 0, 0
	for i := 0; i < len(s) && i < randomWindow; i++ {
		if !plain.IsAlnum(s[i]) {
			size, changes = 0, 0
			continue
		}
		if size > 0 && plain.IsDigit(s[i]) != plain.IsDigit(s[i-1]) {
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
		if plain.IsDigit(s[i]) {
			return true
		}
	}
	return false
}

// find returns where the key that begins at i begins and ends.
func (k *keyShape) find(text string, i int) (from, to int) {
	rest := i + len(k.prefix)
	window := text[rest:min(len(text), rest+randomWindow)]
	head := window[:k.of.Span(window, 0)]
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
	end := k.of.Span(text, rest)
	for end > rest+k.min && strings.IndexByte(".?!:", text[end-1]) >= 0 {
		end--
	}
	if k.keep {
		return rest, end
	}
	return i, end
}

// telegramToken finds "123456789:AA…" around the colon at i.
func telegramToken(text string, i int) (from, to int) {
	const secret = 35
	if i < 6 || !strings.HasPrefix(text[i+1:], "AA") {
		return 0, 0
	}
	from = i
	for from > 0 && i-from <= 12 && plain.IsDigit(text[from-1]) {
		from--
	}
	to = i + 1
	for to < len(text) && to-i <= secret+8 && plain.IsKey(text[to]) {
		to++
	}
	plain.Looked(to - from)
	if i-from < 6 || to-i-1 < secret-3 {
		return 0, 0
	}
	return from, to
}

// webToken finds the end of a JSON Web Token: "eyJ…", and parts after dots.
func (s *secretSearch) webToken(i int) int {
	if i < s.noToken {
		return 0
	}
	end, parts := i, 0
	for {
		next := keyBytes.Span(s.text, end)
		if next-end >= 6 {
			parts++
		}
		end = next
		if end+1 >= len(s.text) || s.text[end] != '.' || !plain.IsKey(s.text[end+1]) && s.text[end+1] != '.' {
			break
		}
		end++
	}
	if parts < 2 {
		s.noToken = end
		return 0
	}
	return end
}
