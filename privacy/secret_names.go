// SPDX-License-Identifier: Apache-2.0

package privacy

import "strings"

// Names whose values open a door, as they end in lower case without "_" and "-".
var secretNames = []string{
	"apikey", "apitoken", "apisecret", "accesstoken", "authtoken", "refreshtoken", "idtoken", "bearertoken", "sessiontoken", "securitytoken",
	"secret", "secretkey", "accesskey", "accesskeyid", "accountkey", "subscriptionkey", "privatekey", "signingkey", "masterkey",
	"ingestionkey", "licensekey", "honeycombteam", "authorization", "cookie",
}

var passwordNames = []string{"password", "passwd", "pwd", "passphrase"}

// Names that may also say what a parser has read, or how far a model has come.
var tokenNames = []string{"token", "bearer"}

// longestName is longer than any name that is looked at needs to be.
const longestName = 48

// IsSecretName reports whether a value under this name is a key, a token or a
// password: "OPENAI_API_KEY", "x-api-key", "clientSecret".
func IsSecretName(name string) bool { return endsIn(name, secretNames) || passwordName(name) }

// passwordName reports whether a value under this name is a password.
func passwordName(name string) bool { return endsIn(name, passwordNames) }

// tokenName reports whether a value under this name is a token if it looks like
// one: "token", "next_page_token".
func tokenName(name string) bool { return endsIn(name, tokenNames) }

// authorizationName reports whether a value under this name is a scheme and a
// token.
func authorizationName(name string) bool { return endsIn(name, authorizationNames) }

var authorizationNames = []string{"authorization"}

// lastLetters spares most names a closer look.
var lastLetters = func() (t [256]bool) {
	for _, list := range [][]string{secretNames, passwordNames, tokenNames} {
		for _, name := range list {
			c := name[len(name)-1]
			t[c], t[c-'a'+'A'] = true, true
		}
	}
	return t
}()

func endsIn(name string, list []string) bool {
	if name == "" || !lastLetters[name[len(name)-1]] {
		return false
	}
	var buf [longestName]byte
	n := len(buf)
	for i := len(name) - 1; i >= 0 && n > 0; i-- {
		c := name[i]
		if c == '_' || c == '-' || c == ' ' {
			continue
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		n--
		buf[n] = c
	}
	plain := string(buf[n:])
	for _, s := range list {
		if strings.HasSuffix(plain, s) {
			return true
		}
	}
	return false
}
