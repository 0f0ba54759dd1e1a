// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

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

// filter is a Filter, which chromem-go applies, and checks for its results.
type filter struct {
	Filter
	checks []func(metadata map[string]string) bool
}

func newFilter(filters any) (f filter, err error) {
	switch v := filters.(type) {
	case nil:
	case Filter:
		f.Filter = v
	case map[string]string:
		f.Where = v
	case map[string]any:
		f.Where = make(map[string]string, len(v))
		for key, value := range v {
			operators, ok := value.(map[string]any)
			if !ok {
				f.Where[key], err = filterText(key, value)
			}
			for op, operand := range operators {
				if err == nil {
					err = f.addOperator(key, op, operand)
				}
			}
			if err != nil {
				return f, err
			}
		}
	default:
		return f, fmt.Errorf("%w: the type %T, allowed are map[string]string, map[string]any and chromem.Filter",
			ErrUnsupportedFilter, filters)
	}
	for key, value := range f.Where {
		if _, err := filterText(key, value); err != nil {
			return f, err
		}
		if value == "" { // chromem-go takes a missing key for an empty value.
			f.addCheck(key, func(string) bool { return true })
		}
	}
	for op := range f.WhereDocument {
		if op != "$contains" && op != "$not_contains" {
			return f, fmt.Errorf("%w: the operator %q, allowed are $contains and $not_contains",
				ErrUnsupportedFilter, op)
		}
	}
	return f, nil
}

// incomparable stands beside the three results of [cmp.Compare].
const incomparable = 2

var orders = map[string][]int{
	"$eq": {0}, "$ne": {-1, 1, incomparable}, "$gt": {1}, "$gte": {0, 1}, "$lt": {-1}, "$lte": {-1, 0},
}

func (f *filter) addOperator(key, op string, operand any) error {
	if list := reflect.ValueOf(operand); op == "$in" && list.Kind() == reflect.Slice {
		texts := make([]string, list.Len())
		for i := range texts {
			var err error
			if texts[i], err = filterText(key, list.Index(i).Interface()); err != nil {
				return err
			}
		}
		f.addCheck(key, func(text string) bool { return slices.Contains(texts, text) })
		return nil
	}
	accepted, ok := orders[op]
	if !ok {
		return fmt.Errorf("%w: the operator %q of key %q, allowed are $eq, $ne, $gt, $gte, $lt, $lte, and $in with a slice",
			ErrUnsupportedFilter, op, key)
	}
	want, err := filterText(key, operand)
	f.addCheck(key, func(text string) bool { return slices.Contains(accepted, compare(text, want, operand)) })
	return err
}

// compare compares two string forms: as times or numbers if the operand is one.
func compare(text, want string, operand any) int {
	switch operand := operand.(type) {
	case string, bool:
		return strings.Compare(text, want)
	case time.Time:
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return t.Compare(operand)
		}
		return incomparable
	}
	x, err := strconv.ParseFloat(text, 64)
	y, _ := strconv.ParseFloat(want, 64)
	if err != nil || math.IsNaN(x) || math.IsNaN(y) {
		return incomparable
	}
	return cmp.Compare(x, y)
}

// addCheck adds a check of the string form of a key's value. A document without
// the key fails it.
func (f *filter) addCheck(key string, check func(text string) bool) {
	f.checks = append(f.checks, func(metadata map[string]string) bool {
		text, ok := metadata[key]
		return ok && check(text)
	})
}

// check removes the documents that fail one of the checks.
func (f *filter) check(found []chromemgo.Result) []chromemgo.Result {
	return slices.DeleteFunc(found, func(r chromemgo.Result) bool {
		return slices.ContainsFunc(f.checks, func(check func(map[string]string) bool) bool { return !check(r.Metadata) })
	})
}

func (f *filter) empty() bool {
	return len(f.Where) == 0 && len(f.WhereDocument) == 0 && len(f.checks) == 0
}

// filterText is the string form in which a value is compared.
func filterText(key string, value any) (string, error) {
	text, ok := plainText(value)
	if key == reservedKey {
		return "", fmt.Errorf("%w: the key %q is reserved", ErrUnsupportedFilter, key)
	}
	if !ok {
		return "", fmt.Errorf("%w: the value of key %q is of type %T, "+
			"allowed are string, bool, integers, floats, time.Time and time.Duration", ErrUnsupportedFilter, key, value)
	}
	return text, nil
}
