// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"time"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
)

// errUnspecified stands for the nil error that Mistral's client reports.
var errUnspecified error = ownError{"the provider reported an error without saying which", "_OTHER"}

// defaultChainName is the name of a chain that only events tell of: they carry
// none. [Handler.As] gives it one.
const defaultChainName = "chain"

func isKind(k Kind) func(Kind) bool { return func(o Kind) bool { return o == k } }

func isChain(k Kind) bool { return k == KindWorkflow || k == KindTask || k == KindAgent }

// opened starts a span for an event, unless a wrapper already has one for the
// same call. It must be called by the Handle method itself: the stack is
// counted from there.
func (h *Handler) opened(ctx context.Context, kind Kind, name string, input any, describe func(callSite) []attribute.KeyValue) {
	ctx = orBackground(ctx)
	sc := scopeFrom(ctx)
	if h.silent(ctx, sc) {
		return
	}
	f := callerFrames(1, frameStart)
	abandon(h.open.prune(f))
	site := f.site(kind)
	f.release()

	own, top := spanFrom(ctx), h.open.top()
	if h.ownedByWrapper(own, top, kind) && !own.isEnded() {
		return
	}
	parentCtx, parent := parentBeside(ctx, own, top)
	if kind == KindTask && parent == nil {
		kind = KindWorkflow
	}
	if kind == KindTool && parent != nil {
		name = parent.takeNextTool()
	}
	var attrs []attribute.KeyValue
	if describe != nil {
		attrs = describe(site)
	}
	op := &operation{
		site:   site,
		done:   ctx.Done(),
		outer:  trace.SpanContextFromContext(ctx),
		opened: time.Now(),
	}
	op.span = h.start(sc, parentCtx, parent, kind, name, attrs)
	op.span.SetInput(input)
	abandon(h.open.push(op))
}

// ownedByWrapper reports whether the innermost operation in ctx is a wrapper's
// span for the call that the event tells of. A chain's never is: chain wrappers
// hide the Handler from the chain, so the event is of another one, inside.
func (h *Handler) ownedByWrapper(own *Span, top *operation, kind Kind) bool {
	return own != nil && own.h == h && own.kind == kind && !isChain(kind) && (top == nil || own.seq > top.span.seq)
}

// closed ends the innermost open operation of the kind, after what is still
// open above it. As opened, it is called by the Handle method itself.
func (h *Handler) closed(ctx context.Context, is func(Kind) bool, finish func(*Span), err error) {
	if ctx = orBackground(ctx); h == nil || suppressed(ctx) || h.open.size.Load() == 0 {
		return
	}
	if own := spanFrom(ctx); own != nil && is(own.kind) && h.ownedByWrapper(own, h.open.top(), own.kind) {
		// The wrapper ends its span; the event may know what the wrapper does not,
		// such as the tokens of a model's Call.
		if finish != nil {
			finish(own)
		}
		return
	}
	f := callerFrames(1, frameEnd)
	ops := h.open.pop(is, f)
	f.release()
	if len(ops) == 0 {
		return
	}
	abandon(ops[1:])
	if finish != nil {
		finish(ops[0].span)
	}
	ops[0].span.End(err)
}

// HandleText does nothing: no component of langchaingo emits it.
func (h *Handler) HandleText(context.Context, string) {}

// HandleLLMStart opens a model call.
func (h *Handler) HandleLLMStart(ctx context.Context, prompts []string) {
	h.opened(ctx, KindChat, "", prompts, emitterProvider)
}

// HandleLLMGenerateContentStart opens a model call.
func (h *Handler) HandleLLMGenerateContentStart(ctx context.Context, ms []llms.MessageContent) {
	h.opened(ctx, KindChat, "", ms, emitterProvider)
}

func emitterProvider(s callSite) []attribute.KeyValue {
	return []attribute.KeyValue{semconv.ProviderName.String(genai.FuncTarget(s.name).Provider)}
}

// HandleLLMGenerateContentEnd closes a model call. A nil response is not an
// end: Mistral's client sends one before the real event.
func (h *Handler) HandleLLMGenerateContentEnd(ctx context.Context, res *llms.ContentResponse) {
	if res == nil {
		return
	}
	h.closed(ctx, isKind(KindChat), func(s *Span) {
		kv, usage := genai.ReadResponse(nil, res)
		s.SetResult(res, usage, kv...)
	}, nil)
}

// HandleLLMError closes a model call that failed.
func (h *Handler) HandleLLMError(ctx context.Context, err error) {
	h.closed(ctx, isKind(KindChat), nil, orUnspecified(err))
}

// HandleChainStart opens a chain: a workflow if nothing is around it, else a
// task.
func (h *Handler) HandleChainStart(ctx context.Context, inputs map[string]any) {
	h.opened(ctx, KindTask, defaultChainName, inputs, nil)
}

// HandleChainEnd closes a chain.
func (h *Handler) HandleChainEnd(ctx context.Context, outputs map[string]any) {
	h.closed(ctx, isChain, func(s *Span) { s.SetOutput(outputs) }, nil)
}

// HandleChainError closes a chain that failed.
func (h *Handler) HandleChainError(ctx context.Context, err error) {
	h.closed(ctx, isChain, nil, orUnspecified(err))
}

// HandleToolStart opens a tool call. The event does not name the tool, but the
// action of the executor before it does.
func (h *Handler) HandleToolStart(ctx context.Context, input string) {
	h.opened(ctx, KindTool, "", input, nil)
}

// HandleToolEnd closes a tool call.
func (h *Handler) HandleToolEnd(ctx context.Context, output string) {
	h.closed(ctx, isKind(KindTool), func(s *Span) { s.SetOutput(output) }, nil)
}

// HandleToolError closes a tool call that failed.
func (h *Handler) HandleToolError(ctx context.Context, err error) {
	h.closed(ctx, isKind(KindTool), nil, orUnspecified(err))
}

// HandleAgentAction tells that the innermost chain is an executor, which makes
// its span an agent's, and names the tool that is called next. The name itself
// is the model's word, and may be any text, until a tool is really called.
func (h *Handler) HandleAgentAction(ctx context.Context, action schema.AgentAction) {
	if s := h.executor(ctx); s != nil {
		s.mu.Lock()
		s.within().nextTool = action.Tool
		s.mu.Unlock()
	}
}

// HandleAgentFinish tells that the innermost chain is an executor. It comes
// after running out of iterations, too, so it says nothing of success.
func (h *Handler) HandleAgentFinish(ctx context.Context, _ schema.AgentFinish) {
	h.executor(ctx)
}

// HandleRetrieverStart opens a retriever call.
func (h *Handler) HandleRetrieverStart(ctx context.Context, query string) {
	h.opened(ctx, KindRetrieval, "", query, nil)
}

// HandleRetrieverEnd closes a retriever call. There is no event for a failed
// one: a later event closes it as incomplete.
func (h *Handler) HandleRetrieverEnd(ctx context.Context, _ string, documents []schema.Document) {
	h.closed(ctx, isKind(KindRetrieval), func(s *Span) {
		s.SetAttributes(genai.AppendDocuments(nil, documents)...)
		s.SetOutput(documents)
	}, nil)
}

// HandleStreamingFunc times the chunks of a model call that events opened on
// this goroutine; a wrapper times its own. Anthropic's client sends chunks on
// another goroutine, where nothing tells which call they belong to.
func (h *Handler) HandleStreamingFunc(_ context.Context, chunk []byte) {
	if h == nil || len(chunk) == 0 {
		return
	}
	if op := h.open.find(isKind(KindChat)); op != nil {
		op.span.Chunk()
	}
}

// executor returns the span of the executor whose event this is, or nil where
// the innermost operation is a wrapper's: its kind and name are not a guess.
func (h *Handler) executor(ctx context.Context) *Span {
	if ctx = orBackground(ctx); h == nil || suppressed(ctx) {
		return nil
	}
	op := h.open.find(isChain)
	if own := spanFrom(ctx); op == nil || own != nil && own.seq > op.span.seq {
		return nil
	}
	op.span.becomeAgent()
	return op.span
}

func orUnspecified(err error) error {
	if err == nil {
		return errUnspecified
	}
	return err
}
