// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// nilName is stored in place of the name of a type.
const nilName = "nil"

var timeType = reflect.TypeFor[time.Time]()

// scalarTypes are what metadata values, slices and maps may be made of.
var scalarTypes = map[string]reflect.Type{
	"any": reflect.TypeFor[any](), "string": reflect.TypeFor[string](), "bool": reflect.TypeFor[bool](),
	"time": timeType, "duration": reflect.TypeFor[time.Duration](),
	"int": reflect.TypeFor[int](), "int8": reflect.TypeFor[int8](), "int16": reflect.TypeFor[int16](),
	"int32": reflect.TypeFor[int32](), "int64": reflect.TypeFor[int64](),
	"uint": reflect.TypeFor[uint](), "uint8": reflect.TypeFor[uint8](), "uint16": reflect.TypeFor[uint16](),
	"uint32": reflect.TypeFor[uint32](), "uint64": reflect.TypeFor[uint64](),
	"float32": reflect.TypeFor[float32](), "float64": reflect.TypeFor[float64](),
}

var scalarNames = func() map[reflect.Type]string {
	names := make(map[reflect.Type]string, len(scalarTypes))
	for name, t := range scalarTypes {
		names[t] = name
	}
	return names
}()

const (
	slicePrefix = "[]"
	mapPrefix   = "map:"
)

// typeName returns the name under which a type is stored, and false if it is not
// supported. A defined type is not supported, whatever it is made of.
func typeName(t reflect.Type) (string, bool) {
	if name, ok := scalarNames[t]; ok {
		return name, true
	}
	prefix := slicePrefix
	switch {
	case t.Name() != "":
		return "", false
	case t.Kind() == reflect.Map && t.Key() == scalarTypes["string"]:
		prefix = mapPrefix
	case t.Kind() != reflect.Slice:
		return "", false
	}
	name, ok := typeName(t.Elem())
	return prefix + name, ok
}

// parseType returns the type of a name of typeName.
func parseType(name string) (reflect.Type, error) {
	if t, ok := scalarTypes[name]; ok {
		return t, nil
	}
	listOf, element := reflect.SliceOf, strings.TrimPrefix(name, slicePrefix)
	if strings.HasPrefix(name, mapPrefix) {
		listOf = func(t reflect.Type) reflect.Type { return reflect.MapOf(scalarTypes["string"], t) }
		element = strings.TrimPrefix(name, mapPrefix)
	}
	// Names of 100 levels are shorter.
	if element == name || len(name) > 1000 {
		return nil, fmt.Errorf("unknown type %.50q: written by a newer version?", name)
	}
	t, err := parseType(element)
	if err != nil {
		return nil, err
	}
	return listOf(t), nil
}
