// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"cmp"
	"context"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/correlate"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
)

// errUnspecified stands for the nil error that Mistral's client reports.
var errUnspecified error = ownError{"the provider reported an error without saying which", "_OTHER"}

// defaultChainName is the name of a chain known by events only, which carry none.
// [Handler.As] gives it one.
const defaultChainName = "chain"

// eventOperation is an operation that an event opened and an event will close.
type eventOperation struct {
	span *Span
	// outer is the span that was current in the event's context. A later event with
	// another one is inside a span that the user started in between.
	outer trace.SpanID
}

// Abandon implements correlate.Operation.
func (o eventOperation) Abandon() { o.span.end(nil, false) }

// eventKinds are the kinds of the events that operations have.
var eventKinds = [len(kinds)]correlate.Kind{
	KindWorkflow:  correlate.Chain,
	KindTask:      correlate.Chain,
	KindAgent:     correlate.Chain,
	KindTool:      correlate.Tool,
	KindChat:      correlate.Model,
	KindRetrieval: correlate.Retriever,
}

// opened starts a span for an event, unless a wrapper already has one for the same call.
// It must be called by the Handle method itself: the stack is counted from there.
func (h *Handler) opened(ctx context.Context, kind Kind, name string, input any) {
	ctx = orBackground(ctx)
	sc := scopeFrom(ctx)
	if h.silent(ctx, sc) {
		return
	}
	stack := correlate.Callers(1, correlate.StartEvent)
	h.open.Prune(stack)
	defer stack.Release()
	site := stack.Site(eventKinds[kind])
	ctx, own := h.own(ctx)
	top := h.open.Top()
	if isOfWrapper(own, top, kind) && !own.ended.Load() {
		return
	}
	parentCtx, parent := innermost(ctx, own, top)
	if parent == nil && !h.noop && !trace.SpanContextFromContext(parentCtx).IsValid() {
		h.reportRoot(stack, input)
	}
	if kind == KindTask && parent == nil {
		kind = KindWorkflow
	}
	if kind == KindTool && parent.lock() {
		in := parent.ensureInner()
		name, in.nextTool = in.nextTool, ""
		parent.mu.Unlock()
	}
	var attrs []attribute.KeyValue
	if kind == KindChat {
		attrs = []attribute.KeyValue{semconv.ProviderName.String(genai.FuncTarget(site.Emitter()).Provider)}
	}
	span := h.start(sc, parentCtx, parent, kind, name, attrs)
	span.ofEvent = true
	span.SetInput(input)
	h.open.Push(eventOperation{span, trace.SpanContextFromContext(ctx).SpanID()}, eventKinds[kind], site, ctx.Done())
}

// isOfWrapper reports whether own, the innermost operation in ctx, is a wrapper's
// span for the call that the event is of. A chain's never is: chain wrappers
// hide the Handler from the chain, so the event is of another one, inside.
func isOfWrapper(own *Span, top *eventOperation, kind Kind) bool {
	return own != nil && own.kind == kind && eventKinds[kind] != correlate.Chain && (top == nil || own.seq > top.span.seq)
}

// closed ends the innermost open operation of the kind, after what is still
// open above it. As opened, it is called by the Handle method itself.
func (h *Handler) closed(ctx context.Context, kind correlate.Kind, finish func(*Span), err error) {
	if ctx = orBackground(ctx); h == nil || Suppressed(ctx) || h.open.Len() == 0 {
		return
	}
	if _, own := h.own(ctx); own != nil && eventKinds[own.kind] == kind && isOfWrapper(own, h.open.Top(), own.kind) {
		// The wrapper ends its span; the event may know what the wrapper does not,
		// such as the tokens of a model's Call.
		if finish != nil {
			finish(own)
		}
		return
	}
	stack := correlate.Callers(1, correlate.EndEvent)
	op := h.open.Pop(kind, stack)
	stack.Release()
	if op == nil {
		return
	}
	if finish != nil {
		finish(op.span)
	}
	op.span.End(err)
}

// HandleText does nothing: no component of langchaingo emits it.
func (h *Handler) HandleText(context.Context, string) {}

// HandleLLMStart opens a model call.
func (h *Handler) HandleLLMStart(ctx context.Context, prompts []string) {
	h.opened(ctx, KindChat, "", prompts)
}

// HandleLLMGenerateContentStart opens a model call.
func (h *Handler) HandleLLMGenerateContentStart(ctx context.Context, ms []llms.MessageContent) {
	h.opened(ctx, KindChat, "", ms)
}

// HandleLLMGenerateContentEnd closes a model call. A nil response is not an
// end: Mistral's client sends one before the real event.
func (h *Handler) HandleLLMGenerateContentEnd(ctx context.Context, res *llms.ContentResponse) {
	if res == nil {
		return
	}
	h.closed(ctx, correlate.Model, func(s *Span) {
		kv, usage := genai.ReadResponse(nil, res)
		s.SetResult(res, usage, kv...)
	}, nil)
}

// HandleLLMError closes a model call that failed.
func (h *Handler) HandleLLMError(ctx context.Context, err error) {
	h.closed(ctx, correlate.Model, nil, cmp.Or(err, errUnspecified))
}

// HandleChainStart opens a chain: a workflow if nothing is around it, else a task.
func (h *Handler) HandleChainStart(ctx context.Context, inputs map[string]any) {
	h.opened(ctx, KindTask, defaultChainName, inputs)
}

// HandleChainEnd closes a chain.
func (h *Handler) HandleChainEnd(ctx context.Context, outputs map[string]any) {
	h.closed(ctx, correlate.Chain, func(s *Span) {
		s.SetOutput(outputs)
		if s.parent == nil {
			h.roots.Ended(outputs)
		}
	}, nil)
}

// HandleChainError closes a chain that failed.
func (h *Handler) HandleChainError(ctx context.Context, err error) {
	h.closed(ctx, correlate.Chain, nil, cmp.Or(err, errUnspecified))
}

// HandleToolStart opens a tool call. The event does not name the tool, but the
// action of the executor before it does.
func (h *Handler) HandleToolStart(ctx context.Context, input string) {
	h.opened(ctx, KindTool, "", input)
}

// HandleToolEnd closes a tool call.
func (h *Handler) HandleToolEnd(ctx context.Context, output string) {
	h.closed(ctx, correlate.Tool, func(s *Span) { s.SetOutput(output) }, nil)
}

// HandleToolError closes a tool call that failed.
func (h *Handler) HandleToolError(ctx context.Context, err error) {
	h.closed(ctx, correlate.Tool, nil, cmp.Or(err, errUnspecified))
}

// HandleAgentAction makes the span of the innermost chain an agent's, since only
// executors fire the event. It keeps the name of the tool that is called next. The
// model may have made the name up: it counts only once a tool is called.
func (h *Handler) HandleAgentAction(ctx context.Context, action schema.AgentAction) {
	if s := h.executor(ctx); s.lock() {
		s.ensureInner().nextTool = action.Tool
		s.mu.Unlock()
	}
}

// HandleAgentFinish makes the span of the innermost chain an agent's. The event is
// no sign of success: it also comes when the iterations run out.
func (h *Handler) HandleAgentFinish(ctx context.Context, _ schema.AgentFinish) {
	h.executor(ctx)
}

// HandleRetrieverStart opens a retriever call.
func (h *Handler) HandleRetrieverStart(ctx context.Context, query string) {
	h.opened(ctx, KindRetrieval, "", query)
}

// HandleRetrieverEnd closes a retriever call. There is no event for a failed
// one: a later event closes it as incomplete.
func (h *Handler) HandleRetrieverEnd(ctx context.Context, _ string, documents []schema.Document) {
	h.closed(ctx, correlate.Retriever, func(s *Span) {
		s.SetAttributes(genai.AppendDocuments(nil, documents)...)
		s.SetOutput(documents)
	}, nil)
}

// HandleStreamingFunc times the chunks of a model call that events opened on
// this goroutine; a wrapper times its own. Anthropic's client sends chunks on
// another goroutine, where it is unknown which call they belong to.
func (h *Handler) HandleStreamingFunc(ctx context.Context, chunk []byte) {
	if h == nil || len(chunk) == 0 {
		return
	}
	if op := h.open.Find(correlate.Model); op != nil {
		op.span.Chunk()
	} else if ctx = orBackground(ctx); h.open.Len() == 0 && SpanFromContext(ctx) == nil && !Suppressed(ctx) {
		h.streamOnly.Do(func() { otel.Handle(errStreamOnly) })
	}
}

// executor returns the span of the executor whose event this is. It is nil where the
// innermost operation is a wrapper's, whose kind and name are certain.
func (h *Handler) executor(ctx context.Context) *Span {
	if ctx = orBackground(ctx); h == nil || Suppressed(ctx) {
		return nil
	}
	op := h.open.Find(correlate.Chain)
	if _, own := h.own(ctx); op == nil || own != nil && own.seq > op.span.seq {
		return nil
	}
	op.span.becomeAgent()
	return op.span
}
