// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

func mayBeJSON(text string) bool {
	t := strings.TrimSpace(text)
	return len(t) >= 2 && (t[0] == '{' && t[len(t)-1] == '}' || t[0] == '[' && t[len(t)-1] == ']')
}

// redactJSON goes through the strings and numbers of a JSON text, which must be
// valid, and leaves everything between them as it is. A number becomes a string
// where it must.
func redactJSON(text string, nesting int) string {
	j := jsonRewriter{source: text, named: namedObjects(text), nesting: nesting}
	for i := 0; i < len(text); {
		switch c := text[i]; c {
		case '"':
			end := jsonStringEnd(text, i)
			if s := jsonString(text[i:end]); isJSONKey(text, end) {
				j.replace(i, end, s, redactText(s, "", true))
				j.key = s
			} else {
				j.value(i, end, s)
			}
			i = end
		case '{', '[':
			j.open(i)
			i++
		case '}', ']':
			j.close()
			i++
		case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			end := jsonNumberEnd(text, i)
			j.value(i, end, text[i:end])
			i = end
		default:
			i++
		}
	}
	looked(len(text))
	return j.String()
}

type jsonRewriter struct {
	source  string
	b       strings.Builder
	done    int
	nesting int
	// named are the objects that a member of theirs names, and what it names
	// them, in the order of the text.
	named []namedObject
	above []jsonName // of what is open
	key   string     // the member's whose value follows
}

type jsonName struct {
	name   string
	secret bool // of all below
}

// open begins an object or a list, whose elements stand under its own name.
func (j *jsonRewriter) open(i int) {
	name := j.name()
	secret := IsSecretName(name)
	if len(j.named) > 0 && j.named[0].at == i {
		if !secret {
			name, secret = j.named[0].name, true
		}
		j.named = j.named[1:]
	}
	j.above = append(j.above, jsonName{name, secret})
	j.key = ""
}

func (j *jsonRewriter) close() {
	j.above, j.key = j.above[:len(j.above)-1], ""
}

// name returns what the next value stands under.
func (j *jsonRewriter) name() string {
	if n := len(j.above); n > 0 && (j.key == "" || j.above[n-1].secret) {
		return j.above[n-1].name
	}
	return j.key
}

func (j *jsonRewriter) value(from, to int, s string) {
	name := j.name()
	if name != j.key && NamedBy(j.key) && IsSecretName(s) {
		name = j.key // what names the others is no secret itself
	}
	j.replace(from, to, s, redactValue(s, name, j.nesting))
	j.key = ""
	if strings.HasPrefix(s, "--") && IsSecretName(s) {
		j.key = s // of the next element: ["--password", "…"]
	}
}

func (j *jsonRewriter) replace(from, to int, s, clean string) {
	if s == clean {
		return
	}
	j.b.WriteString(j.source[j.done:from])
	j.b.WriteString(quoteJSON(clean))
	j.done = to
}

func (j *jsonRewriter) String() string {
	if j.done == 0 {
		return j.source
	}
	return j.b.String() + j.source[j.done:]
}

type namedObject struct {
	at   int
	name string
}

// namedObjects finds the objects such as {"name": "password", "value": "…"}.
func namedObjects(text string) []namedObject {
	var found []namedObject
	var buf [32]namedObject
	open := buf[:0]
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			open = append(open, namedObject{at: i})
		case '}', ']':
			if top := open[len(open)-1]; top.name != "" {
				found = append(found, top)
			}
			open = open[:len(open)-1]
		case '"':
			end := jsonStringEnd(text, i)
			if value := jsonBlanksEnd(text, end); value < len(text) && text[value] == ':' && NamedBy(text[i+1:end-1]) {
				if value = jsonBlanksEnd(text, value+1); text[value] == '"' {
					end = jsonStringEnd(text, value)
					if s := jsonString(text[value:end]); kindOf(s) != kindNone {
						open[len(open)-1].name = s
					}
				}
			}
			i = end - 1
		}
	}
	looked(len(text))
	slices.SortFunc(found, func(a, b namedObject) int { return a.at - b.at })
	return found
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

func jsonNumberEnd(text string, i int) int {
	for i++; i < len(text) && strings.IndexByte("+-.0123456789Ee", text[i]) >= 0; i++ {
	}
	return i
}

func jsonBlanksEnd(text string, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\t' || text[i] == '\r' || text[i] == '\n') {
		i++
	}
	return i
}

func isJSONKey(text string, end int) bool {
	end = jsonBlanksEnd(text, end)
	return end < len(text) && text[end] == ':'
}

func jsonString(quoted string) string {
	if strings.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	s, err := strconv.Unquote(quoted)
	if err != nil { // \/ and pairs of surrogates
		_ = json.Unmarshal([]byte(quoted), &s) // the whole text is valid
	}
	return s
}

func quoteJSON(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string never fails
	return strings.TrimSuffix(b.String(), "\n")
}
