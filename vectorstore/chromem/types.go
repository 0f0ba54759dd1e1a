// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

const (
	typeNil      = "nil"
	typeAny      = "any"
	typeString   = "string"
	typeTime     = "time"
	typeDuration = "time.Duration"
	typeBytes    = "[]uint8"

	slicePrefix = "[]"
	mapPrefix   = "map[string]"
	// mapBefore is map[string]any in files of chromem-go.
	mapBefore = "map"
)

// elementTypes are what slices and maps may be made of, besides slices and maps.
var elementTypes = map[string]reflect.Type{
	typeAny:      reflect.TypeFor[any](),
	typeString:   reflect.TypeFor[string](),
	typeTime:     reflect.TypeFor[time.Time](),
	typeDuration: reflect.TypeFor[time.Duration](),
	"bool":       reflect.TypeFor[bool](),
	"int":        reflect.TypeFor[int](),
	"int8":       reflect.TypeFor[int8](),
	"int16":      reflect.TypeFor[int16](),
	"int32":      reflect.TypeFor[int32](),
	"int64":      reflect.TypeFor[int64](),
	"uint":       reflect.TypeFor[uint](),
	"uint8":      reflect.TypeFor[uint8](),
	"uint16":     reflect.TypeFor[uint16](),
	"uint32":     reflect.TypeFor[uint32](),
	"uint64":     reflect.TypeFor[uint64](),
	"float32":    reflect.TypeFor[float32](),
	"float64":    reflect.TypeFor[float64](),
}

var elementNames = func() map[reflect.Type]string {
	names := make(map[reflect.Type]string, len(elementTypes))
	for name, t := range elementTypes {
		names[t] = name
	}
	return names
}()

// listName returns the name of a slice or map, and false if it is not made of
// supported types, or is a type of another name.
func listName(t reflect.Type) (string, bool) {
	if element, ok := elementNames[t]; ok {
		return element, true
	}
	var prefix string
	switch {
	case t.Name() != "":
		return "", false
	case t.Kind() == reflect.Slice:
		prefix = slicePrefix
	case t.Kind() == reflect.Map && t.Key() == elementTypes[typeString]:
		prefix = mapPrefix
	default:
		return "", false
	}
	element, ok := listName(t.Elem())
	return prefix + element, ok
}

// parseList returns the type of a name of listName and the name of its elements.
func parseList(name string) (list reflect.Type, element string, err error) {
	if name == mapBefore {
		name = mapPrefix + typeAny
	}
	isMap := false
	element, ok := strings.CutPrefix(name, slicePrefix)
	if !ok {
		element, isMap = strings.CutPrefix(name, mapPrefix)
	}
	if !ok && !isMap {
		return nil, "", fmt.Errorf("unknown type %.50q: written by a newer version?", name)
	}
	t, ok := elementTypes[element]
	if !ok {
		if t, _, err = parseList(element); err != nil {
			return nil, "", err
		}
	}
	if isMap {
		return reflect.MapOf(elementTypes[typeString], t), element, nil
	}
	return reflect.SliceOf(t), element, nil
}
