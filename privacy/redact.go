// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"bytes"
	"encoding/json"
	"strings"
)

// What Redact puts in the place of what it takes out. None of them looks like
// anything that it takes out.
const (
	redactedEmail  = "[EMAIL]"
	redactedPhone  = "[PHONE]"
	redactedCard   = "[CREDIT_CARD]"
	redactedIBAN   = "[IBAN]"
	redactedKey    = "[API_KEY]"
	redactedSecret = "[SECRET]"
)

// maxNesting bounds how deep JSON inside the strings of JSON is looked into.
const maxNesting = 4

// redact is Redact for a text that stands under a name.
func redact(text, name string, nesting int) string {
	if nesting > 0 && mayBeJSON(text) && json.Valid([]byte(text)) {
		return redactJSON(text, nesting-1)
	}
	// A placeholder may lay bare what its original hid: go on until nothing
	// changes. The bound keeps the time linear.
	for range 8 {
		next := redactNumbers(redactIBANs(redactEmails(redactSecrets(text))), name)
		if next == text {
			break
		}
		text = next
	}
	return text
}

// rewriter builds a text with parts of another replaced, and costs nothing if
// there are none.
type rewriter struct {
	text string
	b    strings.Builder
	done int
}

func (w *rewriter) replace(from, to int, by string) {
	w.b.WriteString(w.text[w.done:from])
	w.b.WriteString(by)
	w.done = to
}

func (w *rewriter) String() string {
	if w.done == 0 {
		return w.text
	}
	return w.b.String() + w.text[w.done:]
}

func mayBeJSON(text string) bool {
	t := strings.TrimSpace(text)
	return len(t) >= 2 && (t[0] == '{' && t[len(t)-1] == '}' || t[0] == '[' && t[len(t)-1] == ']')
}

// redactJSON goes through the strings and numbers of a JSON text, which must be
// valid, and leaves everything between them as it is. A number becomes a string
// where it must.
func redactJSON(text string, nesting int) string {
	w := rewriter{text: text}
	name := ""
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '"':
			end := jsonStringEnd(text, i)
			s := jsonString(text[i:end])
			if isJSONName(text, end) {
				if clean := redact(s, "", 0); clean != s {
					w.replace(i, end, quoteJSON(clean))
				}
				name = s
			} else {
				if clean := redactValue(s, name, nesting); clean != s {
					w.replace(i, end, quoteJSON(clean))
				}
				name = ""
			}
			i = end
		case c == '-' || c >= '0' && c <= '9':
			end := i + 1
			for end < len(text) && strings.IndexByte("+-.0123456789Ee", text[end]) >= 0 {
				end++
			}
			if clean := redactValue(text[i:end], name, 0); clean != text[i:end] {
				w.replace(i, end, quoteJSON(clean))
			}
			name, i = "", end
		default:
			if strings.IndexByte("{}[]", c) >= 0 {
				name = ""
			}
			i++
		}
	}
	return w.String()
}

func redactValue(s, name string, nesting int) string {
	if s != "" && IsSecretName(name) || tokenName(name) && isToken(s) {
		return placeholderOf(name)
	}
	return redact(s, name, nesting)
}

func placeholderOf(name string) string {
	if passwordName(name) {
		return redactedSecret
	}
	return redactedKey
}

// jsonStringEnd returns the place after the string that begins at i.
func jsonStringEnd(text string, i int) int {
	for i++; i < len(text) && text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return min(i+1, len(text))
}

func isJSONName(text string, end int) bool {
	rest := strings.TrimLeft(text[end:], " \t\r\n")
	return rest != "" && rest[0] == ':'
}

func jsonString(quoted string) string {
	if strings.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var s string
	_ = json.Unmarshal([]byte(quoted), &s) // the whole text is valid
	return s
}

func quoteJSON(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string never fails
	return strings.TrimSuffix(b.String(), "\n")
}
