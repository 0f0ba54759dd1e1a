// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/correlate"
)

// parentOf finds what encloses a new operation: the context to start its span
// from, and the Span around it, if any.
//
// The span in ctx is the parent if it is newer than the goroutine's innermost event
// operation. Else that operation is, else the span in ctx, else nothing.
func (h *Handler) parentOf(ctx context.Context) (context.Context, *Span) {
	own := SpanFromContext(ctx)
	if h.open.Len() == 0 {
		return ctx, own
	}
	stack := correlate.Callers(2, 0)
	h.open.Prune(stack)
	stack.Release()
	return innermost(ctx, own, h.open.Top())
}

// ContextWithCurrent returns ctx with the operation in it that Start would make the
// parent of a new one: the innermost in ctx, or the innermost that an event opened on
// this goroutine, whichever is newer. A wrapper that starts goroutines inside a chain
// calls it, since events are known by goroutine. A wrapper without a span of its own
// finds the one to add to with [SpanFromContext]. A newer span of the user's stays the
// parent.
func (h *Handler) ContextWithCurrent(ctx context.Context) context.Context {
	if h == nil || ctx == nil || Suppressed(ctx) {
		return ctx
	}
	parentCtx, s := h.parentOf(ctx)
	if s == nil || s == SpanFromContext(parentCtx) {
		return parentCtx
	}
	return &spanContext{Context: parentCtx, span: s}
}

// innermost chooses between own, the span in ctx, and top, the innermost operation
// that an event opened on this goroutine. Either may be nil.
func innermost(ctx context.Context, own *Span, top *eventOperation) (context.Context, *Span) {
	if top == nil || own != nil && own.seq >= top.span.seq {
		return ctx, own
	}
	if startedInside(trace.SpanFromContext(ctx), own, top) {
		return ctx, top.span
	}
	return trace.ContextWithSpan(ctx, top.span.span), top.span
}

// startedInside reports whether cur, a span that is not ours, was started after
// the operation opened. own, the innermost of ours in the context, is older.
func startedInside(cur trace.Span, own *Span, top *eventOperation) bool {
	sc := cur.SpanContext()
	if !sc.IsValid() || sc.IsRemote() || sc.Equal(top.outer) || own != nil && sc.Equal(own.span.SpanContext()) {
		return false
	}
	// The SDK's spans have a start time. Of others only the identity is known: it is
	// not the span that the event's context had.
	if t, ok := cur.(interface{ StartTime() time.Time }); ok {
		return !t.StartTime().Before(top.span.start)
	}
	return true
}
