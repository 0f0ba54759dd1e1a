// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"encoding/base64"
	"regexp"
	"strings"
)

var schemes = strings.Fields("bearer basic digest aws4-hmac")

// scheme finds "Bearer …", "Basic …", "Digest …" and "AWS4-HMAC-SHA256 …".
func (s *secretSearch) scheme(i int, _ string) stretch {
	return stretch{i, schemeEnd(s.text, i), redactedKey}
}

// schemeEnd returns the end of a known scheme and its credentials, else 0.
func schemeEnd(text string, i int) int {
	if i >= len(text) || !oneOf(text[i]|0x20, "abd") {
		return 0
	}
	scheme, from := schemeAt(text, i)
	switch scheme = strings.ToLower(scheme); {
	case scheme == "bearer", scheme == "basic":
		end := tokenBytes.span(text, from)
		token := text[from:end]
		if len(token) >= 8 && (scheme == "basic" && hasColon(token) || scheme == "bearer" && (hasDigit(token) || len(token) >= 20)) {
			return end
		}
	case scheme == "digest", strings.HasPrefix(scheme, "aws4-hmac"):
		return parametersEnd(text, from)
	}
	return 0
}

// schemeAt reads a scheme, and where its credentials begin; "" if there is none.
func schemeAt(text string, i int) (scheme string, from int) {
	end := keyBytes.span(upTo(text, i+24), i)
	from = blankBytes.span(upTo(text, end+9), end)
	if from == end || from-end > 8 {
		return "", end
	}
	return text[i:end], from
}

var (
	parameterBytes = bytesOf("a-zA-Z0-9_.~+/=;:%-")
	separatorBytes = bytesOf(", \t")
)

// parametersEnd returns the end of parameters such as realm="x", nonce="y" at i,
// 0 if there are none.
func parametersEnd(text string, i int) (end int) {
	for {
		name := keyBytes.span(text, i)
		if name == i || name >= len(text) || text[name] != '=' {
			return end
		}
		open := escapeBytes.span(text, name+1)
		if open < len(text) && text[open] == '"' {
			end = min(len(text), closing(text, name+1, open)+open-name)
		} else {
			end = parameterBytes.span(text, name+1)
		}
		if i = separatorBytes.span(text, end); i == end {
			return end
		}
	}
}

// credentialsEnd finds the end of a scheme, whichever it is, and its token. It is
// for what the name before has said to be that: two words say nothing.
func credentialsEnd(text string, i int) int {
	scheme, from := schemeAt(text, i)
	if scheme == "" {
		return 0
	}
	if end := parametersEnd(text, from); end > 0 {
		return end
	}
	end := credentialBytes.span(text, from)
	if token := text[from:end]; len(token) < 8 || !hasDigit(token) && !hump.MatchString(upTo(token, randomWindow)) {
		return 0
	}
	return end
}

var (
	credentialBytes = bytesOf("a-zA-Z0-9_.~+/=:-")
	hump            = regexp.MustCompile(`[a-z][A-Z]`)
	cookies         = regexp.MustCompile("^[\\w.-]{1,64}=[^\\x00-\\x1f\"'`<>\\\\]*")
)

// cookiesEnd finds the end of "a=b; c=d", as in a header.
func cookiesEnd(text string, i int) int {
	end := i + len(cookies.FindString(text[i:]))
	looked(end - i)
	if end == i {
		return 0
	}
	return end
}

// hasColon reports whether the token is "user:password" in base64: "basic
// knowledge" is not.
func hasColon(token string) bool {
	token = upTo(strings.TrimRight(token, "="), 256)
	b, err := base64.RawStdEncoding.DecodeString(token[:len(token)/4*4])
	return err == nil && strings.Contains(string(b), ":") && !strings.ContainsFunc(string(b), func(r rune) bool { return r < ' ' || r == 0x7f })
}
