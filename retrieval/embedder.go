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
	if w, ok := e.(*embedder); ok && w.observer.Handler == h {
		if len(opts) == 0 {
			return w
		}
		e = w.inner
	}
	return &embedder{inner: e, observer: observer(e, h, opts)}
}

// WrapEmbedderClient does for what an embedder is made of, with
// embeddings.NewEmbedder, what [WrapEmbedder] does for an embedder: a span for
// each request it makes. If both are wrapped, the embedder's call is the one
// recorded. A model that models.Wrap made needs no other wrapper.
func WrapEmbedderClient(c embeddings.EmbedderClient, h *callbacks.Handler, opts ...EmbedderOption) embeddings.EmbedderClient {
	if c == nil || h == nil {
		return c
	}
	if w, ok := c.(*embedderClient); ok && w.observer.Handler == h {
		if len(opts) == 0 {
			return w
		}
		c = w.inner
	}
	return &embedderClient{inner: c, observer: observer(c, h, opts)}
}

func observer(e any, h *callbacks.Handler, opts []EmbedderOption) *embed.Observer {
	t := genai.EmbedderTarget(e)
	c := embedderConfig{provider: t.Provider, model: t.Model}
	for _, o := range opts {
		if o != nil {
			c = o.applyEmbedder(c)
		}
	}
	t.Provider, t.Model = c.provider, c.model
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
