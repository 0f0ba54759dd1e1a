// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"math"
	"reflect"
	"unsafe"

	"github.com/tmc/langchaingo/schema"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/providers"
	"github.com/spanloom/spanloom/internal/semconv"
)

// StoreTarget describes a vector store. Fields that could not be found are empty.
type StoreTarget struct {
	System, Collection string
	ServerAddress      string
	ServerPort         int
	// nameSpaceIsCollection is set if the name space of a call is a collection.
	nameSpaceIsCollection bool
	// collectionSet is set if the program has named the collection.
	collectionSet bool
}

// SetCollection sets the collection as the program names it.
func (t *StoreTarget) SetCollection(collection string) {
	t.Collection, t.collectionSet = collection, true
}

// Store describes a vector store: one of langchaingo's, one with methods System
// and Collection, or one that this library has wrapped.
func Store(s any) (t StoreTarget) {
	// The methods of a nil pointer may panic.
	defer func() { _ = recover() }()
	if w, ok := s.(interface{ StoreTarget() StoreTarget }); ok {
		return w.StoreTarget()
	}
	v := reflect.ValueOf(s)
	known := providers.Stores[packageOf(s)]
	t.System, t.nameSpaceIsCollection = known.System, known.NameSpaceIsCollection
	if known.Address != "" {
		where := location(field(v, known.Address))
		if scheme := text(field(v, "scheme")); scheme != "" && where != "" { // Weaviate's
			where = scheme + "://" + where
		}
		t.ServerAddress, t.ServerPort = endpoint(where, known.Port)
	}
	if known.Connection != "" && t.ServerAddress == "" {
		t.ServerAddress, t.ServerPort = pgxAddress(field(v, known.Connection))
	}
	if store, ok := s.(interface{ System() string }); ok {
		t.System = store.System()
		t.nameSpaceIsCollection = t.nameSpaceIsCollection || t.System == providers.Chromem
	}
	if store, ok := s.(interface{ Collection() string }); ok {
		t.Collection = store.Collection()
		return t
	}
	for _, f := range providers.CollectionFields {
		if c := text(field(v, f)); c != "" && f != known.NotCollection {
			t.Collection = c
			break
		}
	}
	return t
}

// pgxAddress reads the address out of a pgx.Conn or a pool of them.
func pgxAddress(conn reflect.Value) (string, int) {
	for _, path := range []string{"config", "config.ConnConfig"} {
		host, port := field(conn, path+".Host"), field(conn, path+".Port")
		if text(host) != "" && port.CanUint() {
			return text(host), int(port.Uint())
		}
	}
	return "", 0
}

// Append appends the attributes of a call for Start, from which span name and
// metrics are made. A name space is left out, since it often names a tenant; see
// AppendNameSpace.
func (t *StoreTarget) Append(kv []attribute.KeyValue, nameSpace string) []attribute.KeyValue {
	if t.System != "" {
		kv = append(kv, semconv.DBSystemName.String(t.System))
	}
	if c := t.nameFor(nameSpace); c != "" {
		kv = append(kv, semconv.DBCollectionName.String(c))
	}
	if t.ServerAddress != "" {
		kv = append(kv, semconv.ServerAddress.String(t.ServerAddress), semconv.ServerPort.Int(t.ServerPort))
	}
	return kv
}

// AppendNameSpace appends the name space of a call, for the span alone. clean
// redacts the name, which may hold an e-mail address.
func (t *StoreTarget) AppendNameSpace(kv []attribute.KeyValue, nameSpace string, clean func(string) string) []attribute.KeyValue {
	switch {
	case nameSpace == "":
		return kv
	case t.nameSpaceIsCollection:
		return append(kv, semconv.DBCollectionName.String(clean(nameSpace)))
	}
	return append(kv, semconv.DBNamespace.String(clean(nameSpace)))
}

// nameFor returns the collection that names a call. A name space that is another
// collection has none: it may be a tenant's.
func (t *StoreTarget) nameFor(nameSpace string) string {
	if t.nameSpaceIsCollection && !t.collectionSet && nameSpace != "" && nameSpace != t.Collection {
		return ""
	}
	return t.Collection
}

// RetrieverTarget describes a retriever. Fields that could not be found are empty.
type RetrieverTarget struct {
	// Source is the collection that is read from.
	Source string
	// TopK is the number of documents asked for.
	TopK int
	// ServerAddress and ServerPort are those of the store, unless it is in the program.
	ServerAddress string
	ServerPort    int
}

// Retriever describes langchaingo's vectorstores.Retriever by its store and
// options, and others by their method Collection. An import of vectorstores would
// burden every user of callbacks.
func Retriever(r any) (t RetrieverTarget) {
	// The methods of a nil pointer may panic.
	defer func() { _ = recover() }()
	if r, ok := r.(interface{ Collection() string }); ok {
		return RetrieverTarget{Source: r.Collection()}
	}
	from := indirect(reflect.ValueOf(r))
	if packageOfValue(from) != "vectorstores" || from.Type().Name() != "Retriever" {
		return t
	}
	v := reflect.New(from.Type()).Elem()
	v.Set(from)
	t.TopK = int(v.FieldByName("numDocs").Int())
	store := Store(exported(v.FieldByName("v")).Interface())
	t.ServerAddress, t.ServerPort = store.ServerAddress, store.ServerPort
	t.Source = store.nameFor(nameSpaceOf(exported(v.FieldByName("options"))))
	return t
}

// exported returns an addressable field without the mark that it is unexported, by
// which reflection refuses to call functions.
func exported(field reflect.Value) reflect.Value {
	return reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem()
}

// nameSpaceOf applies []vectorstores.Option. If one panics, the rest is left out:
// the store's own call will panic, too.
func nameSpaceOf(options reflect.Value) (nameSpace string) {
	o := reflect.New(options.Type().Elem().In(0).Elem())
	defer func() {
		_ = recover()
		nameSpace = text(field(o, "NameSpace"))
	}()
	for i := range options.Len() {
		options.Index(i).Call([]reflect.Value{o})
	}
	return ""
}

// AppendDocuments appends the number of documents of a retrieval and the best and
// the worst score. The best is that of the first document, since stores that report
// distances order them by rising ones.
func AppendDocuments(kv []attribute.KeyValue, docs []schema.Document) []attribute.KeyValue {
	kv = append(kv, semconv.RetrievalDocumentCount.Int(len(docs)))
	if len(docs) == 0 {
		return kv
	}
	if best := docs[0].Score; Finite(best) {
		kv = append(kv, semconv.RetrievalBestScore.Float64(float64(best)))
	}
	if worst := docs[len(docs)-1].Score; Finite(worst) {
		kv = append(kv, semconv.RetrievalWorstScore.Float64(float64(worst)))
	}
	return kv
}

// Finite reports whether JSON has a form for the number.
func Finite(f float32) bool { return !math.IsNaN(float64(f)) && !math.IsInf(float64(f), 0) }
