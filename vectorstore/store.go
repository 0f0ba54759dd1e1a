// SPDX-License-Identifier: Apache-2.0

package vectorstore

import (
	"context"

	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
)

// Names of the operations, in db.operation.name and the span's name.
const (
	operationAdd    = "add"
	operationSearch = "search"
)

const otherSystem = "other"

// Wrap returns a store that does what s does and records each call. Results,
// errors and panics are s's own, and options reach it unchanged. It is safe for
// concurrent use if s is. The store's other methods are reached through
//
//	s.(interface{ Unwrap() vectorstores.VectorStore }).Unwrap()
//
// With a nil handler or a nil s it returns s.
func Wrap(s vectorstores.VectorStore, h *callbacks.Handler, opts ...Option) vectorstores.VectorStore {
	if s == nil || h == nil {
		return s
	}
	if w, ok := s.(*store); ok && w.h == h {
		if len(opts) == 0 {
			return w
		}
		s = w.inner
	}
	c := config{genai.Store(s)}
	if c.System == "" {
		c.System = otherSystem
	}
	for _, o := range opts {
		if o != nil {
			c = o.apply(c)
		}
	}
	w := &store{inner: s, h: h, target: c.StoreTarget}
	w.attrs = []attribute.KeyValue{semconv.DBSystemName.String(c.System)}
	if c.Collection != "" {
		w.attrs = append(w.attrs, semconv.DBCollectionName.String(c.Collection))
	}
	if c.ServerAddress != "" {
		w.attrs = append(w.attrs, semconv.ServerAddress.String(c.ServerAddress), semconv.ServerPort.Int(c.ServerPort))
	}
	return w
}

type store struct {
	inner  vectorstores.VectorStore
	h      *callbacks.Handler
	target genai.StoreTarget
	attrs  []attribute.KeyValue
}

var _ vectorstores.VectorStore = (*store)(nil)

// Unwrap returns the store inside.
func (s *store) Unwrap() vectorstores.VectorStore { return s.inner }

// Collection names the collection.
func (s *store) Collection() string { return s.target.Collection }

// System names the database.
func (s *store) System() string { return s.target.System }

// AddDocuments implements vectorstores.VectorStore.
func (s *store) AddDocuments(ctx context.Context, docs []schema.Document, options ...vectorstores.Option) ([]string, error) {
	var buf [10]attribute.KeyValue
	attrs, _ := s.describe(buf[:0], options)
	if len(docs) > 1 {
		attrs = append(attrs, semconv.DBOperationBatchSize.Int(len(docs)))
	}
	ctx, span := s.h.Start(ctx, callbacks.KindVectorStore, operationAdd, attrs...)
	defer span.End(callbacks.ErrUnwound)
	if span.IsRecording() {
		span.SetInput(docs)
	}
	ids, err := s.inner.AddDocuments(ctx, docs, options...)
	span.End(err)
	return ids, err
}

// SimilaritySearch implements vectorstores.VectorStore.
func (s *store) SimilaritySearch(ctx context.Context, query string, numDocuments int, options ...vectorstores.Option) ([]schema.Document, error) {
	var buf [10]attribute.KeyValue
	attrs, o := s.describe(buf[:0], options)
	attrs = append(attrs, semconv.RetrievalTopK.Int(numDocuments))
	ctx, span := s.h.Start(ctx, callbacks.KindVectorStore, operationSearch, attrs...)
	defer span.End(callbacks.ErrUnwound)
	if span.IsRecording() {
		span.SetInput(query)
		if o.Filters != nil {
			span.SetInput(o)
		}
	}
	docs, err := s.inner.SimilaritySearch(ctx, query, numDocuments, options...)
	if span != nil && err == nil {
		span.SetAttributes(genai.AppendDocuments([]attribute.KeyValue{semconv.DBReturnedRows.Int(len(docs))}, docs)...)
		span.SetOutput(docs)
	}
	span.End(err)
	return docs, err
}

// describe appends what is known of a call by the store and by its options,
// which are plain setters of an exported struct and may be applied to one of
// ours.
func (s *store) describe(kv []attribute.KeyValue, options []vectorstores.Option) ([]attribute.KeyValue, vectorstores.Options) {
	kv = append(kv, s.attrs...)
	o := resolve(options)
	if o.NameSpace != "" {
		kv = append(kv, semconv.DBNamespace.String(o.NameSpace))
	}
	if o.ScoreThreshold != 0 {
		kv = append(kv, semconv.RetrievalThreshold.Float64(float64(o.ScoreThreshold)))
	}
	if o.Filters != nil {
		kv = append(kv, semconv.RetrievalFiltered.Bool(true))
	}
	return kv, o
}

// resolve applies the caller's options to a copy; one that panics on it is the
// store's to meet.
func resolve(options []vectorstores.Option) (o vectorstores.Options) {
	defer func() { _ = recover() }()
	for _, opt := range options {
		opt(&o)
	}
	return o
}
