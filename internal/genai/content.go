// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// Gate is the content policy and limit, applied to every string before it
// becomes part of an attribute.
type Gate func(string) string

// Text renders any value as the text of a content attribute: a string as
// itself, everything else as JSON whose strings went through the gate. What
// JSON cannot hold shows as the name of its type, and nothing fails or panics.
func Text(v any, gate Gate) string {
	if s, ok := v.(string); ok {
		return gate(s)
	}
	return marshal(gated(plain(v), gate))
}

// plain converts v to the types of decoded JSON. A map with one entry that JSON
// cannot hold keeps the others.
func plain(v any) any {
	if out, ok := decoded(v); ok {
		return out
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Map && rv.Type().Key().Kind() == reflect.String {
		m := make(map[string]any, rv.Len())
		for it := rv.MapRange(); it.Next(); {
			m[it.Key().String()] = plain(it.Value().Interface())
		}
		return m
	}
	return fmt.Sprintf("<%T>", v)
}

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
	if d.Decode(&out) != nil || d.More() {
		return nil, false
	}
	return out, true
}

// gated applies the gate to every string of a decoded JSON value. Keys are
// structure, not content, and stay.
func gated(v any, gate Gate) any {
	switch v := v.(type) {
	case string:
		return gate(v)
	case []any:
		for i := range v {
			v[i] = gated(v[i], gate)
		}
	case map[string]any:
		for k := range v {
			v[k] = gated(v[k], gate)
		}
	}
	return v
}

// marshal writes JSON with letters as they are: an Arabic prompt reads as
// Arabic, and "<" as "<".
func marshal(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprintf("<%T>", v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
