// SPDX-License-Identifier: Apache-2.0

// Package callbacks has the [Handler], which makes OpenTelemetry spans and metrics of
// what langchaingo programs do. A program shares one Handler. Wrappers (packages
// models, chains, agents, vectorstore, retrieval) open a span with [Handler.Start],
// pass its context to the inner call, and close it with [Span.End]. The Handler is
// also a langchaingo callbacks.Handler: registered on an unchanged chain or provider,
// it makes spans of its events. A wrapper and an event for the same call make one
// span. Prompts, answers, documents, queries, tool arguments and the messages of
// errors are recorded only with a content policy: see [WithContent] and
// [WithErrorMessages]. Telemetry that fails never fails the user's call. Every
// exported type is safe for concurrent use, and a nil *Handler or *Span does nothing.
package callbacks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	lccallbacks "github.com/tmc/langchaingo/callbacks"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/spanloom/spanloom/internal/correlate"
	"github.com/spanloom/spanloom/internal/cow"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/metrics"
)

// Handler makes spans and metrics, and is a langchaingo callbacks.Handler. A program
// needs one, shared by everything: it is safe for concurrent use. A nil *Handler is
// silent everywhere.
type Handler struct {
	cfg      config
	tracer   trace.Tracer
	noop     bool // no span will ever record
	recorder *metrics.Recorder
	open     correlate.Table[eventOperation]
	roots    correlate.Roots
	names    cow.Map[spanName, string]
	clean    cow.Map[string, string]
	// streamOnly is done when errStreamOnly was reported.
	streamOnly sync.Once
}

var _ lccallbacks.Handler = (*Handler)(nil)

// NewHandler returns a Handler. It is usable even when the error is not nil:
// the error then tells which option or environment variable was ignored.
func NewHandler(opts ...Option) (*Handler, error) {
	c := newConfig(opts)
	tp := cmp.Or(c.tracerProvider, otel.GetTracerProvider())
	h := &Handler{
		cfg:      c,
		tracer:   tp.Tracer(semconv.ScopeName, trace.WithInstrumentationVersion(semconv.ScopeVersion()), trace.WithSchemaURL(semconv.SchemaURL)),
		recorder: c.recorder,
	}
	_, h.noop = h.tracer.(noop.Tracer)
	var err error
	if h.recorder == nil {
		prices, e := pricesFromEnv(os.LookupEnv)
		err = errors.Join(err, e)
		options := append([]metrics.Option{prices}, c.recorderOptions...)
		if c.strict {
			options = append(options, metrics.WithStrictSemConv())
		}
		h.recorder, e = metrics.NewRecorder(cmp.Or(c.meterProvider, otel.GetMeterProvider()), options...)
		err = errors.Join(err, e)
	} else if c.recorderOptionNames != "" {
		err = fmt.Errorf("callbacks:%s: no effect beside WithRecorder; give it to metrics.NewRecorder", c.recorderOptionNames)
	}
	return h, errors.Join(c.err, err)
}

// Start opens an operation. Make the inner call with the context that it returns, then
// End the Span. Operations and the user's own spans started with the context are children.
//
// Give with attrs what a sampler should see: gen_ai.provider.name, gen_ai.request.model,
// server.address. For what name means see [Kind]. A workflow inside another operation is
// a task, since a tree has one root; a user's own span above it does not count as one.
func (h *Handler) Start(ctx context.Context, kind Kind, name string, attrs ...attribute.KeyValue) (context.Context, *Span) {
	given := ctx
	ctx = orBackground(ctx)
	sc := scopeFrom(ctx)
	if h.silent(ctx, sc) {
		return given, nil
	}
	parentCtx, parent := h.parentOf(ctx)
	if kind == KindWorkflow && parent != nil {
		kind = KindTask
	}
	s := h.start(sc, parentCtx, parent, kind, name, attrs)
	return &s.ctx, s
}

// silent reports whether nothing would come of an operation: it is suppressed,
// or neither spans nor metrics go anywhere.
func (h *Handler) silent(ctx context.Context, sc *scope) bool {
	return h == nil || sc.suppressed || h.noop && !h.recorder.Enabled(ctx)
}

// Flush closes, as incomplete, what events have opened and none has closed. Call it before
// the tracer provider's shutdown, where the Handler is registered on providers that forget
// their end event, such as Anthropic's.
func (h *Handler) Flush() {
	if h != nil {
		h.open.CloseAll()
	}
}
