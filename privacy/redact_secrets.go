// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"encoding/base64"
	"strings"
)

// keyShape is how a key of some service begins, and how long the rest is at
// least.
type keyShape struct {
	prefix string
	min    int
}

// keyShapes are looked up by their first byte.
var keyShapes = func() (t [256][]keyShape) {
	for min, prefixes := range map[int]string{
		12: "sk- sk_ pk- pk_ rk- rk_ ak- ak_ ls_ lsv2_ tl- hf_ hf- gsk_ gsk- xai- xai_ xoxa- xoxb- xoxe- xoxp- xoxr- xoxs- xapp- " +
			"tl_ whsec_ pplx- csk- pcsk_ tvly- tgp_ nvapi- jina_ r8_ fw_ npm_ pypi- dop_v1_ shpat_ AKIA ASIA ABSK GOCSPX-",
		16: "ghp_ gho_ ghu_ ghs_ ghr_ ghp- gho- glpat- SG. sq0atp- sq0csp-",
		20: "AIza ya29. github_pat_ dapi hvs. hvb.",
	} {
		for p := range strings.FieldsSeq(prefixes) {
			t[p[0]] = append(t[p[0]], keyShape{p, min})
		}
	}
	return t
}()

// secretStart marks the bytes at which a look is worth while.
var secretStart = func() (t [256]bool) {
	for c := range keyShapes {
		t[c] = keyShapes[c] != nil
	}
	for _, c := range []byte("bBe-:=@") {
		t[c] = true
	}
	return t
}()

// randomWindow is how far a look goes for what tells a key from words, so that a
// text of nothing but beginnings of keys takes no longer than another.
const randomWindow = 64

func redactSecrets(text string) string {
	s := secrets{rewriter: rewriter{text: text}}
	for i := 0; i < len(text); i++ {
		if !secretStart[text[i]] || i > 1 && asciiLetter(text[i]) && asciiLetter(text[i-1]) && asciiLetter(text[i-2]) {
			continue
		}
		from, to, by := s.at(i)
		if to > from && from >= s.done {
			s.replace(from, to, by)
			i = max(i, to-1)
		}
	}
	return s.String()
}

type secrets struct {
	rewriter
	// noToken: a token with dots does not begin before.
	noToken int
}

// at returns the stretch to replace that shows itself at i; to is 0 if there is
// none.
func (s *secrets) at(i int) (from, to int, by string) {
	text := s.text
	switch c := text[i]; c {
	case ':':
		if strings.HasPrefix(text[i:], "://") {
			return s.userinfo(i + 3)
		}
		return s.pair(i)
	case '=':
		return s.pair(i)
	case '@':
		return s.dataSource(i)
	case '-':
		if strings.HasPrefix(text[i:], "-----BEGIN ") {
			return i, pemEnd(text, i), redactedKey
		}
		return 0, 0, ""
	}
	if wordBefore(text, i) {
		return 0, 0, ""
	}
	switch text[i] {
	case 'b', 'B':
		return i, schemeEnd(text, i), redactedKey
	case 'e':
		return i, s.webToken(i), redactedKey
	}
	for _, k := range keyShapes[text[i]] {
		if strings.HasPrefix(text[i:], k.prefix) {
			if end := shapeEnd(text, i, k); end > 0 {
				return i, end, redactedKey
			}
		}
	}
	return 0, 0, ""
}

func keyByte(c byte) bool   { return c == '_' || c == '-' || asciiAlnum(c) }
func tokenByte(c byte) bool { return keyByte(c) || strings.IndexByte(".~+/=", c) >= 0 }

func span(text string, i int, of func(byte) bool) int {
	for i < len(text) && of(text[i]) {
		i++
	}
	return i
}

// random tells a key from words joined by hyphens: it has a stretch that is
// longer than words are, or is long and has a digit in it.
func random(s string) bool {
	size, digit := 0, false
	for i := 0; i < len(s) && i < randomWindow; i++ {
		if !asciiAlnum(s[i]) {
			size, digit = 0, false
			continue
		}
		size++
		digit = digit || s[i] <= '9'
		if size >= 12 || size >= 8 && digit {
			return true
		}
	}
	return false
}

func hasDigit(s string) bool { return strings.ContainsAny(s[:min(len(s), randomWindow)], "0123456789") }

func shapeEnd(text string, i int, k keyShape) int {
	rest := i + len(k.prefix)
	window := text[rest:min(len(text), rest+randomWindow)]
	of := keyByte
	switch k.prefix {
	case "SG.", "ya29.":
		of = func(c byte) bool { return keyByte(c) || c == '.' }
	case "AKIA", "ASIA":
		of = func(c byte) bool { return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' }
	}
	head := window[:span(window, 0, of)]
	if len(head) < k.min || !random(head) || k.prefix == "ASIA" && !hasDigit(head) {
		return 0
	}
	end := span(text, rest, of)
	for end > rest+k.min && text[end-1] == '.' {
		end--
	}
	return end
}

// schemeEnd finds the end of "Bearer …" and "Basic …", as in a header.
func schemeEnd(text string, i int) int {
	for _, scheme := range []string{"bearer", "basic"} {
		if len(text)-i <= len(scheme) || !strings.EqualFold(text[i:i+len(scheme)], scheme) {
			continue
		}
		j := i + len(scheme)
		from := span(text, j, isBlank)
		if from == j || from-j > 8 {
			return 0
		}
		end := span(text, from, tokenByte)
		token := text[from:end]
		if len(token) < 8 || scheme == "bearer" && !hasDigit(token) && len(token) < 20 || scheme == "basic" && !hasColon(token) {
			return 0
		}
		return end
	}
	return 0
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// hasColon reports whether the token is "user:password" in base64: "basic
// knowledge" is not.
func hasColon(token string) bool {
	token = strings.TrimRight(token, "=")
	token = token[:min(len(token), 256)]
	token = token[:len(token)/4*4]
	b, err := base64.RawStdEncoding.DecodeString(token)
	if err != nil {
		return false
	}
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return strings.IndexByte(string(b), ':') >= 0
}

// webToken finds the end of a JSON Web Token: "eyJ…", and parts after dots.
func (s *secrets) webToken(i int) int {
	if i < s.noToken || !strings.HasPrefix(s.text[i:], "eyJ") {
		return 0
	}
	end, parts := i, 0
	for {
		next := span(s.text, end, keyByte)
		if next-end >= 6 {
			parts++
		}
		end = next
		if end+1 >= len(s.text) || s.text[end] != '.' || !keyByte(s.text[end+1]) {
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

func pemEnd(text string, i int) int {
	if !strings.Contains(text[i:min(len(text), i+48)], "PRIVATE KEY-----") {
		return 0
	}
	// Without its end it is a key all the same, cut short.
	const marker = "-----END "
	at := strings.Index(text[i:], marker)
	if at < 0 {
		return len(text)
	}
	end := i + at + len(marker)
	if n := strings.Index(text[end:min(len(text), end+48)], "-----"); n >= 0 {
		end += n + len("-----")
	}
	return end
}

// userinfo finds the user and the password of a URL whose authority begins at i.
func (s *secrets) userinfo(i int) (from, to int, by string) {
	text := s.text
	end := span(text, i, func(c byte) bool { return c > ' ' && strings.IndexByte("/?#\"'<>\\`", c) < 0 })
	at := strings.LastIndexByte(text[i:end], '@')
	if at < 0 {
		return 0, 0, ""
	}
	info := text[i : i+at]
	if colon := strings.IndexByte(info, ':'); colon >= 0 && colon+1 < len(info) || len(info) >= 20 && hasDigit(info) {
		return i, i + at, redactedSecret
	}
	return 0, 0, ""
}

// dataSource finds "user:password" before the "@" of a MySQL data source name.
func (s *secrets) dataSource(at int) (from, to int, by string) {
	rest := s.text[at+1:]
	if !strings.HasPrefix(rest, "tcp(") && !strings.HasPrefix(rest, "unix(") {
		return 0, 0, ""
	}
	low := max(s.done, at-256)
	from = at
	for from > low && s.text[from-1] > ' ' && strings.IndexByte("\"'`/", s.text[from-1]) < 0 {
		from--
	}
	if strings.IndexByte(s.text[from:at], ':') < 0 {
		return 0, 0, ""
	}
	return from, at, redactedSecret
}
