// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"context"
	"sync"
)

// handler stands for package callbacks: its events open and close operations, and
// it writes down what became of them.
type handler struct {
	open Table[operation]
	mu   sync.Mutex
	log  []string
}

type operation struct {
	name string
	h    *handler
}

func (o operation) Abandon() { o.h.note("abandoned " + o.name) }

func (h *handler) note(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.log = append(h.log, text)
}

// took returns what became of operations since the last call.
func (h *handler) took() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	log := h.log
	h.log = nil
	return log
}

func (h *handler) abandoned() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.log)
}

func (h *handler) start(kind Kind, name string) { h.startIn(context.Background(), kind, name) }

func (h *handler) startIn(ctx context.Context, kind Kind, name string) {
	stack := Callers(0, StartEvent)
	defer stack.Release()
	h.open.Prune(stack)
	h.open.Push(operation{name, h}, kind, stack.Site(kind), ctx.Done())
}

func (h *handler) end(kinds Kind) {
	stack := Callers(0, EndEvent)
	defer stack.Release()
	if op := h.open.Pop(kinds, stack); op != nil {
		h.note("ended " + op.name)
	}
}

// current prunes as a wrapper does, and names the innermost operation.
func (h *handler) current() string {
	stack := Callers(0, 0)
	defer stack.Release()
	h.open.Prune(stack)
	if top := h.open.Top(); top != nil {
		return top.name
	}
	return ""
}

func init() {
	RegisterFunc((*handler).start, StartEvent)
	RegisterFunc((*handler).startIn, StartEvent)
	RegisterFunc((*handler).end, EndEvent)
	RegisterFunc((*model).generate, RunsModel)
	RegisterFunc((*silentChain).call, RunsChain|Eventless)
	RegisterFunc((*loudChain).call, RunsChain)
	RegisterFunc(callChain, Emitter|ChainCaller)
}

// model fires the events of script from generate itself: S start, E end, P panic.
type model struct {
	h      *handler
	script string
	during func()
}

func (m *model) generate() {
	for _, step := range m.script {
		switch step {
		case 'S':
			m.h.start(Model, "model")
			if m.during != nil {
				m.during()
			}
		case 'E':
			m.h.end(Model)
		case 'P':
			panic("model")
		}
	}
}

// helped is a model whose events come from helper functions.
type helped struct{ h *handler }

func (m *helped) begin() { m.h.start(Model, "helped") }

func (m *helped) finish() { m.h.end(Model) }

type chain interface {
	call()
	handler() *handler
}

type loudChain struct {
	h  *handler
	do func()
}

func (c *loudChain) call()             { c.do() }
func (c *loudChain) handler() *handler { return c.h }

type silentChain struct{ do func() }

func (c *silentChain) call()             { c.do() }
func (c *silentChain) handler() *handler { return nil }

// callChain is the library's function that fires the events of a chain.
func callChain(c chain) {
	if h := c.handler(); h != nil {
		h.start(Chain, "chain")
	}
	between(c)
	if h := c.handler(); h != nil {
		h.end(Chain)
	}
}

//go:noinline
func between(c chain) { c.call() }

func recovered(f func()) {
	defer func() { _ = recover() }()
	f()
}
