// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"

	"github.com/spanloom/spanloom/privacy/internal/names"
)

// IsSecretName reports whether a value under this name is a key, a token or a
// password: "OPENAI_API_KEY", "x-api-key", "clientSecret", "DB_PASS", "пароль".
// The last word of the name decides: "max_tokens" and "pass_rate" are none.
func IsSecretName(name string) bool { return names.Of(name) >= names.Key }

// NamedBy reports whether the string under this key may be the name of what
// stands beside it, as in {"name": "password", "value": "…"}. If that string is a
// secret's name, all other members of the object stand under it.
func NamedBy(key string) bool { return names.Naming(key) }

func placeholderOf(kind names.Kind) string {
	if kind == names.Key || kind == names.Token {
		return redactedKey
	}
	return redactedSecret
}

// isPIN is for what a PIN or a code for one time is: four to eight digits.
func isPIN(s string) bool {
	return len(s) >= 4 && len(s) <= 8 && strings.Trim(s, "0123456789") == ""
}

// IsTokenName reports whether a value under this name is a token if it looks like
// one: "token", "next_page_token". Of headers and variables it always is.
func IsTokenName(name string) bool { return names.Of(name) == names.Token }
