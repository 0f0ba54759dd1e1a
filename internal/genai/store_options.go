// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
)

// StoreOptions returns the resolved options of a store's call. They are setters of
// an exported struct. If one panics, the rest is left out: the store's own call
// will panic, too.
func StoreOptions(options []vectorstores.Option) (o vectorstores.Options) {
	defer func() { _ = recover() }()
	for _, opt := range options {
		opt(&o)
	}
	return o
}

// Append appends the attributes of a call for Start, from which span name and
// metrics are made. A name space is left out, since it often names a tenant; see
// AppendNameSpace.
func (t *StoreTarget) Append(kv []attribute.KeyValue, o *vectorstores.Options) []attribute.KeyValue {
	if t.System != "" {
		kv = append(kv, semconv.DBSystemName.String(t.System))
	}
	if c := t.nameFor(o.NameSpace); c != "" {
		kv = append(kv, semconv.DBCollectionName.String(c))
	}
	if t.ServerAddress != "" {
		kv = append(kv, semconv.ServerAddress.String(t.ServerAddress), semconv.ServerPort.Int(t.ServerPort))
	}
	if o.ScoreThreshold != 0 && Finite(o.ScoreThreshold) {
		kv = append(kv, semconv.RetrievalThreshold.Float64(float64(o.ScoreThreshold)))
	}
	if o.Filters != nil {
		kv = append(kv, semconv.RetrievalFiltered.Bool(true))
	}
	return kv
}

// AppendNameSpace appends the name space of a call, for the span alone. clean
// redacts the name, which may hold an e-mail address.
func (t *StoreTarget) AppendNameSpace(kv []attribute.KeyValue, o *vectorstores.Options, clean func(string) string) []attribute.KeyValue {
	switch {
	case o.NameSpace == "":
		return kv
	case t.nameSpaceIsCollection:
		return append(kv, semconv.DBCollectionName.String(clean(o.NameSpace)))
	}
	return append(kv, semconv.DBNamespace.String(clean(o.NameSpace)))
}

// nameFor returns the collection that names a call. A name space that is another
// collection has none: it may be a tenant's.
func (t *StoreTarget) nameFor(nameSpace string) string {
	if t.nameSpaceIsCollection && !t.collectionSet && nameSpace != "" && nameSpace != t.Collection {
		return ""
	}
	return t.Collection
}
