// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
)

// StoreOptions applies the options of a store's call to a value of ours: they
// are plain setters of an exported struct. One that panics on it is the store's
// to meet.
func StoreOptions(options []vectorstores.Option) (o vectorstores.Options) {
	defer func() { _ = recover() }()
	for _, opt := range options {
		opt(&o)
	}
	return o
}

// Append appends what is known of a call by the store and by the call's options,
// for Start. A name space is often a tenant's: it is no part of the span's name or
// of metrics, and where it selects another collection, AppendNameSpace has that.
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

// AppendNameSpace appends what is known of a call by its name space, for the span
// alone. clean makes sure of the name, which may hold an e-mail address.
func (t *StoreTarget) AppendNameSpace(kv []attribute.KeyValue, o *vectorstores.Options, clean func(string) string) []attribute.KeyValue {
	switch {
	case o.NameSpace == "":
		return kv
	case t.bySpace:
		return append(kv, semconv.DBCollectionName.String(clean(o.NameSpace)))
	}
	return append(kv, semconv.DBNamespace.String(clean(o.NameSpace)))
}

// nameFor returns the collection that names a call with the name space, or none:
// what the program has stated, else the store's own if the call goes there.
func (t *StoreTarget) nameFor(nameSpace string) string {
	if t.bySpace && !t.stated && nameSpace != "" && nameSpace != t.Collection {
		return ""
	}
	return t.Collection
}
