// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spanloom/spanloom/privacy/internal/numbers"
)

// sentenceWords begin what may be said of a secret: "the password is …".
var sentenceWords = strings.Fields("password passwd passphrase passcode pass pwd secret token key api-key pin " +
	"passwort kennwort zugangscode geheimnis schlüssel schluessel contraseña contrasena clave secreto mot clé jeton " +
	"пароль ключ токен секрет 密码 密碼 口令 密钥 密鑰 金鑰 令牌 كلمة مفتاح رمز رقم")

var copulas = wordSet("is IS was to ist lautet war est était es era será это был - هي هو")

// sentence finds the value in "password is x", "la contraseña del wifi es x",
// "пароль x", "密码是x", where the word at from is a secret's.
func (s *secretSearch) sentence(from int, word string) stretch {
	text, end := s.text, from+len(word)
	// Scripts that put no blank between words, or no copula.
	wide := text[from] >= 0xd0 && text[end-1] >= utf8.RuneSelf
	if end >= len(text) || !wide && (isKeyByte(text[end]) || text[end] >= utf8.RuneSelf) {
		return stretch{}
	}
	c := clause{text: text, wide: wide, verb: end-from == len("pass")}
	c.findCopula(end)
	if c.value == 0 || !c.findValue() {
		return stretch{}
	}
	kind := max(kindOf(text[nameStart(text, end, true):end]), kindOf(text[from:c.nameEnd]))
	if !c.judge(text[c.value:c.end], kind) {
		return stretch{}
	}
	return stretch{c.value, c.end, kind.placeholder()}
}

// clause is the part of a sentence from the name of a secret to its value.
type clause struct {
	text       string
	nameEnd    int
	value, end int  // where the value stands; 0 if there is none
	copula     bool // else the value follows the name
	direct     bool // nothing but the copula stands between name and value
	wide       bool
	verb       bool // the name may be one
	phrase     bool // the value is several words, in quotation marks
}

// findCopula reads six words, at most, behind the end of the name.
func (c *clause) findCopula(end int) {
	const longest = 64
	window := upTo(c.text, end+longest)
	if c.wide {
		at := end + strings.IndexFunc(window[end:]+"!", func(r rune) bool { return r > ' ' && r < utf8.RuneSelf })
		looked(at - end)
		if at == len(window) {
			return
		}
		if i := strings.IndexAny(window[end:at], "是为為"); i >= 0 {
			c.nameEnd, c.value, c.copula, c.direct = end+i, end+i+len("是"), true, i == 0
			return
		}
	}
	for i, n := end, 0; n < 6; n++ {
		from := blankBytes.span(window, i)
		to := from + len(window[from:]) - len(strings.TrimLeftFunc(window[from:], isWordRune))
		looked(to - from)
		if to == from || from == i && !c.wide {
			break
		}
		if word := window[from:to]; copulas[word] && (word != "to" || i == end && !c.verb) {
			c.nameEnd, c.value, c.copula, c.direct = i, to, true, i == end
			return
		}
		i = to
	}
	if value := blankBytes.span(window, end); (value > end || c.wide) && value < len(window) {
		c.nameEnd, c.value = end, value
	}
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) || r == '-' }

var emphasis = bytesOf(" \t:*_")

// findValue says where the value is exactly, and whether it may be a secret's.
func (c *clause) findValue() bool {
	from := emphasis.span(upTo(c.text, c.value+8), c.value)
	if from >= len(c.text) || c.copula && from == c.value && !c.wide {
		return false
	}
	window := upTo(c.text, from+2*randomWindow)
	if isQuote(c.text[from]) {
		c.value, c.end = from+1, closing(window, from, from)
		if c.end <= c.value {
			return false
		}
		value := c.text[c.value:c.end]
		c.phrase = strings.Count(value, " ") >= 3
		return c.copula && (c.phrase || likePassword(value))
	}
	end := passwordEnd(window, from)
	if end == from || c.text[from] >= utf8.RuneSelf || !likePassword(c.text[from:end]) {
		return false
	}
	end = passwordEnd(c.text, from)
	c.value, c.end = from, from+len(strings.TrimRight(c.text[from:end], ".,;:*_"))
	return !numbers.IsUnit(c.text[c.end:])
}

// judge tells a secret from the words of a sentence.
func (c *clause) judge(value string, kind secretKind) bool {
	const signs = "!@#$%^&*?+~="
	switch {
	case kind == kindToken, kind == kindPIN:
		return kind.covers(value) && (c.copula || kind == kindToken)
	case kind == kindNone, kind == kindKey && len(value) < 6, oneOf(value[0], "[<{$(-"):
		return false
	case c.phrase:
		return true
	case !c.copula && !c.wide:
		return kind == kindPassword && !c.verb && len(value) >= 6 && interleaved(value)
	case lettersAndDigits(value):
		return true
	case hasDigit(value):
		return c.copula && c.direct && allDigits(value)
	}
	return c.copula && len(strings.Trim(value, "!?*")) >= 4 && strings.ContainsAny(value[:len(value)-1], signs)
}
