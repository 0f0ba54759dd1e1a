// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/genai"
)

// Current returns the operation that Start would make the parent of a new one, or
// nil. It is the innermost in ctx, or the innermost that an event opened on this
// goroutine, whichever is newer. A wrapper without a span of its own adds to it.
func (h *Handler) Current(ctx context.Context) *Span {
	if ctx = orBackground(ctx); h == nil || suppressed(ctx) {
		return nil
	}
	_, s := h.parentOf(ctx)
	return s
}

// ContextWithCurrent returns ctx with [Handler.Current] in it. A wrapper that starts
// goroutines inside a chain calls it: events are known by goroutine, and the
// context is not. A newer span of the user's stays the parent.
func (h *Handler) ContextWithCurrent(ctx context.Context) context.Context {
	if h == nil || ctx == nil || suppressed(ctx) {
		return ctx
	}
	parentCtx, s := h.parentOf(ctx)
	if s == nil || s == spanFrom(parentCtx) {
		return parentCtx
	}
	return &spanContext{Context: parentCtx, span: s}
}

// AddEvent adds an event to the span, at once. Attributes are recorded as they
// are: content does not belong there.
func (s *Span) AddEvent(name string, attrs ...attribute.KeyValue) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended.Load() && s.recording {
		s.span.AddEvent(name, trace.WithAttributes(s.h.allowed(slices.Clone(attrs))...))
	}
}

// AddRetry records that a wrapper tries the operation again: an event "retry", and
// one more in the metric spanloom.retries. attempt is the number of the attempt to
// come, from 2, wait is the time before it, and errorType is of the failed one. All
// attempts are one operation, and its duration covers them.
func (s *Span) AddRetry(attempt int, wait time.Duration, errorType string) {
	if s == nil {
		return
	}
	s.AddEvent(genai.RetryEvent, genai.RetryAttributes(attempt, wait, errorType)...)
	s.mu.Lock()
	op, ended := s.operation(), s.ended.Load()
	s.mu.Unlock()
	if !ended {
		s.h.recorder.RecordRetry(&s.ctx, op, s.metricAttributes()...)
	}
}

// TraceID is the id of the span's trace, "" if there is none: to print beside an
// answer, or to put into a log.
func (s *Span) TraceID() string {
	if s == nil || !s.span.SpanContext().HasTraceID() {
		return ""
	}
	return s.span.SpanContext().TraceID().String()
}
