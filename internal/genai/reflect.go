// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"reflect"
	"strings"
)

const (
	langchaingo  = "github.com/tmc/langchaingo/"
	spanloom     = "github.com/spanloom/spanloom/"
	cachePackage = "llms/cache"
)

// innermost follows the fields that hold the wrapped value through langchaingo's
// wrappers of a model, an embedder or a client, and through this library's. A
// wrapper in an unexported field has no methods to ask.
func innermost(v reflect.Value) reflect.Value {
	for {
		// A nil pointer still names its package.
		to := indirect(v)
		if !to.IsValid() || to.Kind() != reflect.Struct {
			return v
		}
		v = to
		next := ""
		switch pkg := v.Type().PkgPath(); {
		case pkg == langchaingo+cachePackage:
			next = "llm"
		case pkg == langchaingo+"embeddings":
			next = "client"
		case strings.HasPrefix(pkg, spanloom):
			next = "inner"
		}
		f := field(v, next)
		if !f.IsValid() || f.Kind() != reflect.Interface {
			return v
		}
		v = f
	}
}

// IsNilPointer reports whether v is a nil pointer in an interface. Its methods may
// panic, which the user's call may do but wrapping must not.
func IsNilPointer(v any) bool {
	rv := reflect.ValueOf(v)
	return rv.Kind() == reflect.Pointer && rv.IsNil()
}

// TypeName is the name of a value's type without package and pointer. It is the
// default name of chains, agents and retrievers.
func TypeName(v any) string {
	t := reflect.TypeOf(v)
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil {
		return ""
	}
	name, _, _ := strings.Cut(t.Name(), "[")
	return name
}

// packageOf returns the path of the package of v's type below langchaingo, or "".
func packageOf(v any) string { return packageOfValue(reflect.ValueOf(v)) }

func packageOfValue(v reflect.Value) string {
	if !v.IsValid() {
		return ""
	}
	t := v.Type()
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if path, ok := strings.CutPrefix(t.PkgPath(), langchaingo); ok {
		return path
	}
	return ""
}

// field follows a dotted path of struct fields, through pointers and interfaces.
// It returns the zero Value if a field does not exist.
func field(v reflect.Value, path string) reflect.Value {
	for name := range strings.SplitSeq(path, ".") {
		v = indirect(v)
		if !v.IsValid() || v.Kind() != reflect.Struct {
			return reflect.Value{}
		}
		v = v.FieldByName(name)
	}
	return v
}

func indirect(v reflect.Value) reflect.Value {
	for v.IsValid() && (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) {
		v = v.Elem()
	}
	return v
}

// text reads a string, also from an unexported field, where Interface panics.
func text(v reflect.Value) string {
	if v = indirect(v); v.IsValid() && v.Kind() == reflect.String {
		return v.String()
	}
	return ""
}

// IsCache reports whether m is langchaingo's cache around a model.
func IsCache(m any) bool { return packageOf(m) == cachePackage }

// AppliesOptions reports whether the model in a cache is known to apply call
// options. Options of a call that reached it were applied twice.
func AppliesOptions(m any) bool {
	_, c := clientOf(m)
	return c.Provider != Unknown && !c.IgnoresOptions
}

// CachesWrapped reports whether a cache holds a model that models.Wrap made.
func CachesWrapped(m any) bool {
	v := indirect(field(reflect.ValueOf(m), "llm"))
	return v.IsValid() && v.Type().PkgPath() == spanloom+"models" && v.Type().Name() == "model"
}
