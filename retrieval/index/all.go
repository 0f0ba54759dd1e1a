// SPDX-License-Identifier: Apache-2.0

package index

import (
	"context"
	"reflect"

	"github.com/tmc/langchaingo/vectorstores"
)

// allOf returns the method All of a store such as chromem's,
//
//	All(ctx context.Context, options ...vectorstores.Option) iter.Seq2[Entry, error]
//
// where Entry is a struct with ID and Metadata, or nil. Its type is the store's
// own, so no interface can name it, and importing chromem would make everybody
// who uses this package link it.
func allOf(s vectorstores.VectorStore) listFunc {
	all := reflect.ValueOf(s).MethodByName("All")
	if !all.IsValid() || all.Type().NumIn() != 2 || all.Type().NumOut() != 1 || !all.Type().IsVariadic() ||
		all.Type().In(0) != reflect.TypeFor[context.Context]() ||
		all.Type().In(1) != reflect.TypeFor[[]vectorstores.Option]() ||
		!all.Type().Out(0).CanSeq2() || all.Type().Out(0).Kind() != reflect.Func {
		return nil
	}
	yield := all.Type().Out(0).In(0)
	entry := yield.In(0)
	if yield.In(1) != reflect.TypeFor[error]() || entry.Kind() != reflect.Struct {
		return nil
	}
	id, ok1 := entry.FieldByName("ID")
	metadata, ok2 := entry.FieldByName("Metadata")
	if !ok1 || !ok2 || id.Type != reflect.TypeFor[string]() || metadata.Type != reflect.TypeFor[map[string]any]() {
		return nil
	}
	return func(ctx context.Context, yield func(string, map[string]any) bool, options ...vectorstores.Option) error {
		in := []reflect.Value{reflect.ValueOf(&ctx).Elem(), reflect.ValueOf(options)}
		for e, err := range all.CallSlice(in)[0].Seq2() {
			if err, ok := reflect.TypeAssert[error](err); ok {
				return err
			}
			m, _ := reflect.TypeAssert[map[string]any](e.FieldByIndex(metadata.Index))
			if !yield(e.FieldByIndex(id.Index).String(), m) {
				return nil
			}
		}
		return nil
	}
}
