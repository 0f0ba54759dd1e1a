// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"reflect"
	"strings"

	"github.com/tmc/langchaingo/embeddings"
)

// innermost follows what wraps a model, an embedder or a client of either by the
// fields that hold it: langchaingo's own wrappers, and this library's, which
// cannot be asked when they are in an unexported field.
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
		case v.Type() == reflect.TypeFor[embeddings.EmbedderImpl]():
			next = "client"
		case pkg == "": // the optional methods of a wrapped model
			next = "core"
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

// IsNilPointer reports whether v is a nil pointer in an interface: asking it, or
// copying what it points to, panics. The user's call will, too, but wrapping
// must not.
func IsNilPointer(v any) bool {
	rv := reflect.ValueOf(v)
	return rv.Kind() == reflect.Pointer && rv.IsNil()
}

// TypeName is the name of a value's type without package and pointer, the
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

const (
	langchaingo = "github.com/tmc/langchaingo/"
	spanloom    = "github.com/spanloom/spanloom/"
)

func packageOf(v any) string {
	if v == nil {
		return ""
	}
	return packageOfType(reflect.TypeOf(v))
}

func packageOfValue(v reflect.Value) string {
	if !v.IsValid() {
		return ""
	}
	return packageOfType(v.Type())
}

func packageOfType(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if !strings.HasPrefix(t.PkgPath(), langchaingo) {
		return ""
	}
	return lastTwo(t.PkgPath())
}

func lastTwo(path string) string {
	parts := strings.Split(path, "/")
	if len(parts) < 2 {
		return path
	}
	return strings.Join(parts[len(parts)-2:], "/")
}

// field follows a dotted path of struct fields, through pointers and
// interfaces. What is not there is the zero Value.
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

// text reads a string even from an unexported field, where Interface would
// panic.
func text(v reflect.Value) string {
	if v = indirect(v); v.IsValid() && v.Kind() == reflect.String {
		return v.String()
	}
	return ""
}
