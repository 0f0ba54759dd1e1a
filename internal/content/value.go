// SPDX-License-Identifier: Apache-2.0

package content

import (
	"cmp"
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/privacy"
)

// Text renders any value as the text of a content attribute: a string as
// itself, everything else as JSON with each text and number decided by the
// policy. What JSON cannot hold shows as the name of its type.
func Text(v any, g *Gate) string {
	if s, ok := v.(string); ok {
		return g.text("", s)
	}
	return marshal(value(v, g))
}

// Arguments renders what a tool was given or gave back: JSON stays JSON, its
// texts and numbers decided one by one, and anything else is as with [Text].
func Arguments(v any, g *Gate) string {
	s, ok := v.(string)
	if !ok {
		return Text(v, g)
	}
	switch clean := arguments(s, g).(type) {
	case string:
		return clean
	default:
		return marshal(clean)
	}
}

// value converts v to a value that encoding/json writes without surprises.
func value(v any, g *Gate) any {
	return walk{gate: g, open: map[container]struct{}{}}.value("", v)
}

const maxDepth = 64

// walk reads a value piece by piece, so that limits come before costly work and
// each text is decided under its name.
type walk struct {
	gate *Gate
	// open are the containers around the current value, since a program's values
	// can hold themselves.
	open map[container]struct{}
}

type container struct {
	at  uintptr
	len int
}

// value converts what stands under a name.
func (w walk) value(name string, v any) any {
	switch v := v.(type) {
	case nil, bool:
		w.gate.spend(5)
		return v
	case string:
		return w.gate.text(name, v)
	case mark:
		return v
	case json.Number:
		return w.number(name, v.String())
	case json.RawMessage:
		if tree, ok := decode(string(v), w.gate.left); ok {
			return w.value(name, tree)
		}
		return typeMark(v)
	case []byte:
		if v == nil {
			return nil
		}
		return w.binary(v)
	case []llms.MessageContent:
		// Their own MarshalJSON would carry images along.
		return inputMessages(v, w.gate)
	case llms.MessageContent:
		return inputMessages([]llms.MessageContent{v}, w.gate)[0]
	case llms.ContentPart:
		return part(v, w.gate)
	}
	return w.reflect(name, reflect.ValueOf(v))
}

func (w walk) reflect(name string, v reflect.Value) any {
	if marshals(v.Type()) && (v.Kind() != reflect.Pointer || !v.IsNil()) {
		if tree, ok := w.marshaled(v.Interface()); ok {
			return w.value(name, tree)
		}
		return typeMark(v.Interface())
	}
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool()
	case reflect.String:
		return w.gate.text(name, v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return w.number(name, strconv.FormatInt(v.Int(), 10))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return w.number(name, strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return typeMark(v.Interface())
		}
		b, _ := json.Marshal(v.Interface()) // a finite number never fails
		return w.number(name, string(b))
	case reflect.Pointer, reflect.Map, reflect.Slice:
		if v.IsNil() {
			return nil
		}
		return w.once(name, v)
	case reflect.Array:
		if isByte(v.Type().Elem()) {
			b := make([]byte, v.Len())
			reflect.Copy(reflect.ValueOf(b), v)
			return w.binary(b)
		}
		return w.list(name, v)
	case reflect.Struct:
		return w.members(name, structMembers(v))
	}
	return typeMark(v.Interface())
}

// once renders a pointer, a map or a slice, unless it is being rendered already.
func (w walk) once(name string, v reflect.Value) any {
	self := container{v.Pointer(), -1}
	if v.Kind() != reflect.Pointer {
		self.len = v.Len()
	}
	if _, open := w.open[self]; open {
		return typeMark(v.Interface())
	}
	if len(w.open) == maxDepth {
		return ellipsis
	}
	w.open[self] = struct{}{}
	defer delete(w.open, self)
	switch v.Kind() {
	case reflect.Pointer:
		return w.value(name, v.Elem().Interface())
	case reflect.Slice:
		if isByte(v.Type().Elem()) {
			return w.binary(v.Bytes())
		}
		return w.list(name, v)
	}
	members, ok := mapMembers(v)
	if !ok {
		return typeMark(v.Interface())
	}
	return w.members(name, members)
}

func (w walk) list(name string, v reflect.Value) any {
	list := make([]any, 0, min(v.Len(), 1024))
	w.gate.spend(40)
	for i := range v.Len() {
		if w.gate.isFull() {
			return append(list, moreWereCut(v.Len()-i))
		}
		list = append(list, w.value(name, v.Index(i).Interface()))
		w.gate.spend(1)
	}
	return list
}

func moreWereCut(n int) string { return fmt.Sprintf("[%d more were cut]", n) }

// member is a key with its value, of a map or a struct.
type member struct {
	key   string
	value any
}

// members renders an object. A member such as {"name": "password"} names what
// stands beside it.
func (w walk) members(above string, list []member) any {
	out := make(map[string]any, min(len(list), 1024))
	w.gate.spend(60)
	beside, typed := namedBy(list), describesData(list)
	for i, m := range list {
		if w.gate.isFull() {
			out[ellipsis] = moreWereCut(len(list) - i)
			break
		}
		key := m.key
		if _, ours := m.value.(mark); !ours {
			key = w.key(key, out)
		}
		w.gate.spend(encodedLen(key) + 4)
		name := privacy.Under(above, m.key)
		if beside != "" && !isNaming(m) {
			name = privacy.Under(above, beside)
		}
		if s, ok := m.value.(string); ok && typed && m.key == "data" && isAllBase64(s) {
			out[key] = describe("", s)
			continue
		}
		out[key] = w.value(name, m.value)
	}
	return out
}

// namedBy returns the name that one of the members has for its siblings, if it is
// a secret's, or "".
func namedBy(list []member) string {
	for _, m := range list {
		if s, ok := m.value.(string); ok && isNaming(m) && len(s) < 128 && privacy.IsSecretName(s) {
			return s
		}
	}
	return ""
}

func isNaming(m member) bool {
	_, isText := m.value.(string)
	return isText && privacy.NamedBy(m.key)
}

// key returns what becomes of a key: names are structure and stay, anything
// else may be about somebody. Keys that become the same are numbered.
func (w walk) key(k string, taken map[string]any) string {
	if !isName(k) || privacy.RedactName(k) != k {
		k = Apply(w.gate.policy, "", k, maxKey)
	}
	unique := k
	for n := 2; ; n++ {
		if _, ok := taken[unique]; !ok {
			return unique
		}
		unique = fmt.Sprintf("%s (%d)", k, n)
	}
}

const maxKey = 128

// isName reports whether a key looks like one of a program: letters, digits and
// what joins words, beginning with a letter or an underscore.
func isName(k string) bool {
	for i, r := range k {
		if r == '_' || unicode.IsLetter(r) || i > 0 && (unicode.IsDigit(r) || r == '-' || r == '.') {
			continue
		}
		return false
	}
	return k != "" && len(k) <= 64
}

// number renders a number as one, unless the policy makes something else of it: a
// payment card is one without quotation marks, too.
func (w walk) number(name, s string) any {
	if out := w.gate.text(name, s); out != s {
		return out
	}
	return json.Number(s)
}

func (w walk) binary(b []byte) any {
	w.gate.spend(binaryLen)
	return binary("", "", b)
}

func typeMark(v any) string { return fmt.Sprintf("<%T>", v) }

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)

func marshals(t reflect.Type) bool { return t.Implements(jsonMarshaler) || t.Implements(textMarshaler) }

func isByte(t reflect.Type) bool { return t.Kind() == reflect.Uint8 }

// marshaled asks a value that knows itself what it looks like in JSON. A
// program's MarshalJSON may panic.
func (w walk) marshaled(v any) (tree any, ok bool) {
	defer func() {
		if recover() != nil {
			tree, ok = nil, false
		}
	}()
	b, err := json.Marshal(v)
	if err != nil {
		return nil, false
	}
	return decode(string(b), w.gate.left)
}

// structMembers lists the exported fields by the names that encoding/json gives
// them; those of an embedded struct are the outer one's.
func structMembers(v reflect.Value) []member {
	var list []member
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		if strings.Contains(options, "omit") && v.Field(i).IsZero() {
			continue
		}
		if inner := reflect.Indirect(v.Field(i)); f.Anonymous && name == "" && inner.Kind() == reflect.Struct && !marshals(inner.Type()) {
			list = append(list, structMembers(inner)...)
			continue
		}
		list = append(list, member{cmp.Or(name, f.Name), v.Field(i).Interface()})
	}
	return list
}

// mapMembers lists the entries in the order of their keys. ok is false for keys
// that JSON has no form for.
func mapMembers(v reflect.Value) (list []member, ok bool) {
	list = make([]member, 0, v.Len())
	for entries := v.MapRange(); entries.Next(); {
		key, ok := keyText(entries.Key())
		if !ok {
			return nil, false
		}
		list = append(list, member{key, entries.Value().Interface()})
	}
	slices.SortFunc(list, func(a, b member) int { return strings.Compare(a.key, b.key) })
	return list, true
}

func keyText(k reflect.Value) (text string, ok bool) {
	switch {
	case k.Kind() == reflect.String:
		return k.String(), true
	case k.CanInt():
		return strconv.FormatInt(k.Int(), 10), true
	case k.CanUint():
		return strconv.FormatUint(k.Uint(), 10), true
	}
	m, ok := reflect.TypeAssert[encoding.TextMarshaler](k)
	if !ok {
		return "", false
	}
	defer func() {
		if recover() != nil {
			text, ok = "", false
		}
	}()
	b, err := m.MarshalText()
	return string(b), err == nil
}
