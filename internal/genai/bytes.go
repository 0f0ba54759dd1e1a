// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"cmp"
	"encoding"
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"sync"

	"github.com/tmc/langchaingo/llms"
)

// byteTypes remembers the answers of carriesBytes by type. A program has few
// types.
var byteTypes sync.Map // of reflect.Type to bool

// carriesBytes reports whether encoding/json might write bytes somewhere in a
// value of the type as a long string of base64, which nobody could tell from a
// text any more. What lies behind an interface only its value tells.
func carriesBytes(t reflect.Type) bool {
	if known, ok := byteTypes.Load(t); ok {
		found, _ := known.(bool)
		return found
	}
	found := findsBytes(t, map[reflect.Type]bool{})
	byteTypes.Store(t, found)
	return found
}

var (
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	contentPart   = reflect.TypeFor[llms.ContentPart]()
	messageType   = reflect.TypeFor[llms.MessageContent]()
)

// findsBytes must not ask carriesBytes: a type that is still looked into has no
// answer yet.
func findsBytes(t reflect.Type, around map[reflect.Type]bool) bool {
	if t == messageType || t.Implements(contentPart) {
		return true // images
	}
	if around[t] || t.Implements(jsonMarshaler) || t.Implements(textMarshaler) {
		return false // how it looks is its own affair
	}
	around[t] = true
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Slice, reflect.Array:
		return isByte(t.Elem()) || findsBytes(t.Elem(), around)
	case reflect.Pointer, reflect.Map:
		return findsBytes(t.Elem(), around)
	case reflect.Struct:
		for f := range t.Fields() {
			if f.IsExported() && findsBytes(f.Type, around) {
				return true
			}
		}
	}
	return false
}

func isByte(t reflect.Type) bool { return t.Kind() == reflect.Uint8 }

// fields renders bytes, and what carries some in an array, a struct or behind a
// pointer, piece by piece, by the names that encoding/json gives them; options
// such as omitempty do not matter here.
func (w walk) fields(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return w.once(container{v.Pointer(), -1}, v, func() any { return w.plain(v.Elem().Interface()) })
	case reflect.Slice:
		if v.IsNil() {
			return nil
		}
		return binary("", "", v.Bytes())
	case reflect.Array:
		if isByte(v.Type().Elem()) {
			b := make([]byte, v.Len())
			reflect.Copy(reflect.ValueOf(b), v)
			return binary("", "", b)
		}
		return w.list(v)
	}
	out := make(map[string]any, v.NumField())
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		inner := w.plain(v.Field(i).Interface())
		if m, ok := inner.(map[string]any); ok && f.Anonymous && name == "" {
			maps.Copy(out, m)
			continue
		}
		out[cmp.Or(name, f.Name)] = inner
	}
	return out
}
