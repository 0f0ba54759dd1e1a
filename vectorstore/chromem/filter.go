// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"fmt"
	"slices"

	chromemgo "github.com/philippgille/chromem-go"
)

// Filter restricts a search by metadata and by page content. A document must
// meet all conditions. Give it to [vectorstores.WithFilters].
type Filter struct {
	// Where has metadata keys and the string form of their values.
	Where map[string]string
	// WhereDocument has "$contains" or "$not_contains" and a part of the page
	// content, upper and lower case told apart.
	WhereDocument map[string]string
}

func newFilter(filters any) (Filter, error) {
	var f Filter
	switch v := filters.(type) {
	case nil:
	case Filter:
		f = v
	case map[string]string:
		f.Where = v
	case map[string]any:
		f.Where = make(map[string]string, len(v))
		for key, value := range v {
			text, ok := plainText(value)
			if !ok {
				return f, fmt.Errorf("%w: the value of key %q is of type %T, "+
					"allowed are string, bool, integers, floats, time.Time and time.Duration", ErrUnsupportedFilter, key, value)
			}
			f.Where[key] = text
		}
	default:
		return f, fmt.Errorf("%w: the type %T, allowed are map[string]string, map[string]any and chromem.Filter",
			ErrUnsupportedFilter, filters)
	}
	if _, ok := f.Where[reservedKey]; ok {
		return f, fmt.Errorf("%w: the key %q is reserved", ErrUnsupportedFilter, reservedKey)
	}
	for op := range f.WhereDocument {
		if op != "$contains" && op != "$not_contains" {
			return f, fmt.Errorf("%w: the operator %q, allowed are $contains and $not_contains",
				ErrUnsupportedFilter, op)
		}
	}
	return f, nil
}

func (f Filter) hasEmptyValue() bool {
	for _, value := range f.Where {
		if value == "" {
			return true
		}
	}
	return false
}

// onlyWithKeys removes the documents without one of the keys: chromem-go takes a
// missing key for an empty value.
func (f Filter) onlyWithKeys(found []chromemgo.Result) []chromemgo.Result {
	return slices.DeleteFunc(found, func(r chromemgo.Result) bool {
		for key := range f.Where {
			if _, ok := r.Metadata[key]; !ok {
				return true
			}
		}
		return false
	})
}
