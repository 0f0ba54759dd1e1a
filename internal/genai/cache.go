// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"reflect"

	"github.com/spanloom/spanloom/internal/providers"
)

const cachePackage = "llms/cache"

// IsCache reports whether m is langchaingo's cache around a model.
func IsCache(m any) bool { return packageOf(m) == cachePackage }

// AppliesOptions reports whether the model in a cache is known to apply call
// options. Options of a call that reached it were applied twice.
func AppliesOptions(m any) bool {
	c, ok := providers.ClientOf(packageOfValue(innermost(reflect.ValueOf(m))))
	return ok && !c.IgnoresOptions
}

// CachesWrapped reports whether a cache holds a model that models.Wrap made.
func CachesWrapped(m any) bool {
	v := indirect(field(reflect.ValueOf(m), "llm"))
	if v.IsValid() && v.Kind() == reflect.Struct && v.Type().PkgPath() == "" {
		v = indirect(field(v, "core"))
	}
	return v.IsValid() && v.Type().PkgPath() == spanloom+"models" && v.Type().Name() == "model"
}
