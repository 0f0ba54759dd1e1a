// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"bytes"
	_ "embed" // for secret_names.txt
	"strings"
	"unicode"
	"unicode/utf8"
)

// IsSecretName reports whether a value under this name is a key, a token or a
// password: "OPENAI_API_KEY", "x-api-key", "clientSecret", "DB_PASS", "пароль".
// The last word of the name decides: "max_tokens" and "pass_rate" are none.
func IsSecretName(name string) bool { return kindOf(name) >= kindKey }

// IsTokenName reports whether a value under this name is a token if it looks like
// one: "token", "next_page_token". Of headers and variables it always is.
func IsTokenName(name string) bool { return kindOf(name) == kindToken }

// NamedBy reports whether the string under this key may be the name of what
// stands beside it, as in {"name": "password", "value": "…"}. If that string is a
// secret's name, all other members of the object stand under it.
func NamedBy(key string) bool {
	if key == "" || len(key) > longestName || !namingEnds[key[len(key)-1]|0x20] {
		return false
	}
	p := plainNameOf(key)
	return naming[string(p.lastWord())]
}

// secretKind is what a name says of the value under it.
type secretKind uint8

const (
	kindNone     secretKind = iota
	kindToken               // a secret if it looks like one: a token may also be a word that a model has read
	kindPIN                 // a secret if it is a few digits
	kindKey                 // a key, a token or a header that opens a door
	kindPassword            // or a code that is as secret
)

// covers reports whether a value under a name of this kind is a secret.
func (k secretKind) covers(value string) bool {
	switch k {
	case kindToken:
		return isToken(value)
	case kindPIN:
		return isPIN(value)
	}
	return k != kindNone
}

func (k secretKind) placeholder() string {
	if k == kindKey || k == kindToken {
		return redactedKey
	}
	return redactedSecret
}

//go:embed secret_names.txt
var secretNames string

// nameLists are the words of secret_names.txt by what they say.
var nameLists = tableOf(secretNames)

var (
	nameTails    = wordSet(nameLists["tail"])
	textTokens   = wordSet(nameLists["text token"])
	services     = wordSet(nameLists["service"])
	queryNames   = wordSet(nameLists["query"])
	naming       = wordSet(nameLists["naming"])
	valueNames   = strings.Fields(nameLists["named"])
	pluralNames  = bytes.Fields([]byte(nameLists["plural"]))
	asciiForeign = bytes.Fields([]byte(nameLists["anywhere in ASCII"]))
	foreignNames = append(bytes.Fields([]byte(nameLists["anywhere"])), asciiForeign...)
)

// longestName is longer than any name that is looked at needs to be.
const longestName = 48

type nameEnding struct {
	text string
	kind secretKind
	word bool // must be a word of its own
}

// nameEndings are looked up by their last byte, namingEnds are those of naming.
// lastThree spares most names a closer look: a bit for each three letters that a
// name of a secret, or what a pair looks at, may end with.
var nameEndings, lastThree, namingEnds = func() (endings [256][]nameEnding, bits [1 << 9]uint64, last [256]bool) {
	for head, kind := range map[string]secretKind{
		"password": kindPassword, "password word": kindPassword, "key": kindKey, "key word": kindKey, "token word": kindToken, "pin word": kindPIN,
		"tail": kindNone, "plural": kindNone, "query": kindNone, "named": kindNone, "naming": kindNone,
	} {
		for word := range strings.FieldsSeq(nameLists[head]) {
			c := word[len(word)-1]
			last[c] = last[c] || head == "naming"
			if kind != kindNone {
				endings[c] = append(endings[c], nameEnding{word, kind, strings.HasSuffix(head, " word")})
			}
			h := uint(0)
			for i := range min(3, len(word)) {
				h |= uint(word[len(word)-1-i]&31) << (5 * i)
			}
			bits[h>>6] |= 1 << (h & 63)
		}
	}
	return endings, bits, last
}()

// mayEndSecretName judges the last letters of a text, before its last digits.
func mayEndSecretName(text string) bool {
	end := len(text)
	for end > 0 && isDigit(text[end-1]) {
		end--
	}
	if end == 0 {
		return false
	}
	if c := text[end-1]; !isLetter(c) {
		return end == len(text) || isKeyByte(c) || c >= utf8.RuneSelf
	}
	h := uint(0)
	for i, letters := end-1, 0; i >= 0 && letters < 3; i-- {
		if c := text[i]; isLetter(c) {
			h |= uint(c&31) << (5 * letters)
			letters++
		} else if letters == 2 && lastThree[h>>6]>>(h&63)&1 == 1 {
			return true
		} else if c != '_' && c != '-' {
			return false
		}
	}
	return lastThree[h>>6]>>(h&63)&1 == 1
}

// mayBePhrase reports whether a name has blanks or letters beyond ASCII.
func mayBePhrase(name string) bool {
	for i := range len(name) {
		if name[i] == ' ' || name[i] >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// kindOf returns what a name says. The last word of the name decides.
func kindOf(name string) secretKind {
	phrase := mayBePhrase(name)
	if !phrase && !mayEndSecretName(name) || name == "PWD" || name == "OLDPWD" {
		return kindNone
	}
	p := plainNameOf(name)
	for range 3 {
		if kind := p.kind(); kind != kindNone {
			return kind
		}
		if !p.cutTail() {
			break
		}
	}
	names := foreignNames
	if p.ascii {
		names = asciiForeign
	}
	for _, n := range names {
		if phrase && bytes.Contains(p.text(), n) {
			return kindPassword
		}
	}
	return kindNone
}

// plainName is the end of a name in lower case, without accents and what
// separates its words.
type plainName struct {
	buf       [longestName]byte
	from, end int
	begins    uint64 // bit i: a word begins at buf[i]
	ascii     bool
	upper     bool // no small letter
}

func plainNameOf(name string) plainName {
	p := plainName{from: longestName, end: longestName, ascii: true, upper: true}
	looked(min(len(name), longestName))
	for i := len(name); i > 0 && p.from > 0; {
		c := name[i-1]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeLastRuneInString(name[:i])
			i -= size
			p.ascii, p.upper = false, false
			if !p.prepend(r) {
				break
			}
			continue
		}
		i--
		if nameSeparators[c] {
			p.begins |= 1 << p.from
			continue
		}
		p.from--
		p.buf[p.from] = c
		p.upper = p.upper && !isLower(c)
		if isUpper(c) {
			p.buf[p.from] |= 0x20
		}
		if i == 0 || isUpper(c) && (!isUpper(name[i-1]) || i+1 < len(name) && isLower(name[i+1])) {
			p.begins |= 1 << p.from
		}
	}
	return p
}

var nameSeparators = bytesOf(`_. /:[]'"()-`)

// prepend puts a letter that is not ASCII before what is there.
func (p *plainName) prepend(r rune) bool {
	if unicode.Is(unicode.Mn, r) || r == 'ـ' || fold(r) == leftOut {
		return true
	}
	if r < 0x600 { // the scripts with capitals
		r = unicode.ToLower(r)
	}
	if i := strings.IndexRune("ñéèêüöäáóíú", r); i >= 0 {
		r = rune("neeeuoaaoiu"[i/2])
	}
	var b [utf8.UTFMax]byte
	n := utf8.EncodeRune(b[:], r)
	if p.from < n {
		return false
	}
	p.from -= n
	copy(p.buf[p.from:], b[:n])
	return true
}

func (p *plainName) text() []byte { return p.buf[p.from:p.end] }

// kind judges by how the name ends.
func (p *plainName) kind() (found secretKind) {
	text := p.text()
	if len(text) == 0 {
		return kindNone
	}
	for _, e := range nameEndings[text[len(text)-1]] {
		if e.kind <= found || len(e.text) > len(text) || string(text[len(text)-len(e.text):]) != e.text {
			continue
		}
		if at := p.end - len(e.text); !e.word || at == p.from || p.begins>>at&1 == 1 {
			found = e.kind
		}
	}
	if last := p.lastWord(); found <= kindToken && (string(last) == "token" || string(last) == "key") {
		before := *p // judges GITHUB_TOKEN and openai_key
		before.end -= len(last)
		if word := before.lastWord(); services[string(word)] || string(last) == "token" && p.upper && len(word) > 0 && !textTokens[string(word)] {
			return kindKey
		}
	}
	return found
}

func (p *plainName) lastWord() []byte {
	at := p.end - 1
	for at > p.from && p.begins>>at&1 == 0 {
		at--
	}
	return p.buf[max(at, p.from):p.end]
}

// cutTail leaves out a last word, a plural or a number that does not decide.
func (p *plainName) cutTail() bool {
	before := p.end
	for p.end > p.from && isDigit(p.buf[p.end-1]) {
		p.end--
	}
	if p.end < before {
		return true
	}
	if word := p.lastWord(); nameTails[string(word)] {
		p.end -= len(word)
		return true
	}
	for _, plural := range pluralNames {
		if bytes.HasSuffix(p.text(), plural) {
			p.end--
			return true
		}
	}
	return false
}
