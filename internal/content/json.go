// SPDX-License-Identifier: Apache-2.0

package content

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
)

// arguments keeps JSON as JSON, so that a viewer can fold it, and anything else
// as a string.
func arguments(s string, g *Gate) any {
	if t := strings.TrimLeft(s, " \t\r\n"); strings.HasPrefix(t, "{") || strings.HasPrefix(t, "[") {
		if tree, ok := decode(t, g.left); ok {
			return value(tree, g)
		}
	}
	return g.text("", s)
}

// decode reads JSON. Of a text longer than limit it reads that much, and what is
// open there is closed with an ellipsis. ok is false for what is not one JSON value.
func decode(s string, limit int) (tree any, ok bool) {
	if len(s) > limit {
		if s, ok = closeJSON(s[:max(limit, 0)]); !ok {
			return nil, false
		}
	}
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return nil, false
	}
	_, err := d.Token()
	return tree, errors.Is(err, io.EOF)
}

// closeJSON returns the beginning of a value up to the last member or element that
// is known to be complete, with an ellipsis in each container that is open there.
// ok is false if none is.
func closeJSON(s string) (closed string, ok bool) {
	var open []byte // the closing brackets
	end, inString := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{', c == '[':
			open, end = append(open, c+2), i+1 // in ASCII, '}' and ']' are two behind
		case c == '}', c == ']':
			open, end = open[:max(0, len(open)-1)], i+1
		case c == ',':
			end = i
		}
	}
	out := []byte(s[:end])
	for _, bracket := range slices.Backward(open) {
		if last := out[len(out)-1]; last != '{' && last != '[' {
			out = append(out, ',')
		}
		if bracket == '}' {
			out = append(out, `"…":`...)
		}
		out = append(out, `"…"`...)
		out = append(out, bracket)
	}
	return string(out), len(open) > 0
}

// marshal writes JSON with letters as they are: an Arabic prompt reads as
// Arabic, and "<" as "<".
func marshal(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return typeMark(v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
