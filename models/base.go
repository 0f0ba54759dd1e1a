// SPDX-License-Identifier: Apache-2.0

package models

import (
	"context"
	"errors"
	"fmt"
	"io"

	lccallbacks "github.com/tmc/langchaingo/callbacks"
	"github.com/tmc/langchaingo/llms"
)

// Model is what [Wrap] and [Retry] return: a model that embeddings.NewEmbedder takes,
// too, if the one inside can embed. If not, CreateEmbedding returns an error that is
// errors.ErrUnsupported.
type Model interface {
	llms.Model
	CreateEmbedding(ctx context.Context, texts []string) ([][]float32, error)
}

// embedder is langchaingo's embeddings.EmbedderClient, without its package.
type embedder interface {
	CreateEmbedding(ctx context.Context, texts []string) ([][]float32, error)
}

// As returns the first T among m and the models inside it, such as the provider's
// client: As[*openai.LLM](m). It looks through [Wrap], [Retry] and every type with
// a method Unwrap() llms.Model.
func As[T any](m llms.Model) (T, bool) {
	for {
		if t, ok := m.(T); ok {
			return t, true
		}
		u, ok := m.(interface{ Unwrap() llms.Model })
		if !ok {
			var none T
			return none, false
		}
		m = u.Unwrap()
	}
}

// core is every model of this package.
type core interface {
	Model
	Unwrap() llms.Model
	// wrapped returns the wrapper, or nil for a model that has no handler.
	wrapped() *model
}

// clientOf is the model below those of this package.
func clientOf(m llms.Model) llms.Model {
	for c, ok := m.(core); ok; c, ok = m.(core) {
		m = c.Unwrap()
	}
	return m
}

// base passes everything on to the model inside. An optional method that the model
// lacks does what its absence means.
type base struct{ inner llms.Model }

// asModel returns m itself if it is a Model.
func asModel(m llms.Model) Model {
	if m == nil {
		return nil
	}
	if already, ok := m.(Model); ok {
		return already
	}
	return base{m}
}

func (b base) wrapped() *model { return nil }

// Unwrap returns the model inside.
func (b base) Unwrap() llms.Model { return b.inner }

// GenerateContent implements llms.Model.
func (b base) GenerateContent(ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption) (*llms.ContentResponse, error) {
	return b.inner.GenerateContent(ctx, messages, options...)
}

// Call implements llms.Model.
func (b base) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return b.inner.Call(ctx, prompt, options...)
}

// CreateEmbedding implements embeddings.EmbedderClient.
func (b base) CreateEmbedding(ctx context.Context, texts []string) ([][]float32, error) {
	if e, ok := b.inner.(embedder); ok {
		return e.CreateEmbedding(ctx, texts)
	}
	return nil, fmt.Errorf("models: %T creates no embeddings: %w", clientOf(b.inner), errors.ErrUnsupported)
}

// embeds reports whether CreateEmbedding can succeed.
func (b base) embeds() bool {
	_, ok := clientOf(b.inner).(embedder)
	return ok
}

// SupportsReasoning implements llms.ReasoningModel.
func (b base) SupportsReasoning() bool { return llms.SupportsReasoningModel(b.inner) }

// GetCallbackHandler implements callbacks.HandlerHaver.
func (b base) GetCallbackHandler() lccallbacks.Handler {
	if h, ok := b.inner.(lccallbacks.HandlerHaver); ok {
		return h.GetCallbackHandler()
	}
	return nil
}

// Close implements io.Closer.
func (b base) Close() error {
	if c, ok := b.inner.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
