// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"encoding/base64"
	"strings"
)

var (
	credentialBytes = byteSetOf(".~+/=:", isKeyByte)
	parameterBytes  = byteSetOf(".~+/=;:%", isKeyByte)
)

// schemeEnd finds the end of "Bearer …", "Basic …", "Digest …" and
// "AWS4-HMAC-SHA256 …", as in a header.
func schemeEnd(text string, i int) int {
	scheme := text[i:keyBytes.span(text[:min(len(text), i+24)], i)]
	j := i + len(scheme)
	from := blankBytes.span(text[:min(len(text), j+9)], j)
	if from == j || from-j > 8 {
		return 0
	}
	switch {
	case strings.EqualFold(scheme, "digest"):
		if hasPrefixFold(text[from:], "username") || hasPrefixFold(text[from:], "realm=") || hasPrefixFold(text[from:], "response=") {
			return headerEnd(text, from)
		}
	case hasPrefixFold(scheme, "aws4-hmac"):
		if hasPrefixFold(text[from:], "credential=") || hasPrefixFold(text[from:], "signature=") {
			return headerEnd(text, from)
		}
	case strings.EqualFold(scheme, "bearer"):
		end := tokenBytes.span(text, from)
		if token := text[from:end]; len(token) >= 8 && (hasDigit(token) || len(token) >= 20) {
			return end
		}
	case strings.EqualFold(scheme, "basic"):
		end := tokenBytes.span(text, from)
		if token := text[from:end]; len(token) >= 8 && hasColon(token) {
			return end
		}
	}
	return 0
}

// headerEnd returns the end of parameters such as realm="x", nonce="y".
func headerEnd(text string, i int) int {
	for {
		name := keyBytes.span(text, i)
		if name == i || name >= len(text) || text[name] != '=' {
			return i
		}
		end := name + 1
		marks := span(text, end, func(c byte) bool { return c == '\\' })
		if marks < len(text) && text[marks] == '"' {
			end = closing(text, end, marks) + marks - end + 1
		} else {
			end = parameterBytes.span(text, end)
		}
		end = min(end, len(text))
		next := span(text, end, func(c byte) bool { return c == ',' || isBlank(c) })
		if next == end {
			return end
		}
		if word := keyBytes.span(text, next); word == next || word >= len(text) || text[word] != '=' {
			return end
		}
		i = next
	}
}

// credentialsEnd finds the end of a scheme, whichever it is, and its token. It is
// for what the name before has said to be that: two words say nothing.
func credentialsEnd(text string, i int) int {
	scheme := keyBytes.span(text[:min(len(text), i+randomWindow)], i)
	from := blankBytes.span(text, scheme)
	if scheme == i || from == scheme || from-scheme > 8 {
		return 0
	}
	if parameters := headerEnd(text, from); parameters > from {
		return parameters
	}
	end := credentialBytes.span(text, from)
	token := text[from:end]
	if len(token) < 8 || !hasDigit(token) && !hasHump(token) {
		return 0
	}
	return end
}

// cookiesEnd finds the end of "a=b; c=d", as in a header.
func cookiesEnd(text string, i int) int {
	name := dottedBytes.span(text[:min(len(text), i+randomWindow)], i)
	if name == i || name >= len(text) || text[name] != '=' {
		return 0
	}
	return span(text, name, func(c byte) bool { return c >= ' ' && strings.IndexByte("\"'`<>\\", c) < 0 })
}

// hasHump reports whether capital letters stand amid others.
func hasHump(s string) bool {
	for i := 1; i < len(s) && i < randomWindow; i++ {
		if isLower(s[i-1]) && isUpper(s[i]) {
			return true
		}
	}
	return false
}

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
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return strings.IndexByte(string(b), ':') >= 0
}
