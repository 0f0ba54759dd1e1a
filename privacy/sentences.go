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
	"пароль ключ токен секрет 密码 密碼 口令 密钥 密鑰 金鑰 令牌 كلمة مفتاح المفتاح الرمز رمز السر الرقم")

var copulas = setOf("is IS was to ist lautet war est était es era será это был - هي هو")

var chineseCopulas = [...]string{"是", "为", "為"}

// sentence finds the value in "password is x", "la contraseña del wifi es x",
// "пароль x", "密码是x", where the word from its first byte to end is a secret's.
func (s *secrets) sentence(from, end int) (valueFrom, valueTo int, by string) {
	text := s.text
	// Scripts that put no blank between words, or no copula.
	wide := text[from] >= 0xd0 && text[end-1] >= utf8.RuneSelf
	if end >= len(text) || keyByte(text[end]) && !wide || !wide && text[end] >= utf8.RuneSelf {
		return 0, 0, ""
	}
	c := findCopula(text, end, wide)
	if c.value == 0 {
		return 0, 0, ""
	}
	kind := max(secretKind(text[nameStart(text, end, true):end]), secretKind(text[from:c.nameEnd]))
	if kind == nameOther {
		return 0, 0, ""
	}
	return c.secret(text, kind)
}

// copula is where a sentence goes from the name of something to what it is.
type copula struct {
	nameEnd int
	value   int  // where it begins; 0 if nowhere
	found   bool // else the value follows the name
	direct  bool // nothing but it stands between name and value
	wide    bool
}

func findCopula(text string, end int, wide bool) copula {
	const maxWords, longest = 6, 64
	window := text[:min(len(text), end+longest)]
	if wide {
		for i := end; i < len(window) && (window[i] >= utf8.RuneSelf || isBlank(window[i])); i++ {
			for _, c := range chineseCopulas {
				if strings.HasPrefix(window[i:], c) {
					return copula{nameEnd: i, value: i + len(c), found: true, direct: i == end, wide: true}
				}
			}
		}
	}
	for i, n := end, 0; n < maxWords; n++ {
		from := span(window, i, isBlank)
		to := wordEnd(window, from)
		if to == from || from == i && !wide {
			break
		}
		if copulas[window[from:to]] {
			return copula{nameEnd: i, value: to, found: true, direct: i == end, wide: wide}
		}
		i = to
	}
	value := span(window, end, isBlank)
	if value == end && !wide || value == len(window) {
		return copula{}
	}
	return copula{nameEnd: end, value: value, wide: wide}
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

// secret returns the value, if it is one and no word.
func (c copula) secret(text string, kind nameKind) (from, to int, by string) {
	from = span(text[:min(len(text), c.value+8)], c.value, func(b byte) bool { return isBlank(b) || b == ':' || b == '*' || b == '_' })
	if from >= len(text) || c.found && from == c.value && !c.wide {
		return 0, 0, ""
	}
	if strings.IndexByte("\"'`", text[from]) >= 0 {
		to = closing(text[:min(len(text), from+2*randomWindow)], from, from)
		from++
		if to < from || !c.found {
			return 0, 0, ""
		}
		if value := text[from:to]; strings.Count(value, " ") >= 3 || c.judge(value, kind) {
			return from, to, kind.placeholder()
		}
		return 0, 0, ""
	}
	to = passwordEnd(text, from)
	for to > from && strings.IndexByte(".,;:*_", text[to-1]) >= 0 {
		to--
	}
	if !c.judge(text[from:to], kind) || isUnit(text[to:]) {
		return 0, 0, ""
	}
	return from, to, kind.placeholder()
}

// judge tells a secret from the words of a sentence.
func (c copula) judge(value string, kind nameKind) bool {
	switch kind {
	case nameToken:
		return isToken(value)
	case namePIN:
		return c.found && isPIN(value)
	case nameKey:
		if len(value) < 6 {
			return false
		}
	}
	if !likePassword(value) || strings.IndexByte("[<{$(-", value[0]) >= 0 {
		return false
	}
	if !c.found && !c.wide {
		return kind == namePassword && len(value) >= 6 && interleaved(value)
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
		case asciiLetter(s[i]):
			letter = true
			if digits > 0 {
				return i > 1
			}
		}
	}
	return letter && digits >= 2
}
