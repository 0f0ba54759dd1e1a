// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"slices"

	lccallbacks "github.com/tmc/langchaingo/callbacks"
)

// As returns the Handler with a kind and a name for the chain it is registered
// on: chain events carry neither. Kind is [KindAgent] for an executor, else
// [KindTask], which is a workflow where nothing is around it.
//
//	chain.CallbacksHandler = h.As(callbacks.KindTask, "summarise")
func (h *Handler) As(kind Kind, name string) lccallbacks.Handler {
	if kind != KindAgent {
		kind = KindTask
	}
	return &named{h, kind, name}
}

// Beside is [Handler.As] together with what is left of other when h is taken
// out of it: the handler to put in the place of other. h comes first, so that
// its span is open when other hears of the start.
func (h *Handler) Beside(kind Kind, name string, other lccallbacks.Handler) lccallbacks.Handler {
	ours := h.As(kind, name)
	if theirs := h.Strip(other); theirs != nil {
		return lccallbacks.CombiningHandler{Callbacks: []lccallbacks.Handler{ours, theirs}}
	}
	return ours
}

// OpensAgent reports whether other, the callback handler of a chain, opens a
// span of an agent of h for it: such a chain needs no wrapper.
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
