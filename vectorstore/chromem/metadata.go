// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// reservedKey holds the values that are not strings, with their types:
// chromem-go stores strings only.
const reservedKey = "_spanloom.types"

// maxDepth keeps a map that contains itself from ending the program.
const maxDepth = 100

var errDepth = fmt.Errorf("lists and maps nested more than %d deep", maxDepth)

// encodeMetadata returns strings as they are, and scalars in their string form
// for the filters. The reserved key has the values of all other types.
func encodeMetadata(metadata map[string]any) (map[string]string, error) {
	if metadata == nil {
		return nil, nil
	}
	plain := make(map[string]string, len(metadata)+1)
	var typed []byte
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if key == reservedKey {
			return nil, fmt.Errorf("the key %q is reserved", key)
		}
		value := metadata[key]
		if text, ok := plainText(value); ok {
			plain[key] = text
		}
		if _, ok := value.(string); ok {
			continue
		}
		var err error
		if typed, err = appendAny(appendText(typed, key), reflect.ValueOf(value), 0); err != nil {
			return nil, fmt.Errorf("key %q: %w", key, err)
		}
	}
	if typed != nil {
		plain[reservedKey] = string(typed)
	}
	return plain, nil
}

func decodeMetadata(plain map[string]string) (map[string]any, error) {
	if plain == nil {
		return nil, nil
	}
	metadata := make(map[string]any, len(plain))
	for key, value := range plain {
		if key != reservedKey {
			metadata[key] = value
		}
	}
	for r := (&valueReader{reader: reader{b: []byte(plain[reservedKey])}}); len(r.b) > 0; {
		key := r.text()
		value := r.any(0)
		if r.err != nil {
			return nil, fmt.Errorf("damaged metadata key %q: %w", reservedKey, r.err)
		}
		metadata[key] = nil
		if value.IsValid() {
			metadata[key] = value.Interface()
		}
	}
	return metadata, nil
}

// appendAny appends the type's name and the value. An invalid value is nil.
func appendAny(b []byte, v reflect.Value, depth int) ([]byte, error) {
	if !v.IsValid() {
		return appendText(b, nilName), nil
	}
	name, ok := typeName(v.Type())
	if !ok {
		return nil, fmt.Errorf("the type %s, allowed are nil, string, bool, integers, floats, []byte, "+
			"time.Time, time.Duration, and slices, and maps with string keys, of these or of any", v.Type())
	}
	return appendValue(appendText(b, name), v, depth)
}

// appendValue appends a value whose type the reader knows.
func appendValue(b []byte, v reflect.Value, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, errDepth
	}
	if v.Type() == timeType {
		at, _ := reflect.TypeAssert[time.Time](v)
		data, err := at.MarshalBinary()
		return appendText(b, string(data)), err
	}
	switch v.Kind() {
	case reflect.Interface:
		return appendAny(b, v.Elem(), depth)
	case reflect.String:
		return appendText(b, v.String()), nil
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())[:len(b)+1], nil // "t" or "f".
	case reflect.Float32, reflect.Float64:
		return binary.BigEndian.AppendUint64(b, math.Float64bits(v.Float())), nil
	case reflect.Slice, reflect.Map:
		return appendList(b, v, depth)
	}
	if v.CanInt() {
		return binary.AppendVarint(b, v.Int()), nil
	}
	return binary.AppendUvarint(b, v.Uint()), nil
}

// appendList appends a slice or a map: one more than its length, or 0 for nil,
// and its elements.
func appendList(b []byte, v reflect.Value, depth int) (_ []byte, err error) {
	if v.IsNil() {
		return binary.AppendUvarint(b, 0), nil
	}
	b = binary.AppendUvarint(b, uint64(v.Len())+1)
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			if b, err = appendValue(b, v.Index(i), depth+1); err != nil {
				return nil, at(fmt.Sprintf("element %d", i), err)
			}
		}
		return b, nil
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		if b, err = appendValue(appendText(b, key.String()), v.MapIndex(key), depth+1); err != nil {
			return nil, at(fmt.Sprintf("key %q", key), err)
		}
	}
	return b, nil
}

// at leaves out the hundred places that lead to errDepth.
func at(place string, err error) error {
	if errors.Is(err, errDepth) {
		return err
	}
	return fmt.Errorf("%s: %w", place, err)
}

// valueReader reads what appendAny wrote.
type valueReader struct{ reader }

func (r *valueReader) any(depth int) reflect.Value {
	name := r.text()
	if r.err != nil || name == nilName {
		return reflect.Value{}
	}
	t, err := parseType(name)
	if err != nil {
		r.err = err
		return reflect.Value{}
	}
	v := reflect.New(t).Elem()
	r.value(v, depth)
	return v
}

func (r *valueReader) value(to reflect.Value, depth int) {
	switch {
	case r.err != nil:
	case depth > maxDepth:
		r.err = errDepth
	case to.Type() == timeType:
		var t time.Time
		if err := t.UnmarshalBinary([]byte(r.text())); err != nil && r.err == nil {
			r.err = err
		}
		to.Set(reflect.ValueOf(t))
	case to.Kind() == reflect.Interface:
		if v := r.any(depth); v.IsValid() {
			to.Set(v)
		}
	case to.Kind() == reflect.String:
		to.SetString(r.text())
	case to.Kind() == reflect.Bool:
		to.SetBool(r.bytes(1)[0] == 't')
	case to.CanFloat():
		to.SetFloat(math.Float64frombits(binary.BigEndian.Uint64(r.bytes(8))))
	case to.CanInt():
		to.SetInt(r.varint())
	case to.CanUint():
		to.SetUint(r.uvarint())
	default:
		r.list(to, depth)
	}
}

func (r *valueReader) list(to reflect.Value, depth int) {
	n := r.count() - 1
	switch {
	case n < 0:
	case to.Kind() == reflect.Slice:
		to.Set(reflect.MakeSlice(to.Type(), n, n))
		for i := range n {
			r.value(to.Index(i), depth+1)
		}
	default:
		to.Set(reflect.MakeMapWithSize(to.Type(), n))
		for range n {
			key := reflect.ValueOf(r.text())
			value := reflect.New(to.Type().Elem()).Elem()
			r.value(value, depth+1)
			to.SetMapIndex(key, value)
		}
	}
}

// plainText is the form in which filters compare a value.
func plainText(value any) (string, bool) {
	switch v := value.(type) {
	case nil:
		return "", false
	case string:
		return v, true
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano), true
	}
	v := reflect.ValueOf(value)
	if _, ok := scalarNames[v.Type()]; !ok {
		return "", false
	}
	switch {
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool()), true
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10), true
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10), true
	}
	return formatFloat(v.Float(), v.Type().Bits()), true
}

// formatFloat writes whole numbers as the integers do, so that a filter of 1000000
// finds 1e6, without hundreds of digits for the largest.
func formatFloat(f float64, bits int) string {
	format := byte('f')
	if f == 0 {
		return "0" // Also of -0.
	}
	if abs := math.Abs(f); abs < 1e-6 || abs >= 1e21 {
		format = 'e'
	}
	return strconv.FormatFloat(f, format, -1, bits)
}
