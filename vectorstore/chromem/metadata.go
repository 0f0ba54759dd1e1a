// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// reservedKey holds, as JSON, the values of the keys that are not strings:
// chromem-go stores strings only.
const reservedKey = "_spanloom.types"

// maxDepth keeps a map that contains itself from ending the program.
const maxDepth = 100

var errDepth = fmt.Errorf("lists and maps nested more than %d deep", maxDepth)

// typedValue is a value under the reserved key. A Type of "" is a string, or in a
// list or map that which the list's or map's type says.
type typedValue struct {
	Type string                `json:"t,omitempty"`
	Text string                `json:"v,omitempty"`
	List []typedValue          `json:"l,omitempty"`
	Map  map[string]typedValue `json:"m,omitempty"`
	Nil  bool                  `json:"nil,omitempty"`
}

// encodeMetadata returns strings as they are, and scalars in their string form
// for the filters; the reserved key restores the latter and has the rest.
func encodeMetadata(metadata map[string]any) (map[string]string, error) {
	if metadata == nil {
		return nil, nil
	}
	plain := make(map[string]string, len(metadata)+1)
	typed := map[string]typedValue{}
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
		encoded, err := encodeValue(value, 0)
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", key, err)
		}
		typed[encodeText(key)] = encoded
	}
	if len(typed) == 0 {
		return plain, nil
	}
	data, err := json.Marshal(typed)
	if err != nil {
		return nil, err
	}
	plain[reservedKey] = string(data)
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
	data, ok := plain[reservedKey]
	if !ok {
		return metadata, nil
	}
	var typed map[string]typedValue
	if err := json.Unmarshal([]byte(data), &typed); err != nil {
		return nil, fmt.Errorf("damaged metadata key %q: %w", reservedKey, err)
	}
	for key, encoded := range typed {
		name, err := decodeText(key)
		if err != nil {
			return nil, fmt.Errorf("damaged metadata key %q: %w", reservedKey, err)
		}
		if metadata[name], err = decodeValue(encoded); err != nil {
			return nil, fmt.Errorf("damaged metadata key %q, value of %q: %w", reservedKey, name, err)
		}
	}
	return metadata, nil
}

func encodeValue(value any, depth int) (typedValue, error) {
	if depth > maxDepth {
		return typedValue{}, errDepth
	}
	switch v := value.(type) {
	case nil:
		return typedValue{Type: typeNil}, nil
	case string:
		return typedValue{Text: encodeText(v)}, nil
	case time.Time:
		data, err := v.MarshalBinary()
		if err != nil {
			return typedValue{}, err
		}
		return typedValue{Type: typeTime, Text: base64.StdEncoding.EncodeToString(data)}, nil
	case []byte:
		return typedValue{Type: typeBytes, Text: base64.StdEncoding.EncodeToString(v), Nil: v == nil}, nil
	}
	if text, ok := scalarText(value); ok {
		return typedValue{Type: fmt.Sprintf("%T", value), Text: text}, nil
	}
	v := reflect.ValueOf(value)
	name, ok := listName(v.Type())
	if !ok {
		return typedValue{}, fmt.Errorf("the type %T, allowed are nil, string, bool, integers, floats, []byte, "+
			"time.Time, time.Duration, and slices, and maps with string keys, of these or of any", value)
	}
	out := typedValue{Type: name, Nil: v.IsNil()}
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			encoded, err := encodeElement(v.Index(i), depth)
			if err != nil {
				return out, at(fmt.Sprintf("element %d", i), err)
			}
			out.List = append(out.List, encoded)
		}
		return out, nil
	}
	out.Map = make(map[string]typedValue, v.Len())
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		encoded, err := encodeElement(v.MapIndex(key), depth)
		if err != nil {
			return out, at(fmt.Sprintf("key %q", key), err)
		}
		out.Map[encodeText(key.String())] = encoded
	}
	return out, nil
}

// encodeElement leaves out a type that the list or map has already.
func encodeElement(v reflect.Value, depth int) (typedValue, error) {
	encoded, err := encodeValue(v.Interface(), depth+1)
	if v.Kind() != reflect.Interface {
		encoded.Type = ""
	}
	return encoded, err
}

// at leaves out the hundred places that lead to errDepth.
func at(place string, err error) error {
	if errors.Is(err, errDepth) {
		return err
	}
	return fmt.Errorf("%s: %w", place, err)
}

func decodeValue(v typedValue) (any, error) {
	switch v.Type {
	case typeNil:
		return nil, nil
	case "", typeString:
		return decodeText(v.Text)
	case typeTime:
		var t time.Time
		data, err := base64.StdEncoding.DecodeString(v.Text)
		if err == nil {
			err = t.UnmarshalBinary(data)
		}
		return t, err
	case typeBytes:
		if v.Nil {
			return []byte(nil), nil
		}
		return base64.StdEncoding.DecodeString(v.Text)
	}
	if _, ok := elementTypes[v.Type]; ok {
		return decodeScalar(v.Type, v.Text)
	}
	t, element, err := parseList(v.Type)
	if err != nil {
		return nil, err
	}
	switch {
	case v.Nil:
		return reflect.Zero(t).Interface(), nil
	case t.Kind() == reflect.Slice:
		out := reflect.MakeSlice(t, len(v.List), len(v.List))
		for i, encoded := range v.List {
			if err := decodeElement(encoded, element, out.Index(i)); err != nil {
				return nil, err
			}
		}
		return out.Interface(), nil
	}
	out := reflect.MakeMapWithSize(t, len(v.Map))
	for key, encoded := range v.Map {
		name, err := decodeText(key)
		if err != nil {
			return nil, err
		}
		value := reflect.New(t.Elem()).Elem()
		if err := decodeElement(encoded, element, value); err != nil {
			return nil, err
		}
		out.SetMapIndex(reflect.ValueOf(name), value)
	}
	return out.Interface(), nil
}

func decodeElement(v typedValue, element string, to reflect.Value) error {
	if element != typeAny {
		v.Type = element
	}
	value, err := decodeValue(v)
	if value != nil && err == nil {
		to.Set(reflect.ValueOf(value))
	}
	return err
}

// plainText is the form in which filters compare a value.
func plainText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano), true
	case float32:
		if v == 0 {
			return "0", true // Also of -0.
		}
	case float64:
		if v == 0 {
			return "0", true
		}
	}
	return scalarText(value)
}

// scalarText uses no reflection: types of other names are not the same.
func scalarText(value any) (string, bool) {
	switch v := value.(type) {
	case bool:
		return strconv.FormatBool(v), true
	case int:
		return strconv.FormatInt(int64(v), 10), true
	case int8:
		return strconv.FormatInt(int64(v), 10), true
	case int16:
		return strconv.FormatInt(int64(v), 10), true
	case int32:
		return strconv.FormatInt(int64(v), 10), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case time.Duration:
		return strconv.FormatInt(int64(v), 10), true
	case uint:
		return strconv.FormatUint(uint64(v), 10), true
	case uint8:
		return strconv.FormatUint(uint64(v), 10), true
	case uint16:
		return strconv.FormatUint(uint64(v), 10), true
	case uint32:
		return strconv.FormatUint(uint64(v), 10), true
	case uint64:
		return strconv.FormatUint(v, 10), true
	case float32:
		return formatFloat(float64(v), 32), true
	case float64:
		return formatFloat(v, 64), true
	}
	return "", false
}

func decodeScalar(typ, text string) (any, error) {
	switch typ {
	case "bool":
		return strconv.ParseBool(text)
	case "int":
		v, err := strconv.ParseInt(text, 10, strconv.IntSize)
		return int(v), err
	case "int8":
		v, err := strconv.ParseInt(text, 10, 8)
		return int8(v), err
	case "int16":
		v, err := strconv.ParseInt(text, 10, 16)
		return int16(v), err
	case "int32":
		v, err := strconv.ParseInt(text, 10, 32)
		return int32(v), err
	case "int64":
		return strconv.ParseInt(text, 10, 64)
	case typeDuration:
		v, err := strconv.ParseInt(text, 10, 64)
		return time.Duration(v), err
	case "uint":
		v, err := strconv.ParseUint(text, 10, strconv.IntSize)
		return uint(v), err
	case "uint8":
		v, err := strconv.ParseUint(text, 10, 8)
		return uint8(v), err
	case "uint16":
		v, err := strconv.ParseUint(text, 10, 16)
		return uint16(v), err
	case "uint32":
		v, err := strconv.ParseUint(text, 10, 32)
		return uint32(v), err
	case "uint64":
		return strconv.ParseUint(text, 10, 64)
	case "float32":
		v, err := strconv.ParseFloat(text, 32)
		return float32(v), err
	case "float64":
		return strconv.ParseFloat(text, 64)
	}
	return nil, fmt.Errorf("a value of the type %q", typ)
}

// formatFloat writes whole numbers as the integers do, so that a filter of 1000000
// finds 1e6, without hundreds of digits for the largest.
func formatFloat(f float64, bits int) string {
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return strconv.FormatFloat(f, format, -1, bits)
}

const escape = "\x00"

// encodeText protects bytes that are not UTF-8, which JSON would replace.
func encodeText(s string) string {
	if utf8.ValidString(s) && !strings.HasPrefix(s, escape) {
		return s
	}
	return escape + base64.StdEncoding.EncodeToString([]byte(s))
}

func decodeText(s string) (string, error) {
	rest, escaped := strings.CutPrefix(s, escape)
	if !escaped {
		return s, nil
	}
	data, err := base64.StdEncoding.DecodeString(rest)
	return string(data), err
}
