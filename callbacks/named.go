// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"slices"

	lccallbacks "github.com/tmc/langchaingo/callbacks"
)

// As returns a Handler with a kind and a name for the chain on which it is
// registered, since chain events carry neither. Kind is [KindAgent] for an executor,
// else [KindTask], which becomes a workflow where nothing is around it.
//
//	chain.CallbacksHandler = h.As(callbacks.KindTask, "summarise")
//
// The events go to others, too, after h itself is taken out of them: a wrapper passes
// the callback handler that it replaces. The span of h is open when they get the
// start event.
func (h *Handler) As(kind Kind, name string, others ...lccallbacks.Handler) lccallbacks.Handler {
	if kind != KindAgent {
		kind = KindTask
	}
	all := []lccallbacks.Handler{&named{h, kind, name}}
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
	kind Kind
	name string
}

// HandleChainStart opens the chain as what it is.
func (n *named) HandleChainStart(ctx context.Context, inputs map[string]any) {
	n.opened(ctx, n.kind, n.name, inputs)
}
