// SPDX-License-Identifier: Apache-2.0

package models

import (
	"context"
	"slices"

	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/content"
	"github.com/spanloom/spanloom/internal/embed"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/metrics"
)

// Wrap returns a model that does what m does and records each call, embeddings
// included. Results, errors and panics are m's own; a streaming function is only
// observed where the caller set one. [As] returns what is inside. The model is safe
// for concurrent use if m is. With a nil handler nothing is recorded; a nil m is
// returned as it is.
//
// If m also has h as its callback handler, the two make one span. A model that
// is wrapped with h already, also inside [Retry], is returned as it is, or with
// these options on top of the ones it has. Around langchaingo's cache, a call that
// the cache answers is marked with spanloom.cache.hit, and has no usage.
//
// A model of yours around wrapped ones (a router, a fallback) may be wrapped, too:
// each has its span, and the tokens count where the request was made.
//
// A call's options are applied one more time than without the wrapper, before the
// call and to options of their own, to know what is asked for: an option that
// counts or prints does it once more.
func Wrap(m llms.Model, h *callbacks.Handler, opts ...Option) Model {
	if m == nil || h == nil {
		return asModel(m)
	}
	var c config
	if w := wrapper(m, h); w != nil {
		if len(opts) == 0 {
			return asModel(m)
		}
		c = w.cfg
		// Wrapped anew where the wrapper is outermost; inside a retrier it stays.
		if c, ok := m.(core); ok && c.wrapped() == w {
			m = w.inner
		}
	}
	for _, o := range opts {
		if o != nil {
			o.apply(&c)
		}
	}
	target := genai.ModelTarget(m)
	if c.provider != "" {
		target.Provider = c.provider
	}
	if target.Model == "" {
		target.Model = c.model
	}
	client := clientOf(m) // whose Call a retrier's is
	w := &model{base: base{m}, h: h, cfg: c, target: target, callIsGenerate: genai.CallIsGenerate(client), cache: newCache(client)}
	w.attrs = []attribute.KeyValue{semconv.ProviderName.String(target.Provider)}
	if target.ServerAddress != "" {
		w.attrs = append(w.attrs, semconv.ServerAddress.String(target.ServerAddress), semconv.ServerPort.Int(target.ServerPort))
	}
	w.attrs = slices.Clip(w.attrs)
	t := genai.EmbedderTarget(m)
	if t.Provider == genai.Unknown {
		t.Provider = target.Provider
	}
	w.embedder = embed.NewObserver(h, t)
	return w
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
	base
	h        *callbacks.Handler
	cfg      config
	target   genai.Target
	attrs    []attribute.KeyValue
	embedder *embed.Observer
	// callIsGenerate is true for providers whose Call is GenerateContent with
	// one text message: then Call may take that road and sees the tokens.
	callIsGenerate bool
	cache          cache
}

var _ core = (*model)(nil)

func (m *model) wrapped() *model { return m }

// CreateEmbedding implements embeddings.EmbedderClient.
func (m *model) CreateEmbedding(ctx context.Context, texts []string) ([][]float32, error) {
	if !m.embeds() {
		return m.base.CreateEmbedding(ctx, texts)
	}
	return m.embedder.Texts(ctx, texts, m.base.CreateEmbedding)
}

// GenerateContent implements llms.Model.
func (m *model) GenerateContent(ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption) (*llms.ContentResponse, error) {
	ctx, recorded := insideCache(ctx, m.h)
	if recorded {
		return m.inner.GenerateContent(ctx, messages, options...)
	}
	req := resolve(messages, options)
	opts := &req.Options
	ctx, span := m.start(ctx, opts)
	if span == nil {
		return m.inner.GenerateContent(ctx, messages, options...)
	}
	defer span.End(callbacks.ErrUnwound)
	if span.IsRecording() {
		span.SetInput(&req.Messages)
		setDetails(span, opts)
	}
	ctx, options, asked := m.cache.watch(ctx, m.h, options)
	res, err := m.inner.GenerateContent(ctx, messages, observeStream(span, opts, options)...)
	ended := err
	if res != nil && m.respond(span, opts, res, err, asked) && ctx != nil {
		// Several clients call it a success that the context cut the answer off.
		ended = ctx.Err()
	}
	span.End(ended)
	return res, err
}

// respond records the response. It reports whether a response without an error is cut off.
func (m *model) respond(span *callbacks.Span, opts *llms.CallOptions, res *llms.ContentResponse, err error, asked func() bool) (cutOff bool) {
	var buf [4]attribute.KeyValue
	kv, usage := genai.ReadResponse(buf[:0], res)
	switch {
	case err != nil:
	case !asked():
		// The cached answer still carries the usage of the call that filled it.
		usage = metrics.Usage{}
		kv = append(kv, semconv.CacheHit.Bool(true))
	case m.target.Incomplete(res, usage, streaming(opts)):
		kv = append(kv, semconv.Incomplete.Bool(true))
		cutOff = true
	}
	span.SetResult(res, usage, kv...)
	return cutOff
}

// Call implements llms.Model.
func (m *model) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	ctx, recorded := insideCache(ctx, m.h)
	if recorded {
		return m.inner.Call(ctx, prompt, options...)
	}
	if m.callIsGenerate {
		return llms.GenerateFromSinglePrompt(ctx, m, prompt, options...)
	}
	opts := &resolve(nil, options).Options
	ctx, span := m.start(ctx, opts)
	if span == nil {
		return m.inner.Call(ctx, prompt, options...)
	}
	defer span.End(callbacks.ErrUnwound)
	if span.IsRecording() {
		span.SetInput(prompt)
		setDetails(span, opts)
	}
	answer, err := m.inner.Call(ctx, prompt, observeStream(span, opts, options)...)
	if err == nil {
		span.SetOutput(answer)
	}
	span.End(err)
	return answer, err
}

func (m *model) start(ctx context.Context, o *llms.CallOptions) (context.Context, *callbacks.Span) {
	ctx, span := m.h.Start(ctx, callbacks.KindChat, m.target.RequestModel(o.Model), m.attrs...)
	// Samplers decide by what Start has; the rest is for spans that show.
	if span.IsRecording() {
		var buf [6]attribute.KeyValue // more are rare
		span.SetAttributes(genai.AppendRequest(buf[:0], o)...)
	}
	return ctx, span
}

// setDetails records what a call is given besides messages, which is content, too.
func setDetails(span *callbacks.Span, o *llms.CallOptions) {
	if tools := genai.Tools(o); len(tools) > 0 {
		span.SetInput(tools)
	}
	if len(o.StopWords) > 0 {
		span.SetInput(content.StopWords(o.StopWords))
	}
}

// resolve applies the caller's options to a copy, so that the span has its
// attributes from the start. An option that panics on it is the provider's to
// meet, not ours.
func resolve(messages []llms.MessageContent, options []llms.CallOption) (r *genai.Request) {
	r = genai.NewRequest(messages)
	defer func() { _ = recover() }()
	for _, opt := range options {
		opt(&r.Options)
	}
	return r
}
