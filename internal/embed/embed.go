// SPDX-License-Identifier: Apache-2.0

// Package embed records embedding calls, whichever of langchaingo's interfaces
// they come through: an Embedder, or the client under it.
package embed

import (
	"context"

	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
)

// Observer makes the span of a call. It is safe for concurrent use.
type Observer struct {
	Handler *callbacks.Handler
	Target  genai.Target
	attrs   []attribute.KeyValue
}

// NewObserver describes the service behind an embedder.
func NewObserver(h *callbacks.Handler, t genai.Target) *Observer {
	o := &Observer{Handler: h, Target: t, attrs: []attribute.KeyValue{semconv.ProviderName.String(t.Provider)}}
	if t.ServerAddress != "" {
		o.attrs = append(o.attrs, semconv.ServerAddress.String(t.ServerAddress), semconv.ServerPort.Int(t.ServerPort))
	}
	return o
}

// Texts makes the call for several texts.
func (o *Observer) Texts(ctx context.Context, texts []string, call func(context.Context, []string) ([][]float32, error)) ([][]float32, error) {
	return observe(o, ctx, texts, len(texts), call, func(vectors [][]float32) int {
		if len(vectors) == 0 {
			return 0
		}
		return len(vectors[0])
	})
}

// Text makes the call for one text.
func (o *Observer) Text(ctx context.Context, text string, call func(context.Context, string) ([]float32, error)) ([]float32, error) {
	return observe(o, ctx, text, 1, call, func(vector []float32) int { return len(vector) })
}

func observe[In, Out any](o *Observer, ctx context.Context, in In, size int, call func(context.Context, In) (Out, error), dimensions func(Out) int) (Out, error) {
	// The client of an embedder that is recorded makes part of the same call.
	if around := callbacks.SpanFromContext(ctx); around.Kind() == callbacks.KindEmbeddings && o.Handler.Current(ctx) == around {
		return call(ctx, in)
	}
	ctx, span := o.Handler.Start(ctx, callbacks.KindEmbeddings, o.Target.Model, o.attrs...)
	if span == nil {
		return call(ctx, in)
	}
	defer span.End(callbacks.ErrUnwound)
	span.SetAttributes(semconv.EmbeddingsBatchSize.Int(size))
	span.SetInput(in)
	out, err := call(ctx, in)
	if n := dimensions(out); n > 0 {
		span.SetAttributes(semconv.EmbeddingsDimensions.Int(n))
	}
	span.End(err)
	return out, err
}
