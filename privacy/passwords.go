// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"
	"unicode/utf8"
)

// pair finds the value after the ":" or "=" at i, if the name before it says
// that it opens a door.
func (s *secretSearch) pair(i int) (from, to int, by string) {
	text := s.text
	if !mayBePair(text, i) {
		return 0, 0, ""
	}
	nameFrom, nameEnd := nameBefore(text, i)
	name := text[nameFrom:nameEnd]
	if name == "" {
		return 0, 0, ""
	}
	kind := pairKind(text, nameFrom, name, text[i])
	if kind == kindNone || text[i] == ':' && (name == "PASS" || strings.HasSuffix(name, " PASS")) { // of a test
		return 0, 0, ""
	}
	from = blankBytes.span(text[:min(len(text), i+10)], i+1)
	if from-i > 9 || from >= len(text) {
		return 0, 0, ""
	}
	open := from
	for open < len(text)-1 && open-from < 8 && text[open] == '\\' {
		open++
	}
	if isQuote(text[open]) {
		from, to = quotedValue(text, from, open, name, kind)
		return from, to, placeholderOf(kind)
	}
	if quoted := nameEnd < i && isQuote(text[nameEnd]); quoted && kind >= kindKey && (text[from] == '[' || text[from] == '{') {
		if to = bracketEnd(text, from); to-from > 2 {
			return from, to, `"` + placeholderOf(kind) + `"`
		}
		return 0, 0, ""
	}
	return from, bareValue(text, i, from, name, kind), placeholderOf(kind)
}

func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

// quotedValue returns where the secret in quotation marks is, to 0 if it is none.
func quotedValue(text string, from, open int, name string, kind secretKind) (int, int) {
	to := closing(text, from, open)
	from = open + 1
	switch value := text[from:max(from, to)]; {
	case value == "", isPlaceholder(value), !covers(kind, value), isVerb(name) && !lettersAndDigits(value):
		return 0, 0
	case name == "accesskey" && len(value) == 1: // of HTML
		return 0, 0
	case strings.IndexByte(" ,;)", value[0]) >= 0: // the mark closes what began before the name
		return 0, 0
	}
	return from, to
}

// mayBePair spares most separators a closer look.
func mayBePair(text string, i int) bool {
	if text[i] == '=' {
		return mayEndSecretName(text[:i])
	}
	from := i + 1
	if from < len(text) && text[from] == ' ' {
		from++
	}
	if from >= len(text) || text[from] < utf8.RuneSelf {
		return i == 0 || !isDigit(text[i-1]) || mayEndSecretName(text[:i])
	}
	word, _, _ := strings.Cut(text[from:min(len(text), from+randomWindow)], " ")
	return hasDigit(word)
}

// pairKind judges the name before a separator, which begins at from.
func pairKind(text string, from int, name string, separator byte) secretKind {
	kind := kindOf(name)
	if kind >= kindKey {
		return kind
	}
	inQuery := separator == '=' && from > 0 && (text[from-1] == '?' || text[from-1] == '&' || text[from-1] == ';')
	if inQuery && len(name) <= 24 && queryNames[strings.ToLower(name)] {
		return kindKey
	}
	for _, v := range valueNames {
		if hasSuffixFold(name, v) {
			return max(kind, siblingKind(text, from))
		}
	}
	return kind
}

// siblingKind judges a value by the member before it, which must be its name:
// name="password" value=, {"key": "password", "value":, "- name: DB_PASS\n  value:".
func siblingKind(text string, i int) secretKind {
	const apart = " \t\r\n,;\"'\\"
	window := text[max(0, i-96):i]
	looked(len(window))
	window = strings.TrimRight(window, apart)
	at := strings.LastIndexAny(window, "\"'=: ")
	name := window[at+1:]
	kind := kindOf(name)
	if kind < kindKey {
		return kindNone
	}
	rest := strings.TrimRight(strings.TrimRight(strings.TrimRight(window[:at+1], "\"'\\ "), ":="), "\"'\\ ")
	if !NamedBy(rest[strings.LastIndexAny(rest, apart+"{<-(.:")+1:]) {
		return kindNone
	}
	return kind
}

func hasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

// covers reports whether a value under a name of this kind is a secret.
func covers(k secretKind, value string) bool {
	switch k {
	case kindToken:
		return isToken(value)
	case kindPIN:
		return isPIN(value)
	}
	return k != kindNone
}

// closing returns where the string that opens with the backslashes from up to
// the quotation mark at open ends, or else the line.
func closing(text string, from, open int) int {
	mark := text[from : open+1]
	i := open + 1
	defer func() { looked(i - open) }()
	for ; i < len(text); i++ {
		switch {
		case text[i] == '\n':
			return i
		case strings.HasPrefix(text[i:], mark):
			return i
		case text[i] == '\\' && len(mark) == 1:
			i++ // an escaped mark does not close
		}
	}
	return len(text)
}

// bracketEnd returns the end of the list or object that begins at i, which may
// be that of the text.
func bracketEnd(text string, i int) int {
	from, depth := i, 0
	defer func() { looked(i - from) }()
	for ; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = jsonStringEnd(text, i) - 1
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// bareValue returns the end of a value without quotation marks, 0 if it may be a
// word. "password: required" says nothing, "password=required" does.
func bareValue(text string, separator, from int, name string, kind secretKind) int {
	if strings.IndexByte("[$<{=(", text[from]) >= 0 {
		return 0
	}
	if hasSuffixFold(name, "authorization") {
		if end := max(schemeEnd(text, from), credentialsEnd(text, from)); end > 0 {
			return end
		}
	}
	if hasSuffixFold(name, "cookie") {
		return cookiesEnd(text, from)
	}
	if end := schemeEnd(text, from); end > 0 {
		return end
	}
	tight := from == separator+1 && text[separator] == '=' && !isBlank(text[separator-1])
	window := text[:min(len(text), from+randomWindow)]
	switch kind {
	case kindToken:
		head := text[from:tokenBytes.span(window, from)]
		if !isToken(head) {
			return 0
		}
		return valueBytes.span(text, from)
	case kindPIN:
		end := span(window, from, isAlnum)
		if !isPIN(text[from:end]) {
			return 0
		}
		return end
	case kindKey:
		end := valueBytes.span(window, from)
		if end-from < 8 || !tight && !hasDigit(text[from:end]) || end < len(window) && text[end] == '(' {
			return 0
		}
		return valueBytes.span(text, from)
	}
	return barePassword(text, separator, from, name, tight)
}

// barePassword is bareValue for a password.
func barePassword(text string, separator, from int, name string, tight bool) int {
	value := text[from:passwordEnd(text[:min(len(text), from+2*randomWindow)], from)]
	if value == "" || value[len(value)-1] == ')' && strings.IndexByte(value, '(') > 0 { // a call
		return 0
	}
	begin := separator - len(name) + strings.LastIndexByte(name, ' ') + 1
	before := byte(' ')
	if begin > 0 {
		before = text[begin-1]
	}
	switch {
	case tight, before <= ' ' && text[separator] == ':' && from == separator+1 && !isVerb(name): // password:x
		inQuery := before == '?' || before == '&'
		if codeWords[value] && !inQuery || value[0] == '%' && len(value) < 5 || looksLikePath(value, name) {
			return 0
		}
	case !likePassword(value), isVerb(name) && !lettersAndDigits(value):
		return 0
	}
	return passwordEnd(text, from)
}

// codeWords stand for a password in programs.
var codeWords = wordSet("password pass pwd passwd pw passphrase None null nil true false True False undefined str string String bool input field self this " +
	"required optional hidden text focus hover empty missing invalid incorrect wrong reset yes no")

func looksLikePath(value, name string) bool {
	return strings.EqualFold(name, "pwd") && (value[0] == '/' || value[0] == '~' || value[0] == '.')
}

// likePassword tells a password from the words that follow the name of one:
// "required", "sha256", "must". It has a digit or a sign in it, and four bytes or
// more. One of nothing but letters looks like a word.
func likePassword(value string) bool {
	value = value[:min(len(value), randomWindow)]
	word := strings.TrimRight(value, ".,;:!?")
	if len(word) < 4 || isAlgorithm(strings.TrimLeft(word, "*&")) {
		return false
	}
	for i := range len(word) {
		c := word[i]
		if isDigit(c) || i > 0 && strings.IndexByte("!@#$%^&*?+~", c) >= 0 {
			return true
		}
	}
	return false
}

// isVerb reports whether "pass" may be what tests do: "the tests pass: 12".
func isVerb(name string) bool { return hasSuffixFold(name, " pass") }

// isAlgorithm is for what is said of passwords and tokens: "base64", "sha-256",
// "utf-8 encoded".
func isAlgorithm(word string) bool {
	letters := span(word, 0, isLetter)
	return letters > 1 && algorithms[strings.ToLower(word[:min(letters, randomWindow)])]
}

var algorithms = wordSet("uint int float char varchar base sha md utf aes rsa oauth argon hs rs es http https http2 bcrypt scrypt pbkdf ed gpt utc iso rfc id v ascii crc win x")

func lettersAndDigits(s string) bool {
	letter := false
	for i := range len(s) {
		letter = letter || isLetter(s[i])
	}
	return letter && hasDigit(s)
}

var (
	valueBytes = visibleBut("\"'`&;,()[]{}<>\\|#")
	// passwordBytes are always a password's.
	passwordBytes = visibleBut("\"'`<>\\&,;.)]}|")
)

// passwordEnd returns the end of a password that begins at i. Signs belong to it
// unless what follows shows that they end it: a blank, or another name and "=".
func passwordEnd(text string, i int) int {
	from := i
	defer func() { looked(i - from) }()
	for ; i < len(text); i++ {
		c := text[i]
		if passwordBytes[c] {
			continue
		}
		if c <= ' ' || strings.IndexByte("\"'`<>\\", c) >= 0 {
			return i
		}
		if i+1 == len(text) || text[i+1] <= ' ' || strings.IndexByte("\"'`<>\\,;.)]}", text[i+1]) >= 0 {
			return i
		}
		if c == '&' || c == ',' || c == ';' {
			end := dottedBytes.span(text[:min(len(text), i+32)], i+1)
			if end > i+1 && end < len(text) && (text[end] == '=' || text[end] == ':') {
				return i
			}
		}
	}
	return i
}

// nameBefore returns where the name before a separator is, as in api_key=,
// "apiKey":, API key: and mot de passe :. Before "=" it is one word.
func nameBefore(text string, separator int) (from, end int) {
	end = separator
	for n := 0; n < 2 && end > 0 && isBlank(text[end-1]); n++ {
		end--
	}
	phrase := text[separator] == ':'
	if end > 1 && text[end-1] == ']' && isQuote(text[end-2]) {
		end-- // headers["x-api-key"] =
	}
	if end > 0 && isQuote(text[end-1]) {
		phrase = true
		end--
		for n := 0; n < 8 && end > 0 && text[end-1] == '\\'; n++ {
			end--
		}
	}
	return nameStart(text, end, phrase), end
}

// nameStart returns where the name that ends there begins. A phrase may have
// blanks in it.
func nameStart(text string, end int, phrase bool) int {
	from := end
	for n := 0; from > 0 && n < longestName; n++ {
		c := text[from-1]
		blank := c == ' ' && from > 1 && from < end && text[from-2] > ' ' && (phrase || isTail(text[from:end]))
		if !isKeyByte(c) && c < utf8.RuneSelf && !blank && c != '.' {
			break
		}
		from--
	}
	for from < end && (text[from] == ' ' || text[from] == '.' || text[from]&0xc0 == 0x80) {
		from++
	}
	looked(end - from)
	return from
}

// isTail: of these, the word before says which.
func isTail(s string) bool {
	return strings.EqualFold(s, "key") || strings.EqualFold(s, "token") || strings.EqualFold(s, "passe")
}

// isToken tells a token from a word, a number or the name of a model.
func isToken(s string) bool {
	return len(s) >= 16 && hasDigit(s) && random(s) && tokenBytes.span(s, 0) == len(s)
}
