// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// reservedKey holds the values that are not strings, with their types:
// chromem-go stores strings only.
const reservedKey = "_spanloom.types"

// maxDepth keeps a map that contains itself from ending the program.
const maxDepth = 100

// metadataTypes has the types that come back from JSON as they were, by the name
// under which they are stored: scalars, slices and maps of these, and slices and
// maps of those. Times are not in lists, since JSON drops seconds of an offset.
var metadataTypes = func() map[string]reflect.Type {
	types := map[string]reflect.Type{"time.Time": reflect.TypeFor[time.Time]()}
	lists := func(t reflect.Type) [2]reflect.Type {
		return [2]reflect.Type{reflect.SliceOf(t), reflect.MapOf(reflect.TypeFor[string](), t)}
	}
	for _, v := range []any{
		false, 0, int8(0), int16(0), int32(0), int64(0), uint(0), uint8(0), uint16(0), uint32(0), uint64(0),
		float32(0), float64(0), time.Duration(0), "",
	} {
		scalar := reflect.TypeOf(v)
		types[scalar.String()] = scalar
		for _, list := range lists(scalar) {
			types[list.String()] = list
			for _, of := range lists(list) {
				types[of.String()] = of
			}
		}
	}
	return types
}()

// encodeMetadata returns strings as they are, and scalars in their string form
// for the filters. The reserved key has the values of all other types.
func encodeMetadata(metadata map[string]any) (plain map[string]string, err error) {
	if metadata == nil {
		return nil, nil
	}
	plain = make(map[string]string, len(metadata)+1)
	var typed []byte
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		value := metadata[key]
		if key == reservedKey {
			return nil, fmt.Errorf("the key %q is reserved", key)
		}
		if text, ok := plainText(value); ok {
			plain[key] = text
		}
		if _, ok := value.(string); ok {
			continue
		}
		if typed, err = appendValue(appendText(typed, key), value, 0); err != nil {
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
	if err := readMap([]byte(plain[reservedKey]), metadata); err != nil {
		return nil, fmt.Errorf("damaged metadata key %q: %w", reservedKey, err)
	}
	return metadata, nil
}

// appendValue appends the name of the type and the value: its JSON, or what is in
// a list or map of any.
func appendValue(b []byte, value any, depth int) (_ []byte, err error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("lists and maps nested more than %d deep", maxDepth)
	}
	t := reflect.TypeOf(value)
	name := fmt.Sprint(t)
	var data []byte
	switch v := value.(type) {
	case nil:
	case string:
		data = []byte(v)
	case []any:
		for i := range v {
			if data, err = appendValue(data, v[i], depth+1); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if data, err = appendValue(appendText(data, key), v[key], depth+1); err != nil {
				return nil, err
			}
		}
	case time.Time:
		if _, offset := v.Zone(); offset%60 != 0 { // JSON drops seconds.
			v = v.UTC()
		}
		data, err = json.Marshal(v)
	default:
		if metadataTypes[name] != t {
			return nil, fmt.Errorf("the type %s, allowed are nil, string, bool, integers, finite floats, []byte, "+
				"time.Time, time.Duration, []any, map[string]any, and slices and maps of one of these", t)
		}
		data, err = json.Marshal(v)
	}
	return appendText(appendText(b, name), string(data)), err
}

// readMap adds keys and values to m.
func readMap(b []byte, m map[string]any) (err error) {
	for len(b) > 0 && err == nil {
		var key []byte
		key, b = cut(b)
		m[string(key)], b, err = readValue(b)
	}
	return err
}

func readValue(b []byte) (value any, rest []byte, err error) {
	name, b := cut(b)
	data, rest := cut(b)
	if rest == nil {
		return nil, nil, errCutOff
	}
	switch string(name) {
	case "<nil>":
	case "string":
		value = string(data)
	case "[]interface {}":
		list := []any{}
		for len(data) > 0 && err == nil {
			var element any
			element, data, err = readValue(data)
			list = append(list, element)
		}
		value = list
	case "map[string]interface {}":
		m := map[string]any{}
		value, err = m, readMap(data, m)
	default:
		t := metadataTypes[string(name)]
		if t == nil {
			return nil, nil, fmt.Errorf("unknown type %.50q: written by a newer version?", name)
		}
		to := reflect.New(t)
		err = json.Unmarshal(data, to.Interface())
		value = to.Elem().Interface()
	}
	return value, rest, err
}

// plainText is the form in which filters compare a value. Whole floats look like
// integers, so that a filter of 1000000 finds 1e6.
func plainText(value any) (string, bool) {
	switch v := value.(type) {
	case nil:
		return "", false
	case string:
		return v, true
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano), true
	case time.Duration:
		return strconv.FormatInt(int64(v), 10), true
	case float32:
		return strconv.FormatFloat(float64(v)+0, 'f', -1, 32), true // -0 + 0 is 0.
	case float64:
		return strconv.FormatFloat(v+0, 'f', -1, 64), true
	case bool, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return fmt.Sprint(v), true
	}
	return "", false
}
