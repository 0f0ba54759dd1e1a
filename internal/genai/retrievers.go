// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"reflect"
	"unsafe"

	"github.com/tmc/langchaingo/vectorstores"
)

// RetrieverTarget describes a retriever. Fields that could not be found are empty.
type RetrieverTarget struct {
	// Source is the collection that is read from.
	Source string
	// TopK is the number of documents asked for.
	TopK int
}

// Retriever describes langchaingo's vectorstores.Retriever by its store and
// options, and others by their method Collection.
func Retriever(r any) (t RetrieverTarget) {
	// The methods of a nil pointer may panic.
	defer func() { _ = recover() }()
	var v vectorstores.Retriever
	switch r := r.(type) {
	case vectorstores.Retriever:
		v = r
	case *vectorstores.Retriever:
		v = *r
	case interface{ Collection() string }:
		t.Source = r.Collection()
		return t
	default:
		return t
	}
	store := Store(unexported[vectorstores.VectorStore](&v, "v"))
	o := StoreOptions(unexported[[]vectorstores.Option](&v, "options"))
	t.Source, t.TopK = store.nameFor(o.NameSpace), unexported[int](&v, "numDocs")
	return t
}

// unexported returns the value of an unexported field. The options are functions,
// which reflection refuses to call. It returns the zero value if the field does
// not exist or has another type.
func unexported[T any](r *vectorstores.Retriever, name string) (value T) {
	f := reflect.ValueOf(r).Elem().FieldByName(name)
	if !f.IsValid() || f.Type() != reflect.TypeFor[T]() {
		return value
	}
	return *(*T)(unsafe.Pointer(f.UnsafeAddr()))
}
