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

// CollectionOf is the collection that a call with the name space, or none, goes
// to.
func (t *StoreTarget) CollectionOf(name string) string {
	if name != "" && t.nameSpace != nameSpaceInside {
		return name
	}
	return t.Collection
}

// Append appends what is known of a call by the store and by the call's options.
func (t *StoreTarget) Append(kv []attribute.KeyValue, o *vectorstores.Options) []attribute.KeyValue {
	if t.System != "" {
		kv = append(kv, semconv.DBSystemName.String(t.System))
	}
	if c := t.CollectionOf(o.NameSpace); c != "" {
		kv = append(kv, semconv.DBCollectionName.String(c))
	}
	if t.ServerAddress != "" {
		kv = append(kv, semconv.ServerAddress.String(t.ServerAddress), semconv.ServerPort.Int(t.ServerPort))
	}
	if o.NameSpace != "" && t.nameSpace == nameSpaceInside {
		kv = append(kv, semconv.DBNamespace.String(o.NameSpace))
	}
	if o.ScoreThreshold != 0 && finite(o.ScoreThreshold) {
		kv = append(kv, semconv.RetrievalThreshold.Float64(float64(o.ScoreThreshold)))
	}
	if o.Filters != nil {
		kv = append(kv, semconv.RetrievalFiltered.Bool(true))
	}
	return kv
}
