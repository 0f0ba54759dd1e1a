// SPDX-License-Identifier: Apache-2.0

package vectorstore

import (
	"cmp"
	"context"

	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/content"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/privacy"
)

// Names of the operations, in db.operation.name and the span's name.
const (
	operationAdd    = "add"
	operationSearch = "search"
)

// Wrap returns a store that does what s does and records each call. Results,
// errors and panics are s's own, and options reach it unchanged. It is safe for
// concurrent use if s is. The store's other methods are reached through
//
//	s.(interface{ Unwrap() vectorstores.VectorStore }).Unwrap()
//
// A store that is wrapped for h already gets the further options. With a nil handler or a nil s it returns s.
func Wrap(s vectorstores.VectorStore, h *callbacks.Handler, opts ...Option) vectorstores.VectorStore {
	if s == nil || h == nil {
		return s
	}
	target := genai.Store(s)
	if w, ok := s.(*store); ok && w.h == h {
		if len(opts) == 0 {
			return w
		}
		s = w.inner
	}
	target.System = cmp.Or(target.System, "other")
	for _, o := range opts {
		if o != nil {
			o.apply(&target)
		}
	}
	return &store{inner: s, h: h, target: target}
}

type store struct {
	inner  vectorstores.VectorStore
	h      *callbacks.Handler
	target genai.StoreTarget
}

var _ vectorstores.VectorStore = (*store)(nil)

// Unwrap returns the store inside.
func (s *store) Unwrap() vectorstores.VectorStore { return s.inner }

// Collection names the collection.
func (s *store) Collection() string { return s.target.Collection }

// System names the database.
func (s *store) System() string { return s.target.System }

// StoreTarget is for [genai.Store]: what is wrapped may not have told all of it.
func (s *store) StoreTarget() genai.StoreTarget { return s.target }

// callOptions returns the resolved options of a call. If one panics, the rest is
// left out: the store's own call will panic, too.
func callOptions(options []vectorstores.Option) (o vectorstores.Options) {
	defer func() { _ = recover() }()
	for _, opt := range options {
		opt(&o)
	}
	return o
}

// appendCall appends the attributes of a call for Start.
func (s *store) appendCall(kv []attribute.KeyValue, o *vectorstores.Options) []attribute.KeyValue {
	kv = s.target.Append(kv, o.NameSpace)
	if o.ScoreThreshold != 0 && genai.Finite(o.ScoreThreshold) {
		kv = append(kv, semconv.RetrievalThreshold.Float64(float64(o.ScoreThreshold)))
	}
	if o.Filters != nil {
		kv = append(kv, semconv.RetrievalFiltered.Bool(true))
	}
	return kv
}

func (s *store) start(ctx context.Context, operation string, o *vectorstores.Options, attrs []attribute.KeyValue) (context.Context, *callbacks.Span) {
	ctx, span := s.h.Start(ctx, callbacks.KindVectorStore, operation, attrs...)
	if span.IsRecording() && o.NameSpace != "" {
		span.SetAttributes(s.target.AppendNameSpace(nil, o.NameSpace, privacy.CleanName)...)
	}
	return ctx, span
}

// AddDocuments implements vectorstores.VectorStore.
func (s *store) AddDocuments(ctx context.Context, docs []schema.Document, options ...vectorstores.Option) ([]string, error) {
	var buf [10]attribute.KeyValue
	o := callOptions(options)
	attrs := s.appendCall(buf[:0], &o)
	if len(docs) > 1 {
		attrs = append(attrs, semconv.DBOperationBatchSize.Int(len(docs)))
	}
	ctx, span := s.start(ctx, operationAdd, &o, attrs)
	defer span.End(callbacks.ErrUnwound)
	var added *content.Added
	if span.IsRecording() {
		added = &content.Added{Docs: docs}
		span.SetInput(added)
	}
	ids, err := s.inner.AddDocuments(ctx, docs, options...)
	// With fewer ids, nothing tells which is whose.
	if added != nil && err == nil && len(ids) == len(docs) {
		added.IDs = ids
		span.SetInput(added)
	}
	span.End(err)
	return ids, err
}

// SimilaritySearch implements vectorstores.VectorStore.
func (s *store) SimilaritySearch(ctx context.Context, query string, numDocuments int, options ...vectorstores.Option) ([]schema.Document, error) {
	var buf [10]attribute.KeyValue
	o := callOptions(options)
	attrs := append(s.appendCall(buf[:0], &o), semconv.RetrievalTopK.Int(numDocuments))
	ctx, span := s.start(ctx, operationSearch, &o, attrs)
	defer span.End(callbacks.ErrUnwound)
	if span.IsRecording() {
		span.SetInput(query)
		if o.Filters != nil {
			span.SetInput(content.Filter{Value: o.Filters})
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
