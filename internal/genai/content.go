// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/tmc/langchaingo/llms"
)

// Gate is the content policy and limit, applied to every string before it
// becomes part of an attribute.
type Gate func(string) string

// Text renders any value as the text of a content attribute: a string as
// itself, everything else as JSON whose strings and numbers went through the
// gate. What JSON cannot hold shows as the name of its type, and nothing fails
// or panics.
func Text(v any, gate Gate) string {
	if s, ok := v.(string); ok {
		// OTLP refuses a whole batch for one string that is not UTF-8; the JSON
		// encoder sees to it everywhere else.
		return strings.ToValidUTF8(gate(s), "\uFFFD")
	}
	return marshal(plain(v, gate))
}

// Arguments renders what a tool was given or gave back: JSON stays JSON, with its
// strings and numbers gated each, as in the message that calls the tool, and
// anything else is as with [Text].
func Arguments(v any, gate Gate) string {
	s, ok := v.(string)
	if !ok {
		return Text(v, gate)
	}
	switch clean := arguments(s, gate).(type) {
	case string:
		return strings.ToValidUTF8(clean, "\uFFFD")
	default:
		return marshal(clean)
	}
}

// plain converts v to a value that JSON can hold, its texts gated. One entry
// that JSON cannot hold does not cost the others.
func plain(v any, gate Gate) any {
	return walk{gate: gate, around: map[container]struct{}{}}.plain(v)
}

// walk knows the maps and slices around the current value: a chain's values
// can hold themselves, and json.Marshal notices only a thousand levels down,
// having written what lies beside the cycle a thousand times.
type walk struct {
	gate   Gate
	around map[container]struct{}
}

type container struct {
	at  uintptr
	len int
}

func (w walk) plain(v any) any {
	switch v := v.(type) {
	case nil, bool:
		return v
	case string:
		return w.gate(v)
	case []byte:
		if v == nil {
			return nil
		}
		return binary("", "", v)
	case []llms.MessageContent:
		// Their own MarshalJSON would carry images along.
		return inputMessages(v, w.gate)
	case llms.MessageContent:
		return inputMessages([]llms.MessageContent{v}, w.gate)[0]
	case llms.ContentPart:
		return part(v, w.gate)
	case map[string]any, []any:
	default:
		if t := reflect.TypeOf(v); carriesBytes(t) {
			if t.Kind() != reflect.Map && (t.Kind() != reflect.Slice || isByte(t.Elem())) {
				return w.fields(reflect.ValueOf(v))
			}
		} else if out, ok := decoded(v); ok {
			return gated(out, w.gate)
		}
	}
	rv := reflect.ValueOf(v)
	isMap := rv.Kind() == reflect.Map && rv.Type().Key().Kind() == reflect.String
	if !isMap && rv.Kind() != reflect.Slice {
		return typeMark(v)
	}
	if rv.IsNil() {
		return nil
	}
	return w.once(container{rv.Pointer(), rv.Len()}, rv, func() any {
		if isMap {
			return w.entries(rv)
		}
		return w.list(rv)
	})
}

// once renders v, unless v is being rendered around here already.
func (w walk) once(self container, v reflect.Value, render func() any) any {
	if _, inside := w.around[self]; inside {
		return typeMark(v.Interface())
	}
	w.around[self] = struct{}{}
	defer delete(w.around, self)
	return render()
}

func (w walk) entries(v reflect.Value) any {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	m := make(map[string]any, len(keys))
	for _, k := range keys {
		m[keyOf(k.String(), w.gate, m)] = w.plain(v.MapIndex(k).Interface())
	}
	return m
}

func (w walk) list(v reflect.Value) any {
	list := make([]any, v.Len())
	for i := range list {
		list[i] = w.plain(v.Index(i).Interface())
	}
	return list
}

func typeMark(v any) string { return fmt.Sprintf("<%T>", v) }

func decoded(v any) (out any, ok bool) {
	// A user's MarshalJSON may panic, and telemetry must not.
	defer func() {
		if recover() != nil {
			out, ok = nil, false
		}
	}()
	b, err := json.Marshal(v)
	if err != nil {
		return nil, false
	}
	return decode(b)
}

func decode(b []byte) (any, bool) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var out any
	if d.Decode(&out) != nil {
		return nil, false
	}
	// More is false before a stray "}" too.
	if _, err := d.Token(); err != io.EOF {
		return nil, false
	}
	return out, true
}

// gated applies the gate to every string and number of a decoded JSON value. A
// payment card is one without quotation marks, too; a number that the gate
// leaves alone stays a number.
func gated(v any, gate Gate) any {
	switch v := v.(type) {
	case string:
		return gate(v)
	case json.Number:
		if s := gate(v.String()); s != v.String() {
			return s
		}
	case []any:
		for i := range v {
			v[i] = gated(v[i], gate)
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out[keyOf(k, gate, out)] = gated(v[k], gate)
		}
		return out
	}
	return v
}

// keyOf returns what becomes of a key: names are structure and stay, anything
// else may be about somebody. Keys that become the same are numbered.
func keyOf(k string, gate Gate, taken map[string]any) string {
	if !isName(k) {
		k = gate(k)
	}
	unique := k
	for n := 2; ; n++ {
		if _, ok := taken[unique]; !ok {
			return unique
		}
		unique = fmt.Sprintf("%s (%d)", k, n)
	}
}

// isName reports whether a key looks like one of a program: letters, digits and
// what joins words, beginning with a letter or an underscore.
func isName(k string) bool {
	const longest = 64
	for i, r := range k {
		if r == '_' || unicode.IsLetter(r) || i > 0 && (unicode.IsDigit(r) || r == '-' || r == '.') {
			continue
		}
		return false
	}
	return k != "" && len(k) <= longest
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
