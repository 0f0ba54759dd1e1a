// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"reflect"
	"unsafe"

	"github.com/tmc/langchaingo/vectorstores"
)

// RetrieverTarget is what a retriever tells about itself. Fields that could not
// be found are empty.
type RetrieverTarget struct {
	// Source is the collection that is read from.
	Source string
	// TopK is the number of documents asked for.
	TopK int
}

// Retriever describes langchaingo's vectorstores.Retriever by the store and the
// options inside it, and others by their method Collection.
func Retriever(r any) (t RetrieverTarget) {
	// As with Store, a nil pointer must not end the program here.
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

// unexported reads a field whose value must be used and not only looked at: the
// options are functions, which reflection does not call for others than their
// package. A field that is not there, or is of another type, is the zero value.
func unexported[T any](r *vectorstores.Retriever, name string) (value T) {
	f := reflect.ValueOf(r).Elem().FieldByName(name)
	if !f.IsValid() || f.Type() != reflect.TypeFor[T]() {
		return value
	}
	return *(*T)(unsafe.Pointer(f.UnsafeAddr()))
}
