// SPDX-License-Identifier: Apache-2.0

package retrieval

import (
	"context"

	"github.com/tmc/langchaingo/embeddings"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/embed"
	"github.com/spanloom/spanloom/internal/genai"
)

// EmbedderOption configures [WrapEmbedder]. A nil EmbedderOption is ignored.
type EmbedderOption interface{ applyEmbedder(*genai.Target) }

type embedderOptionFunc func(*genai.Target)

func (f embedderOptionFunc) applyEmbedder(t *genai.Target) { f(t) }

// WithProvider states gen_ai.provider.name. Default: found from the type of the
// embedder or of its client, else "unknown".
func WithProvider(name string) EmbedderOption {
	return embedderOptionFunc(func(t *genai.Target) { t.Provider = name })
}

// WithModel states the embedding model. Default: what the embedder was made
// with, where that can be found.
func WithModel(name string) EmbedderOption {
	return embedderOptionFunc(func(t *genai.Target) { t.Model = name })
}

// WrapEmbedder returns an embedder that does what e does and records each call
// as "embeddings {model}", with the number of texts and of dimensions. Results,
// errors and panics are e's own, and so is what e does to the caller's slice of
// texts. It is safe for concurrent use if e is. An embedder that is wrapped for h
// already gets the further options. With a nil handler or a nil e it returns e.
func WrapEmbedder(e embeddings.Embedder, h *callbacks.Handler, opts ...EmbedderOption) embeddings.Embedder {
	if e == nil || h == nil {
		return e
	}
	if w, ok := e.(*embedder); ok && w.observer.Handler == h {
		if len(opts) == 0 {
			return w
		}
		return &embedder{inner: w.inner, observer: observer(w.observer.Target, h, opts)}
	}
	return &embedder{inner: e, observer: observer(genai.EmbedderTarget(e), h, opts)}
}

// WrapEmbedderClient does for what an embedder is made of, with
// embeddings.NewEmbedder, what [WrapEmbedder] does for an embedder: a span for
// each request it makes. If both are wrapped, the embedder's call is the one
// recorded. A model that models.Wrap made needs no other wrapper. It is safe for
// concurrent use if c is. With a nil handler or a nil c it returns c.
func WrapEmbedderClient(c embeddings.EmbedderClient, h *callbacks.Handler, opts ...EmbedderOption) embeddings.EmbedderClient {
	if c == nil || h == nil {
		return c
	}
	if w, ok := c.(*embedderClient); ok && w.observer.Handler == h {
		if len(opts) == 0 {
			return w
		}
		return &embedderClient{inner: w.inner, observer: observer(w.observer.Target, h, opts)}
	}
	return &embedderClient{inner: c, observer: observer(genai.EmbedderTarget(c), h, opts)}
}

func observer(t genai.Target, h *callbacks.Handler, opts []EmbedderOption) *embed.Observer {
	for _, o := range opts {
		if o != nil {
			o.applyEmbedder(&t)
		}
	}
	return embed.NewObserver(h, t)
}

type embedderClient struct {
	inner    embeddings.EmbedderClient
	observer *embed.Observer
}

// Unwrap returns the client inside.
func (c *embedderClient) Unwrap() embeddings.EmbedderClient { return c.inner }

// CreateEmbedding implements embeddings.EmbedderClient.
func (c *embedderClient) CreateEmbedding(ctx context.Context, texts []string) ([][]float32, error) {
	return c.observer.Texts(ctx, texts, c.inner.CreateEmbedding)
}

type embedder struct {
	inner    embeddings.Embedder
	observer *embed.Observer
}

var _ embeddings.Embedder = (*embedder)(nil)

// Unwrap returns the embedder inside.
func (e *embedder) Unwrap() embeddings.Embedder { return e.inner }

// EmbedDocuments implements embeddings.Embedder.
func (e *embedder) EmbedDocuments(ctx context.Context, texts []string) ([][]float32, error) {
	return e.observer.Texts(ctx, texts, e.inner.EmbedDocuments)
}

// EmbedQuery implements embeddings.Embedder.
func (e *embedder) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	return e.observer.Text(ctx, text, e.inner.EmbedQuery)
}
