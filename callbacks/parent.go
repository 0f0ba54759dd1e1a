// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"cmp"
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/correlate"
)

// parentOf returns the context to start a new span from, and the Span around it, if any:
// the span in ctx if it is newer than the goroutine's innermost event operation, else that
// operation, else the span in ctx, else nothing.
func (h *Handler) parentOf(ctx context.Context) (context.Context, *Span) {
	ctx, own := h.own(ctx)
	if h.open.Len() == 0 {
		return ctx, own
	}
	stack := correlate.Callers(2, 0)
	h.open.Prune(stack)
	stack.Release()
	return innermost(ctx, own, h.open.Top())
}

// own returns the innermost span of h in ctx. Two Handlers do not see each other:
// where a span of another one is current, the context returned has that of h.
func (h *Handler) own(ctx context.Context) (context.Context, *Span) {
	s := SpanFromContext(ctx)
	if s == nil || s.h == h {
		return ctx, s
	}
	own, _ := ctx.Value(h).(*Span)
	if own != nil && trace.SpanContextFromContext(ctx).Equal(s.span.SpanContext()) {
		ctx = trace.ContextWithSpan(ctx, own.span)
	}
	return ctx, own
}

// Current returns the operation that Start would make the parent of a new one, or
// nil. It is the innermost in ctx, or the innermost that an event opened on this
// goroutine, whichever is newer. A wrapper without a span of its own adds to it.
func (h *Handler) Current(ctx context.Context) *Span {
	if ctx = orBackground(ctx); h == nil || Suppressed(ctx) {
		return nil
	}
	_, s := h.parentOf(ctx)
	return s
}

// ContextWithCurrent returns ctx with [Handler.Current] in it. A wrapper that starts
// goroutines inside a chain calls it: events are known by goroutine, and the
// context is not. A newer span of the user's stays the parent.
func (h *Handler) ContextWithCurrent(ctx context.Context) context.Context {
	if h == nil || ctx == nil || Suppressed(ctx) {
		return ctx
	}
	parentCtx, s := h.parentOf(ctx)
	if s == nil || s == SpanFromContext(parentCtx) {
		return parentCtx
	}
	return &spanContext{parentCtx, s, scopeFrom(ctx)}
}

// innermost chooses between own, the span of h in ctx, and top, the innermost
// operation that an event opened on this goroutine. Either may be nil.
func innermost(ctx context.Context, own *Span, top *eventOperation) (context.Context, *Span) {
	if top == nil || own != nil && own.seq >= top.span.seq {
		return ctx, own
	}
	if startedInside(ctx, own, top) {
		return ctx, top.span
	}
	return trace.ContextWithSpan(ctx, top.span.span), top.span
}

// startedInside reports whether the current span of ctx is the program's own, and was
// started after the operation opened. own, the innermost of ours, is older.
func startedInside(ctx context.Context, own *Span, top *eventOperation) bool {
	cur := trace.SpanFromContext(ctx)
	sc := cur.SpanContext()
	if !sc.IsValid() || sc.IsRemote() || sc.SpanID() == top.outer {
		return false
	}
	if ours := cmp.Or(own, SpanFromContext(ctx)); ours != nil && sc.Equal(ours.span.SpanContext()) {
		return false
	}
	// The SDK's spans have a start time. Of others only the identity is known: it is
	// not the span that the event's context had.
	if t, ok := cur.(interface{ StartTime() time.Time }); ok {
		return !t.StartTime().Before(top.span.start)
	}
	return true
}
