// SPDX-License-Identifier: Apache-2.0

package retrieval

import (
	"context"

	"github.com/tmc/langchaingo/embeddings"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
)

// EmbedderOption configures [WrapEmbedder]. A nil EmbedderOption is ignored.
type EmbedderOption interface {
	applyEmbedder(embedderConfig) embedderConfig
}

type embedderOptionFunc func(embedderConfig) embedderConfig

func (f embedderOptionFunc) applyEmbedder(c embedderConfig) embedderConfig { return f(c) }

type embedderConfig struct{ provider, model string }

// WithProvider states gen_ai.provider.name. Default: found from the type of the
// embedder or of its client, else "unknown".
func WithProvider(name string) EmbedderOption {
	return embedderOptionFunc(func(c embedderConfig) embedderConfig {
		c.provider = name
		return c
	})
}

// WithModel states the embedding model. Default: what the embedder was made
// with, where that can be found.
func WithModel(name string) EmbedderOption {
	return embedderOptionFunc(func(c embedderConfig) embedderConfig {
		c.model = name
		return c
	})
}

// WrapEmbedder returns an embedder that does what e does and records each call
// as "embeddings {model}", with the number of texts and of dimensions. Results,
// errors and panics are e's own, and so is what e does to the caller's slice of
// texts. With a nil handler or a nil e it returns e.
func WrapEmbedder(e embeddings.Embedder, h *callbacks.Handler, opts ...EmbedderOption) embeddings.Embedder {
	if e == nil || h == nil {
		return e
	}
	if w, ok := e.(*embedder); ok && w.h == h {
		if len(opts) == 0 {
			return w
		}
		e = w.inner
	}
	t := genai.EmbedderTarget(e)
	c := embedderConfig{provider: t.Provider, model: t.Model}
	for _, o := range opts {
		if o != nil {
			c = o.applyEmbedder(c)
		}
	}
	attrs := []attribute.KeyValue{semconv.ProviderName.String(c.provider)}
	if t.ServerAddress != "" {
		attrs = append(attrs, semconv.ServerAddress.String(t.ServerAddress), semconv.ServerPort.Int(t.ServerPort))
	}
	return &embedder{inner: e, h: h, model: c.model, attrs: attrs}
}

type embedder struct {
	inner embeddings.Embedder
	h     *callbacks.Handler
	model string
	attrs []attribute.KeyValue
}

var _ embeddings.Embedder = (*embedder)(nil)

// Unwrap returns the embedder inside.
func (e *embedder) Unwrap() embeddings.Embedder { return e.inner }

// EmbedDocuments implements embeddings.Embedder.
func (e *embedder) EmbedDocuments(ctx context.Context, texts []string) ([][]float32, error) {
	ctx, span := e.h.Start(ctx, callbacks.KindEmbeddings, e.model, e.attrs...)
	defer span.End(callbacks.ErrUnwound)
	if span != nil {
		span.SetAttributes(semconv.EmbeddingsBatchSize.Int(len(texts)))
		span.SetInput(texts)
	}
	vectors, err := e.inner.EmbedDocuments(ctx, texts)
	if span != nil && len(vectors) > 0 {
		span.SetAttributes(semconv.EmbeddingsDimensions.Int(len(vectors[0])))
	}
	span.End(err)
	return vectors, err
}

// EmbedQuery implements embeddings.Embedder.
func (e *embedder) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	ctx, span := e.h.Start(ctx, callbacks.KindEmbeddings, e.model, e.attrs...)
	defer span.End(callbacks.ErrUnwound)
	if span != nil {
		span.SetAttributes(semconv.EmbeddingsBatchSize.Int(1))
		span.SetInput(text)
	}
	vector, err := e.inner.EmbedQuery(ctx, text)
	if span != nil && len(vector) > 0 {
		span.SetAttributes(semconv.EmbeddingsDimensions.Int(len(vector)))
	}
	span.End(err)
	return vector, err
}
