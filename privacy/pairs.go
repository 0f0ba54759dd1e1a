// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"
	"unicode/utf8"
)

// pair finds the value after the ":" or "=" at i, if the name before it says
// that it opens a door.
func (s *secretSearch) pair(i int) stretch {
	text := s.text
	if !mayBePair(text, i) {
		return stretch{}
	}
	nameFrom, nameEnd := nameBefore(text, i)
	name := text[nameFrom:nameEnd]
	kind := pairKind(text, nameFrom, name, text[i])
	if kind == kindNone || text[i] == ':' && (name == "PASS" || strings.HasSuffix(name, " PASS")) { // of a test
		return stretch{}
	}
	from := blankBytes.span(upTo(text, i+10), i+1)
	if from-i > 9 || from >= len(text) {
		return stretch{}
	}
	open := escapeBytes.span(upTo(text, min(from+8, len(text)-1)), from)
	if isQuote(text[open]) {
		return quotedValue(text, from, open, name, kind)
	}
	if text[from] == '[' || text[from] == '{' {
		to := 0
		if nameEnd < i && isQuote(text[nameEnd]) && kind >= kindKey {
			to = bracketEnd(text, from)
		}
		if to-from <= 2 {
			return stretch{}
		}
		return stretch{from, to, `"` + kind.placeholder() + `"`}
	}
	return stretch{from, bareValue(text, i, from, name, kind), kind.placeholder()}
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
	word, _, _ := strings.Cut(upTo(text, from+randomWindow)[from:], " ")
	return hasDigit(word)
}

// pairKind judges the name before a separator, which begins at from.
func pairKind(text string, from int, name string, separator byte) secretKind {
	kind := kindOf(name)
	if kind >= kindKey {
		return kind
	}
	if separator == '=' && from > 0 && oneOf(text[from-1], "?&;") && len(name) <= 24 && queryNames[strings.ToLower(name)] {
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
	key := strings.TrimRight(strings.TrimRight(strings.TrimRight(window[:at+1], "\"'\\ "), ":="), "\"'\\ ")
	kind := kindOf(window[at+1:])
	if kind < kindKey || !NamedBy(key[strings.LastIndexAny(key, apart+"{<-(.:")+1:]) {
		return kindNone
	}
	return kind
}

// quotedValue finds the secret in the quotation marks that begin at from, with
// backslashes up to open.
func quotedValue(text string, from, open int, name string, kind secretKind) stretch {
	to := closing(text, from, open)
	from = open + 1
	switch value := text[from:max(from, to)]; {
	case value == "", isPlaceholder(value), !kind.covers(value), isVerb(name) && !lettersAndDigits(value):
		return stretch{}
	case name == "accesskey" && len(value) == 1: // of HTML
		return stretch{}
	case oneOf(value[0], " ,;)"): // the mark closes what began before the name
		return stretch{}
	}
	return stretch{from, to, kind.placeholder()}
}

// closing returns where the string that opens with the backslashes from up to
// the quotation mark at open ends, or else the line.
func closing(text string, from, open int) int {
	mark, i := text[from:open+1], open+1
	for i < len(text) && text[i] != '\n' && !strings.HasPrefix(text[i:], mark) {
		if text[i] == '\\' && len(mark) == 1 {
			i++ // an escaped mark does not close
		}
		i++
	}
	looked(i - open)
	return min(i, len(text))
}

// bracketEnd returns the end of the list or object that begins at i, which may
// be that of the text.
func bracketEnd(text string, i int) int {
	from, depth := i, 0
	for ; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = jsonStringEnd(text, i) - 1
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		if depth == 0 {
			break
		}
	}
	looked(i - from)
	return min(i+1, len(text))
}

// bareValue returns the end of a value without quotation marks, 0 if it may be a
// word. "password: required" says nothing, "password=required" does.
func bareValue(text string, separator, from int, name string, kind secretKind) int {
	if oneOf(text[from], "$<{=(") {
		return 0
	}
	if hasSuffixFold(name, "cookie") {
		return cookiesEnd(text, from)
	}
	end := schemeEnd(text, from)
	if hasSuffixFold(name, "authorization") {
		end = max(end, credentialsEnd(text, from))
	}
	if end > 0 {
		return end
	}
	tight := from == separator+1 && text[separator] == '=' && !isBlank(text[separator-1])
	window := upTo(text, from+randomWindow)
	switch kind {
	case kindPassword:
		return barePassword(text, separator, from, name, tight)
	case kindPIN:
		if end = alnumBytes.span(window, from); isPIN(text[from:end]) {
			return end
		}
	case kindToken:
		if isToken(text[from:tokenBytes.span(window, from)]) {
			return valueBytes.span(text, from)
		}
	case kindKey:
		end = valueBytes.span(window, from)
		isCall := end < len(window) && text[end] == '('
		if end-from >= 8 && !isCall && (tight || hasDigit(text[from:end])) {
			return valueBytes.span(text, from)
		}
	}
	return 0
}

// barePassword is bareValue for a password.
func barePassword(text string, separator, from int, name string, tight bool) int {
	value := text[from:passwordEnd(upTo(text, from+2*randomWindow), from)]
	if value == "" || value[len(value)-1] == ')' && strings.IndexByte(value, '(') > 0 { // a call
		return 0
	}
	before := byte(' ')
	if begin := separator - len(name) + strings.LastIndexByte(name, ' ') + 1; begin > 0 {
		before = text[begin-1]
	}
	if tight || before <= ' ' && text[separator] == ':' && from == separator+1 && !isVerb(name) { // password:x
		isPath := strings.EqualFold(name, "pwd") && oneOf(value[0], "/~.")
		if isPath || codeWords[value] && !oneOf(before, "?&") || value[0] == '%' && len(value) < 5 {
			return 0
		}
	} else if !likePassword(value) || isVerb(name) && !lettersAndDigits(value) {
		return 0
	}
	return passwordEnd(text, from)
}

// codeWords stand for a password in programs.
var codeWords = wordSet("password pass pwd passwd pw passphrase None null nil true false True False undefined str string String bool input field self this " +
	"required optional hidden text focus hover empty missing invalid incorrect wrong reset yes no")

// isVerb reports whether "pass" may be what tests do: "the tests pass: 12".
func isVerb(name string) bool { return hasSuffixFold(name, " pass") }

var (
	valueBytes = bytesBut('!', "\"'`&;,()[]{}<>\\|#")
	// passwordBytes are always a password's, passwordEnds never.
	passwordBytes = bytesBut('!', "\"'`<>\\&,;.)]}|")
	passwordEnds  = bytesOf("\x00- \"'`<>\\")
)

// passwordEnd returns the end of a password that begins at i. Signs belong to it
// unless what follows shows that they end it: a blank, or another name and "=".
func passwordEnd(text string, i int) int {
	for {
		i = passwordBytes.span(text, i)
		if i+1 >= len(text) || passwordEnds[text[i]] || passwordEnds[text[i+1]] || oneOf(text[i+1], ",;.)]}") {
			return i
		}
		if oneOf(text[i], "&,;") {
			end := dottedBytes.span(upTo(text, i+32), i+1)
			if end > i+1 && end < len(text) && oneOf(text[end], "=:") {
				return i
			}
		}
		i++
	}
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
		blank := c == ' ' && from > 1 && from < end && text[from-2] > ' ' && (phrase || nameTail(text[from:end]))
		if !dottedBytes[c] && c < utf8.RuneSelf && !blank {
			break
		}
		from--
	}
	for from < end && (text[from] == ' ' || text[from] == '.' || !utf8.RuneStart(text[from])) {
		from++
	}
	looked(end - from)
	return from
}

// nameTail reports whether the word before is part of the name, as in API key=.
func nameTail(s string) bool {
	return strings.EqualFold(s, "key") || strings.EqualFold(s, "token") || strings.EqualFold(s, "passe")
}
