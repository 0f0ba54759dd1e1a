// SPDX-License-Identifier: Apache-2.0

package models

import (
	"context"
	"slices"

	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
)

// Wrap returns a model that does what m does and records each call. Results,
// errors and panics are m's own; a streaming function is only observed where
// the caller set one. The returned model has the optional methods that m has
// (SupportsReasoning, CreateEmbedding, Close) and is safe for concurrent use if
// m is. With a nil handler or a nil m it returns m.
//
// If m also has h as its callback handler, the two make one span. A model that
// is wrapped with h already, also inside [Retry], is returned as it is, or with
// options wrapped anew. A cache of langchaingo's belongs outside of Wrap: inside
// it, every hit would count the tokens of the call that filled it.
func Wrap(m llms.Model, h *callbacks.Handler, opts ...Option) llms.Model {
	if m == nil || h == nil {
		return m
	}
	if w := wrapper(m, h); w != nil {
		if len(opts) == 0 {
			return m
		}
		// Wrapped anew where the wrapper is outermost; inside a retrier it stays.
		if c, ok := m.(core); ok && c.wrapped() == w {
			m = w.inner
		}
	}
	var c config
	for _, o := range opts {
		if o != nil {
			c = o.apply(c)
		}
	}
	// A retrier asks the model inside: that is the one to describe.
	base := m
	for r, ok := base.(core); ok; r, ok = base.(core) {
		base = r.Unwrap()
	}
	target := genai.ModelTarget(base)
	if c.provider != "" {
		target.Provider = c.provider
	}
	if c.model != "" {
		target.Model = c.model
	}
	w := &model{inner: m, h: h, target: target, callIsGenerate: genai.CallIsGenerate(base)}
	w.attrs = []attribute.KeyValue{semconv.ProviderName.String(target.Provider)}
	if target.ServerAddress != "" {
		w.attrs = append(w.attrs, semconv.ServerAddress.String(target.ServerAddress), semconv.ServerPort.Int(target.ServerPort))
	}
	w.attrs = slices.Clip(w.attrs)
	return withOptionalMethods(w, m)
}

// wrapper finds a wrapper of the same handler in m, itself or inside others of
// this package: a second one around it would count every token twice.
func wrapper(m llms.Model, h *callbacks.Handler) *model {
	for {
		c, ok := m.(core)
		if !ok {
			return nil
		}
		if w := c.wrapped(); w != nil && w.h == h {
			return w
		}
		m = c.Unwrap()
	}
}

type model struct {
	inner  llms.Model
	h      *callbacks.Handler
	target genai.Target
	attrs  []attribute.KeyValue
	// callIsGenerate is true for providers whose Call is GenerateContent with
	// one text message: then Call may take that road and sees the tokens.
	callIsGenerate bool
}

var _ core = (*model)(nil)

func (m *model) wrapped() *model { return m }

// Unwrap returns the model inside.
func (m *model) Unwrap() llms.Model { return m.inner }

// GenerateContent implements llms.Model.
func (m *model) GenerateContent(ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption) (*llms.ContentResponse, error) {
	opts := resolve(options)
	ctx, span := m.start(ctx, &opts)
	if span == nil {
		return m.inner.GenerateContent(ctx, messages, options...)
	}
	defer span.End(callbacks.ErrUnwound)
	span.SetInput(messages)
	res, err := m.inner.GenerateContent(ctx, messages, observeStream(span, &opts, options)...)
	if res != nil {
		span.SetAttributes(genai.AppendResponse(nil, res)...)
		span.SetUsage(genai.UsageOf(res))
		span.SetOutput(res)
	}
	span.End(err)
	return res, err
}

// Call implements llms.Model.
func (m *model) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	if m.callIsGenerate {
		return llms.GenerateFromSinglePrompt(ctx, m, prompt, options...)
	}
	opts := resolve(options)
	ctx, span := m.start(ctx, &opts)
	if span == nil {
		return m.inner.Call(ctx, prompt, options...)
	}
	defer span.End(callbacks.ErrUnwound)
	span.SetInput(prompt)
	answer, err := m.inner.Call(ctx, prompt, observeStream(span, &opts, options)...)
	if err == nil {
		span.SetOutput(answer)
	}
	span.End(err)
	return answer, err
}

func (m *model) start(ctx context.Context, o *llms.CallOptions) (context.Context, *callbacks.Span) {
	name := o.Model
	if name == "" {
		name = m.target.Model
	}
	return m.h.Start(ctx, callbacks.KindChat, name, genai.AppendRequest(m.attrs, o)...)
}

// resolve applies the caller's options to a copy, so that the span has its
// attributes from the start. An option that panics on it is the provider's to
// meet, not ours.
func resolve(options []llms.CallOption) (o llms.CallOptions) {
	defer func() { _ = recover() }()
	for _, opt := range options {
		opt(&o)
	}
	return o
}
