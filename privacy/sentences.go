// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentenceWords begin what may be said of a secret: "the password is …".
var sentenceWords = strings.Fields("password passwd passphrase passcode pass pwd secret token key api-key pin " +
	"passwort kennwort zugangscode geheimnis schlüssel schluessel contraseña contrasena clave secreto mot clé jeton " +
	"пароль ключ токен секрет 密码 密碼 口令 密钥 密鑰 金鑰 令牌 كلمة مفتاح رمز رقم")

var copulas = wordSet("is IS was to ist lautet war est était es era será это был - هي هو")

var chineseCopulas = [...]string{"是", "为", "為"}

// sentence finds the value in "password is x", "la contraseña del wifi es x",
// "пароль x", "密码是x", where the word from its first byte to end is a secret's.
func (s *secretSearch) sentence(from, end int) (int, int, string) {
	text := s.text
	// Scripts that put no blank between words, or no copula.
	wide := text[from] >= 0xd0 && text[end-1] >= utf8.RuneSelf
	if end >= len(text) || isKeyByte(text[end]) && !wide || !wide && text[end] >= utf8.RuneSelf {
		return 0, 0, ""
	}
	c := findCopula(text, end, wide, end-from == len("pass"))
	if c.value == 0 {
		return 0, 0, ""
	}
	valueFrom, valueTo, likely := c.find(text)
	if !likely {
		return 0, 0, ""
	}
	kind := max(kindOf(text[nameStart(text, end, true):end]), kindOf(text[from:c.nameEnd]))
	if !c.judge(text[valueFrom:valueTo], kind) {
		return 0, 0, ""
	}
	return valueFrom, valueTo, placeholderOf(kind)
}

// copula is where a sentence goes from the name of something to what it is.
type copula struct {
	nameEnd int
	value   int  // where it begins; 0 if nowhere
	found   bool // else the value follows the name
	direct  bool // nothing but it stands between name and value
	wide    bool
	verb    bool // the name may be one
	phrase  bool // the value is several words, in quotation marks
}

func findCopula(text string, end int, wide, verb bool) copula {
	const maxWords = 6
	window := text[:min(len(text), end+longestCopula)]
	if wide {
		if c, decided := chineseCopula(text, window, end); decided {
			return c
		}
	}
	for i, n := end, 0; n < maxWords; n++ {
		from := blankBytes.span(window, i)
		to := wordEnd(window, from)
		if to == from || from == i && !wide {
			break
		}
		if word := window[from:to]; copulas[word] && (word != "to" || i == end && !verb) {
			return copula{nameEnd: i, value: to, found: true, direct: i == end, wide: wide, verb: verb}
		}
		i = to
	}
	value := blankBytes.span(window, end)
	if value == end && !wide || value == len(window) {
		return copula{}
	}
	return copula{nameEnd: end, value: value, wide: wide, verb: verb}
}

// longestCopula is how far a sentence is read for one, in bytes.
const longestCopula = 64

// chineseCopula looks for one in a script without blanks. decided is true where
// one was found, or where none can be.
func chineseCopula(text, window string, end int) (c copula, decided bool) {
	at := end
	for at < len(window) && (window[at] >= utf8.RuneSelf || isBlank(window[at])) {
		at++
	}
	looked(at - end)
	if at == len(text) || at == end+longestCopula {
		return copula{}, true
	}
	for _, word := range chineseCopulas {
		if i := strings.Index(window[end:at], word); i >= 0 {
			return copula{nameEnd: end + i, value: end + i + len(word), found: true, direct: i == 0, wide: true}, true
		}
	}
	return copula{}, false
}

func wordEnd(text string, i int) int {
	from := i
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '-' {
			break
		}
		i += size
	}
	looked(i - from)
	return i
}

// find returns where the value is, and whether it may be a secret's.
func (c *copula) find(text string) (from, to int, likely bool) {
	from = span(text[:min(len(text), c.value+8)], c.value, func(b byte) bool { return isBlank(b) || b == ':' || b == '*' || b == '_' })
	if from >= len(text) || c.found && from == c.value && !c.wide {
		return 0, 0, false
	}
	if isQuote(text[from]) {
		to = closing(text[:min(len(text), from+2*randomWindow)], from, from)
		c.phrase = to > from && strings.Count(text[from+1:to], " ") >= 3
		from++
		return from, to, to > from && c.found && (c.phrase || likePassword(text[from:to]))
	}
	window := text[:min(len(text), from+2*randomWindow)]
	if to = passwordEnd(window, from); to == from || text[from] >= utf8.RuneSelf || !likePassword(text[from:to]) {
		return from, to, false
	}
	to = passwordEnd(text, from)
	for strings.IndexByte(".,;:*_", text[to-1]) >= 0 {
		to--
	}
	return from, to, !isUnit(text[to:])
}

// judge tells a secret from the words of a sentence.
func (c copula) judge(value string, kind secretKind) bool {
	switch {
	case kind == kindToken:
		return isToken(value)
	case kind == kindPIN:
		return c.found && isPIN(value)
	case kind == kindNone, kind == kindKey && len(value) < 6, strings.IndexByte("[<{$(-", value[0]) >= 0:
		return false
	case c.phrase:
		return true
	}
	if !c.found && !c.wide {
		return kind == kindPassword && !c.verb && len(value) >= 6 && interleaved(value)
	}
	if lettersAndDigits(value) {
		return true
	}
	if hasDigit(value) {
		return c.found && c.direct && strings.Trim(value, "0123456789") == ""
	}
	return c.found && strings.ContainsAny(value, "!@#$%^&*?+~=") && len(strings.Trim(value, "!?*")) >= 4 && strings.ContainsAny(value[:len(value)-1], "!@#$%^&*?+~=")
}

// interleaved reports whether letters follow a digit, or two digits letters, as
// in no numbered word.
func interleaved(s string) bool {
	digits := 0
	letter := false
	for i := 0; i < len(s) && i < randomWindow; i++ {
		switch {
		case isDigit(s[i]):
			digits++
		case isLetter(s[i]):
			letter = true
			if digits > 0 {
				return i > 1
			}
		}
	}
	return letter && digits >= 2
}
