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
	end := keyBytes.span(upTo(text, i+randomWindow), i)
	from = blankBytes.span(upTo(text, end+9), end)
	if from == end || from-end > 8 {
		return "", end
	}
	return text[i:end], from
}

// parameters are such as realm="x", nonce="y".
var parameters = regexp.MustCompile(`^(?:[\w-]+=(?:\\*"[^"\n]*"|[\w.~+/=;:%-]*)[, \t]*)+`)

// parametersEnd returns the end of the parameters at i, 0 if there are none.
func parametersEnd(text string, i int) int {
	const longest = 4096
	found := parameters.FindString(upTo(text, i+longest)[i:])
	looked(len(found))
	if found == "" {
		return 0
	}
	return i + len(strings.TrimRight(found, ", \t"))
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
