// SPDX-License-Identifier: Apache-2.0

package index

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
)

// appendIdentity appends what tells metadata from other metadata, the same in
// every process. JSON does, sorted by key as it is; what it cannot hold is taken
// apart until it can. Printing a value would not do: pointers inside it print as
// addresses, so that everything would be embedded again each time.
func appendIdentity(text []byte, metadata map[string]any) []byte {
	if asJSON, err := json.Marshal(metadata); err == nil {
		return append(text, asJSON...)
	}
	return identity{}.value(text, reflect.ValueOf(metadata))
}

// identity knows the pointers around the current value: values can hold
// themselves.
type identity struct{ around []uintptr }

func (i identity) value(text []byte, v reflect.Value) []byte {
	if !v.IsValid() {
		return append(text, "null"...)
	}
	if asJSON, err := json.Marshal(v.Interface()); err == nil {
		return append(text, asJSON...)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		if slices.Contains(i.around, v.Pointer()) {
			return append(text, "again"...)
		}
		i.around = append(slices.Clip(i.around), v.Pointer())
	}
	text = append(append(text, v.Type().String()...), '{')
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		text = i.value(text, v.Elem())
	case reflect.Map:
		text = i.entries(text, v)
	case reflect.Slice, reflect.Array:
		for n := range v.Len() {
			text = append(i.value(text, v.Index(n)), ',')
		}
	case reflect.Struct:
		for n := range v.NumField() {
			if v.Type().Field(n).IsExported() {
				text = append(i.value(text, v.Field(n)), ',')
			}
		}
	case reflect.Float32, reflect.Float64: // NaN and the infinite ones.
		text = strconv.AppendFloat(text, v.Float(), 'g', -1, 64)
	case reflect.Complex64, reflect.Complex128:
		text = fmt.Append(text, v.Complex())
	default: // Functions and channels: no two can be told apart.
	}
	return append(text, '}')
}

// entries sorts by what the keys are: those of JSON's maps are texts or numbers,
// but YAML's can be anything.
func (i identity) entries(text []byte, v reflect.Value) []byte {
	byKey := make(map[string]reflect.Value, v.Len())
	for it := v.MapRange(); it.Next(); {
		byKey[string(i.value(nil, it.Key()))] = it.Value()
	}
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		text = append(append(text, key...), ':')
		text = append(i.value(text, byKey[key]), ',')
	}
	return text
}
