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

const (
	maxDepth = 64
	// maxEmbedded is how many structs may be embedded in one another.
	maxEmbedded = 16
	// maxEntries is more than an attribute has room for: sorting a larger map
	// would take longer than all else.
	maxEntries = 50_000
)

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
		if v == ellipsis {
			return v // a hash of it would not say that something was cut
		}
		return w.gate.text(name, v)
	case json.Number:
		return w.number(name, v.String())
	case json.RawMessage:
		if tree, ok := decode(string(v), w.gate.left); ok {
			return w.value(name, tree)
		}
		return w.mark(v)
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
		if tree, ok := marshaled(v, w.gate.left); ok {
			return w.value(name, tree)
		}
		return w.mark(v.Interface())
	}
	if v.CanInt() || v.CanUint() || v.CanFloat() {
		b, err := json.Marshal(v.Interface())
		if err != nil { // not finite
			return w.mark(v.Interface())
		}
		return w.number(name, string(b))
	}
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool()
	case reflect.String:
		return w.gate.text(name, v.String())
	case reflect.Pointer, reflect.Map, reflect.Slice:
		if v.IsNil() {
			return w.value(name, nil)
		}
		return w.once(name, v)
	case reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			addressable := reflect.New(v.Type()).Elem()
			addressable.Set(v)
			return binary("", "", addressable.Bytes(), w.gate)
		}
		return w.list(name, v)
	case reflect.Struct:
		return w.members(name, structMembers(v, maxEmbedded))
	}
	return w.mark(v.Interface())
}

// once renders a pointer, a map or a slice, unless it is being rendered already.
func (w walk) once(name string, v reflect.Value) any {
	self := container{v.Pointer(), -1}
	if v.Kind() != reflect.Pointer {
		self.len = v.Len()
	}
	if _, open := w.open[self]; open {
		return w.mark(v.Interface())
	}
	if len(w.open) == maxDepth {
		w.gate.spend(len(ellipsis) + 3)
		return ellipsis
	}
	w.open[self] = struct{}{}
	defer delete(w.open, self)
	switch v.Kind() {
	case reflect.Pointer:
		return w.value(name, v.Elem().Interface())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return binary("", "", v.Bytes(), w.gate)
		}
		return w.list(name, v)
	}
	if n := v.Len(); n > maxEntries {
		return map[string]any{ellipsis: moreWereCut(n)}
	}
	members, ok := mapMembers(v)
	if !ok {
		return w.mark(v.Interface())
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
		under := name
		if i > 0 {
			under = privacy.Under(name, flagName(v.Index(i-1)))
		}
		list = append(list, w.value(under, v.Index(i).Interface()))
		w.gate.spend(1)
	}
	return list
}

// flagName returns the name that a flag in a list of arguments gives to what
// follows it, as in ["--password", "…"], or "".
func flagName(before reflect.Value) string {
	s, _ := stringOf(before.Interface())
	name := strings.TrimLeft(s, "-")
	switch {
	case len(name) == len(s), len(s) > maxKey:
		return ""
	case s == "-u", s == "--user":
		return "password" // curl's user:password
	}
	if privacy.IsSecretName(name) {
		return name
	}
	return ""
}

// stringOf returns the text of a string of any type, or behind a pointer.
func stringOf(v any) (string, bool) {
	s := reflect.Indirect(reflect.ValueOf(v))
	if s.Kind() != reflect.String {
		return "", false
	}
	return s.String(), true
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
	beside := namedBy(list)
	typed := slices.ContainsFunc(list, func(m member) bool { return typeKeys[m.key] })
	next := map[string]int{} // the number of the next key that became the same
	for i, m := range list {
		if w.gate.isFull() {
			out[ellipsis] = moreWereCut(len(list) - i)
			break
		}
		key := m.key
		if key != ellipsis {
			key = w.key(above, key, out, next)
		}
		w.gate.spend(encodedLen(key) + 4)
		name := privacy.Under(above, m.key)
		if beside != "" && !isNaming(m) {
			name = privacy.Under(above, beside)
		}
		s, isText := m.value.(string)
		if alone, known := dataKeys[m.key]; isText && known && (alone || typed) && isAllBase64(s) {
			out[key] = describe("", s)
		} else {
			out[key] = w.value(name, m.value)
		}
	}
	return out
}

// namedBy returns the name that one of the members has for its siblings, if it is
// a secret's, or "".
func namedBy(list []member) string {
	for _, m := range list {
		if s, ok := stringOf(m.value); ok && isNaming(m) && len(s) < 128 && privacy.IsSecretName(s) {
			return s
		}
	}
	return ""
}

func isNaming(m member) bool {
	_, isText := stringOf(m.value)
	return isText && privacy.NamedBy(m.key)
}

// key returns what becomes of a key: names are structure and stay, anything
// else may be about somebody. Keys that become the same are numbered.
func (w walk) key(above, k string, taken map[string]any, next map[string]int) string {
	if privacy.IsSecretName(above) {
		k = Apply(w.gate.policy, above, k, maxKey)
	} else if !isName(k) || privacy.RedactName(k) != k {
		k = Apply(w.gate.policy, "", k, maxKey)
	}
	unique := k
	for {
		if _, ok := taken[unique]; !ok {
			return unique
		}
		next[k]++
		unique = fmt.Sprintf("%s (%d)", k, next[k]+1)
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

func typeMark(v any) string { return fmt.Sprintf("<%T>", v) }

// mark names the type of what JSON cannot hold.
func (w walk) mark(v any) string {
	s := typeMark(v)
	w.gate.spend(len(s) + 3)
	return s
}

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)

// marshals reports whether a value of the type, or a pointer to one, knows itself
// what it looks like in JSON.
func marshals(t reflect.Type) bool {
	if t.Kind() != reflect.Pointer {
		t = reflect.PointerTo(t)
	}
	return t.Implements(jsonMarshaler) || t.Implements(textMarshaler)
}

// marshaled asks a value what it looks like in JSON, and reads limit bytes of it. A
// program's MarshalJSON may panic.
func marshaled(v reflect.Value, limit int) (tree any, ok bool) {
	defer func() {
		if recover() != nil {
			tree, ok = nil, false
		}
	}()
	if v.Kind() != reflect.Pointer {
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		v = p
	}
	b, err := json.Marshal(v.Interface())
	if err != nil {
		return nil, false
	}
	return decode(string(b), limit)
}

// structMembers lists the exported fields by the names that encoding/json gives
// them; those of an embedded struct are the outer one's.
func structMembers(v reflect.Value, depth int) []member {
	var list []member
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if inner := reflect.Indirect(v.Field(i)); f.Anonymous && name == "" && inner.Kind() == reflect.Struct && !marshals(inner.Type()) {
			// An embedded pointer may lead back to the same struct.
			if depth > 0 {
				list = append(list, structMembers(inner, depth-1)...)
			}
			continue
		}
		if name == "-" || !f.IsExported() {
			continue
		}
		if strings.Contains(options, "omit") && v.Field(i).IsZero() {
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
	if k.Kind() == reflect.Interface {
		k = k.Elem()
	}
	if k.Kind() == reflect.String {
		return k.String(), true
	}
	if !k.IsValid() {
		return "null", true
	}
	tree, _ := marshaled(k, math.MaxInt)
	switch key := tree.(type) {
	case string:
		return key, true
	case json.Number:
		return key.String(), true
	}
	return "", false
}
