// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"slices"

	lccallbacks "github.com/tmc/langchaingo/callbacks"
	"github.com/tmc/langchaingo/llms"
)

// As returns a Handler with a kind and a name for that on which it is registered, since
// events carry neither. Kind is [KindAgent] for an executor, [KindChat] for a model, whose
// name is the requested model, else [KindTask], which becomes a workflow where nothing is
// around it.
//
//	chain.CallbacksHandler = h.As(callbacks.KindTask, "summarise")
//	llm, err := openai.New(openai.WithCallback(h.As(callbacks.KindChat, "gpt-4o")))
//
// The events go to others, too, after h itself is taken out of them: a wrapper passes the
// callback handler that it replaces. The span of h is open when they get the start event.
func (h *Handler) As(kind Kind, name string, others ...lccallbacks.Handler) lccallbacks.Handler {
	n := &named{h, KindTask, name, ""}
	switch kind {
	case KindAgent:
		n.kind = kind
	case KindChat:
		n.name, n.model = defaultChainName, name
	}
	all := []lccallbacks.Handler{n}
	if rest := h.Strip(lccallbacks.CombiningHandler{Callbacks: others}); rest != nil {
		all = append(all, rest)
	}
	return combine(all)
}

// Strip returns other without h, or nil where nothing else is left. A wrapper around
// a value that has a callback handler calls it. The wrapper's span replaces the
// events of h, and the user's other handlers keep theirs.
func (h *Handler) Strip(other lccallbacks.Handler) lccallbacks.Handler {
	switch o := other.(type) {
	case *Handler:
		if o == h || o == nil {
			return nil
		}
	case *named:
		if o.Handler == h {
			return nil
		}
	case lccallbacks.CombiningHandler:
		var kept []lccallbacks.Handler
		for _, c := range o.Callbacks {
			if c = h.Strip(c); c != nil {
				kept = append(kept, c)
			}
		}
		return combine(kept)
	case *lccallbacks.CombiningHandler:
		if o == nil {
			return nil
		}
		return h.Strip(*o)
	}
	return other
}

func combine(hs []lccallbacks.Handler) lccallbacks.Handler {
	switch len(hs) {
	case 0:
		return nil
	case 1:
		return hs[0]
	}
	return lccallbacks.CombiningHandler{Callbacks: hs}
}

// OpensAgent reports whether other, the callback handler of a chain, comes from
// [Handler.As] with [KindAgent]. A wrapper of chains asks it, since an executor with
// such a handler has its span from events.
func (h *Handler) OpensAgent(other lccallbacks.Handler) bool {
	switch o := other.(type) {
	case *named:
		return o != nil && o.Handler == h && o.kind == KindAgent
	case lccallbacks.CombiningHandler:
		return slices.ContainsFunc(o.Callbacks, h.OpensAgent)
	}
	return false
}

type named struct {
	*Handler
	kind        Kind
	name, model string // of chains, and of model calls
}

// HandleChainStart opens the chain as what it is.
func (n *named) HandleChainStart(ctx context.Context, inputs map[string]any) {
	n.opened(ctx, n.kind, n.name, inputs)
}

// HandleLLMStart opens a call of the model.
func (n *named) HandleLLMStart(ctx context.Context, prompts []string) {
	n.opened(ctx, KindChat, n.model, prompts)
}

// HandleLLMGenerateContentStart opens a call of the model.
func (n *named) HandleLLMGenerateContentStart(ctx context.Context, ms []llms.MessageContent) {
	n.opened(ctx, KindChat, n.model, ms)
}
