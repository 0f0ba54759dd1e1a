// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"
)

// queryNames are names of URL parameters that are too common elsewhere.
var queryNames = []string{"key", "token", "sig", "signature", "auth", "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token"}

// pair finds the value after the ":" or "=" at i, if the name before it says
// that it opens a door.
func (s *secrets) pair(i int) (from, to int, by string) {
	text := s.text
	name, before := nameBefore(text, i)
	if name == "" {
		return 0, 0, ""
	}
	inURL := text[i] == '=' && (before == '?' || before == '&') && inQueryNames(name)
	unsure := !inURL && !IsSecretName(name)
	if unsure && !tokenName(name) {
		return 0, 0, ""
	}
	from = span(text, i+1, isBlank)
	if from-i > 9 {
		return 0, 0, ""
	}
	if open := span(text, from, func(c byte) bool { return c == '\\' }); open-from <= 8 && open < len(text) && strings.IndexByte("\"'", text[open]) >= 0 {
		to = closing(text, from, open)
		from = open + 1
		if to == from || text[from] == '[' || unsure && !isToken(text[from:to]) {
			return 0, 0, ""
		}
		return from, to, placeholderOf(name)
	}
	to = s.bareValue(i, from, name, unsure)
	return from, to, placeholderOf(name)
}

// closing returns where the string that opens with the backslashes from up to
// the quotation mark at open ends, or else the line.
func closing(text string, from, open int) int {
	mark := text[from : open+1]
	for i := open + 1; i < len(text); i++ {
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

// bareValue returns the end of a value without quotation marks, 0 if it may be a
// word. "password: required" says nothing, "password=required" does; unsure takes
// only what is a token by its form.
func (s *secrets) bareValue(sep, from int, name string, unsure bool) int {
	text := s.text
	if from >= len(text) || strings.IndexByte("[$<{=", text[from]) >= 0 {
		return 0
	}
	if scheme := schemeEnd(text, from); scheme > 0 {
		return scheme
	}
	if authorizationName(name) {
		if end := credentialsEnd(text, from); end > 0 {
			return end
		}
	}
	atLeast := 8
	if passwordName(name) {
		atLeast = 4
	}
	window := text[from:min(len(text), from+randomWindow)]
	head := window[:span(window, 0, valueByte)]
	tight := text[sep] == '=' && from == sep+1 && sep > 0 && !isBlank(text[sep-1])
	if unsure && !isToken(head[:span(head, 0, tokenByte)]) || len(head) < atLeast || !tight && !hasDigit(head) || len(head) < len(window) && window[len(head)] == '(' {
		return 0
	}
	return span(text, from, valueByte)
}

func valueByte(c byte) bool { return c > ' ' && strings.IndexByte("\"'`&;,()[]{}<>\\|#", c) < 0 }

func inQueryNames(name string) bool {
	for _, n := range queryNames {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// nameBefore returns the name before a separator, as in api_key=, "apiKey": and
// API key:, and the byte before it.
func nameBefore(text string, sep int) (name string, before byte) {
	end := sep
	for n := 0; n < 2 && end > 0 && isBlank(text[end-1]); n++ {
		end--
	}
	if end > 0 && strings.IndexByte("\"'", text[end-1]) >= 0 {
		end--
		for n := 0; n < 8 && end > 0 && text[end-1] == '\\'; n++ {
			end--
		}
	}
	from := wordStart(text, end)
	if from == end {
		return "", 0
	}
	if from > 1 && text[from-1] == ' ' && (strings.EqualFold(text[from:end], "key") || strings.EqualFold(text[from:end], "token")) {
		from = wordStart(text, from-1)
	}
	if from > 0 {
		before = text[from-1]
	}
	return text[from:end], before
}

func wordStart(text string, end int) int {
	from := end
	for from > 0 && end-from < 48 && keyByte(text[from-1]) {
		from--
	}
	return from
}

// credentialsEnd finds the end of a scheme, whichever it is, and its token. It is
// for what the name before has said to be that: two words say nothing.
func credentialsEnd(text string, i int) int {
	scheme := span(text[:min(len(text), i+randomWindow)], i, keyByte)
	from := span(text, scheme, isBlank)
	if scheme == i || from == scheme || from-scheme > 8 {
		return 0
	}
	end := span(text, from, tokenByte)
	token := text[from:end]
	if len(token) < 8 || !hasDigit(token) && !hasHump(token) {
		return 0
	}
	return end
}

// hasHump reports whether capital letters stand amid others.
func hasHump(s string) bool {
	for i := 1; i < len(s) && i < randomWindow; i++ {
		if 'a' <= s[i-1] && s[i-1] <= 'z' && 'A' <= s[i] && s[i] <= 'Z' {
			return true
		}
	}
	return false
}

// isToken tells a token from a word, a number or the name of a model.
func isToken(s string) bool {
	return len(s) >= 16 && hasDigit(s) && random(s) && span(s, 0, tokenByte) == len(s)
}
