// SPDX-License-Identifier: Apache-2.0

package retrieval

import (
	"context"

	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
)

// Option configures [Wrap]. A nil Option is ignored.
type Option interface{ apply(*retriever) }

type optionFunc func(*retriever)

func (f optionFunc) apply(r *retriever) { f(r) }

// WithName names what is read from, in the span's name and in
// gen_ai.data_source.id. Default: the collection of the vector store behind the
// retriever, where that can be found, or that of the retriever's name space.
func WithName(name string) Option {
	return optionFunc(func(r *retriever) { r.name = name })
}

// Wrap returns a retriever that does what r does and records each call as
// "retrieval {name}", errors included, for which langchaingo has no event. The
// number of documents found is spanloom.retrieval.document_count: zero is the
// commonest fault of RAG in production. Results, errors and panics are r's own.
// It is safe for concurrent use if r is. A retriever that is wrapped for h
// already gets the further options. With a nil handler or a nil r it returns r.
func Wrap(r schema.Retriever, h *callbacks.Handler, opts ...Option) schema.Retriever {
	if r == nil || h == nil {
		return r
	}
	if w, ok := r.(*retriever); ok && w.h == h {
		if len(opts) == 0 {
			return w
		}
		again := *w
		return again.with(opts)
	}
	target := genai.Retriever(r)
	w := &retriever{inner: r, h: h, name: target.Source}
	if k := target.TopK; k > 0 {
		w.attrs = append(w.attrs, semconv.RetrievalTopK.Int(k))
	}
	if target.ServerAddress != "" {
		w.attrs = append(w.attrs, semconv.ServerAddress.String(target.ServerAddress), semconv.ServerPort.Int(target.ServerPort))
	}
	// Events of h from inside would be of the same call; other handlers stay.
	if v, ok := r.(vectorstores.Retriever); ok {
		v.CallbacksHandler = h.Strip(v.CallbacksHandler)
		w.inner = v
	}
	return w.with(opts)
}

func (r *retriever) with(opts []Option) *retriever {
	for _, o := range opts {
		if o != nil {
			o.apply(r)
		}
	}
	return r
}

type retriever struct {
	inner schema.Retriever
	h     *callbacks.Handler
	name  string
	attrs []attribute.KeyValue
}

var _ schema.Retriever = (*retriever)(nil)

// Unwrap returns the retriever inside.
func (r *retriever) Unwrap() schema.Retriever { return r.inner }

// Collection names what is read from.
func (r *retriever) Collection() string { return r.name }

// GetRelevantDocuments implements schema.Retriever.
func (r *retriever) GetRelevantDocuments(ctx context.Context, query string) ([]schema.Document, error) {
	ctx, span := r.h.Start(ctx, callbacks.KindRetrieval, r.name, r.attrs...)
	defer span.End(callbacks.ErrUnwound)
	if span != nil {
		span.SetInput(query)
	}
	docs, err := r.inner.GetRelevantDocuments(ctx, query)
	if span != nil && err == nil {
		span.SetAttributes(genai.AppendDocuments(nil, docs)...)
		span.SetOutput(docs)
	}
	span.End(err)
	return docs, err
}
