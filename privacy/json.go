// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"bytes"
	"encoding/json"
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
		end := i + 1
		switch c := text[i]; {
		case c == '"':
			end = jsonStringEnd(text, i)
			s := jsonString(text[i:end])
			if next := jsonBlanks.span(text, end); next < len(text) && text[next] == ':' {
				j.replace(i, end, s, redactText(s, "", true))
				j.key = s
			} else {
				j.value(i, end, s)
			}
		case c == '{' || c == '[':
			j.open(i)
		case c == '}' || c == ']':
			j.above, j.key = j.above[:len(j.above)-1], ""
		case c == '-' || isDigit(c):
			end = jsonNumber.span(text, i)
			j.value(i, end, text[i:end])
		}
		i = end
	}
	looked(len(text))
	if j.done == 0 {
		return text
	}
	return j.b.String() + text[j.done:]
}

type jsonRewriter struct {
	source  string
	b       strings.Builder
	done    int // the end of what is in b
	nesting int
	named   map[int]string
	above   []jsonName // of what is open
	key     string     // the member's whose value follows
}

type jsonName struct {
	name   string
	secret bool // of all below
}

// open begins an object or a list, whose elements stand under its own name.
func (j *jsonRewriter) open(i int) {
	n := jsonName{name: j.name()}
	n.secret = IsSecretName(n.name)
	if name, ok := j.named[i]; ok && !n.secret {
		n = jsonName{name, true}
	}
	j.above, j.key = append(j.above, n), ""
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
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(clean) // a string never fails
	j.b.Write(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	j.done = to
}

// namedObjects finds the objects such as {"name": "password", "value": "…"}, and
// returns what they are named by where they begin.
func namedObjects(text string) (named map[int]string) {
	open := make([]int, 0, 32)
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			open = append(open, i)
		case '}', ']':
			open = open[:len(open)-1]
		case '"':
			end := jsonStringEnd(text, i)
			value := jsonBlanks.span(text, end)
			if value < len(text) && text[value] == ':' && NamedBy(text[i+1:end-1]) {
				if value = jsonBlanks.span(text, value+1); text[value] == '"' {
					end = jsonStringEnd(text, value)
					if s := jsonString(text[value:end]); kindOf(s) != kindNone {
						if named == nil {
							named = map[int]string{}
						}
						named[open[len(open)-1]] = s
					}
				}
			}
			i = end - 1
		}
	}
	looked(len(text))
	return named
}

var (
	jsonBlanks = bytesOf(" \t\r\n")
	jsonNumber = bytesOf("0-9+.Ee-")
)

// jsonStringEnd returns the place after the string that begins at i.
func jsonStringEnd(text string, i int) int {
	for i++; i < len(text) && text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return min(i+1, len(text))
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
