// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lccallbacks "github.com/tmc/langchaingo/callbacks"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
)

const chainAndChat = "invoke_workflow chain\n└─ chat\n"

// A chain type of the user that fires its own events, in each of the shapes
// people write. The trap: the function that calls the Handler has often
// returned while the chain still runs.
type ownChain struct {
	h     *Handler
	model llms.Model
	shape string
}

func (c *ownChain) begin(ctx context.Context) {
	if c.h != nil {
		c.h.HandleChainStart(ctx, map[string]any{"q": 1})
	}
}

func (c *ownChain) end(ctx context.Context) {
	if c.h != nil {
		c.h.HandleChainEnd(ctx, map[string]any{"a": 1})
	}
}

func (c *ownChain) prepare(ctx context.Context) { c.begin(ctx) }

func (c *ownChain) each(f func(lccallbacks.Handler)) {
	for _, h := range []lccallbacks.Handler{lccallbacks.SimpleHandler{}, c.h} {
		f(h)
	}
}

func (c *ownChain) Call(ctx context.Context) (err error) {
	switch c.shape {
	case "direct":
		c.h.HandleChainStart(ctx, nil)
		err = ask(ctx, c.model)
		c.h.HandleChainEnd(ctx, nil)
	case "helpers":
		c.begin(ctx)
		err = ask(ctx, c.model)
		c.end(ctx)
	case "helper, deferred end":
		c.begin(ctx)
		defer c.end(ctx)
		err = ask(ctx, c.model)
	case "helper of a helper":
		c.prepare(ctx)
		err = ask(ctx, c.model)
		c.end(ctx)
	case "closure":
		func() { c.h.HandleChainStart(ctx, nil) }()
		err = ask(ctx, c.model)
		defer func() { c.h.HandleChainEnd(ctx, nil) }()
	case "each":
		c.each(func(h lccallbacks.Handler) { h.HandleChainStart(ctx, nil) })
		err = ask(ctx, c.model)
		c.each(func(h lccallbacks.Handler) { h.HandleChainEnd(ctx, nil) })
	case "method value":
		start, end := c.h.HandleChainStart, c.h.HandleChainEnd
		start(ctx, nil)
		err = ask(ctx, c.model)
		defer end(ctx, nil)
	case "model in a closure":
		c.begin(ctx)
		func() { err = ask(ctx, c.model) }()
		c.end(ctx)
	case "deferred model":
		c.begin(ctx)
		func() {
			defer func() { err = ask(ctx, c.model) }()
		}()
		c.end(ctx)
	}
	return err
}

var ownShapes = []string{
	"direct", "helpers", "helper, deferred end", "helper of a helper", "closure", "each", "method value",
	"model in a closure", "deferred model",
}

func TestUsersChainKeepsItsChildren(t *testing.T) {
	for _, shape := range ownShapes {
		t.Run(shape, func(t *testing.T) {
			r := newRig(t)
			c := &ownChain{r.Handler, &provider{h: r, script: "SE"}, shape}
			require.NoError(t, c.Call(context.Background()))
			assert.Equal(t, chainAndChat, r.tree())

			r.rec.Reset() // and the same inside another chain, with a sibling
			require.NoError(t, runChain(context.Background(), inChain(r, func(ctx context.Context) error {
				return errors.Join(c.Call(ctx), c.Call(ctx))
			})))
			assert.Equal(t, `invoke_workflow chain
├─ execute_task chain
│  └─ chat
└─ execute_task chain
   └─ chat
`, r.tree())
			assert.Zero(t, r.open.Len())
		})
	}
}

// The same chain losing its end must not swallow what follows.
func TestUsersChainWithoutEndIsClosedWhenItHasReturned(t *testing.T) {
	for _, shape := range ownShapes {
		t.Run(shape, func(t *testing.T) {
			r := newRig(t)
			failing := &ownChain{r.Handler, panicking{}, shape}
			working := &provider{h: r, script: "SE"}
			survive := func() { recovered(func() { _ = failing.Call(context.Background()) }) }
			survive()
			survive()
			require.NoError(t, ask(context.Background(), working))
			got := r.tree()
			if strings.Contains(shape, "defer") || shape == "closure" || shape == "method value" {
				// Their deferred end ran, or the end was not yet deferred.
				got = strings.ReplaceAll(got, "  (incomplete)", "")
				assert.Equal(t, "invoke_workflow chain\ninvoke_workflow chain\nchat\n", got)
				return
			}
			assert.Equal(t, "invoke_workflow chain  (incomplete)\ninvoke_workflow chain  (incomplete)\nchat\n", got)
		})
	}
}

type panicking struct{ llms.Model }

func (panicking) GenerateContent(context.Context, []llms.MessageContent, ...llms.CallOption) (*llms.ContentResponse, error) {
	panic("model")
}

type leakyChain struct{ h lccallbacks.Handler }

func (c leakyChain) Call(ctx context.Context) { c.h.HandleChainStart(ctx, nil) }

// A method named Call is the operation itself, not a helper of its caller.
func TestCallWithoutEndCalledFromTwoPlaces(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	c := leakyChain{r}
	c.Call(ctx)
	c.Call(ctx)
	require.NoError(t, ask(ctx, &provider{h: r, script: "SE"}))
	assert.Equal(t, "invoke_workflow chain  (incomplete)\ninvoke_workflow chain  (incomplete)\nchat\n", r.tree())
}

// A model with helpers: nothing tells its start from a provider's that has
// forgotten the end, but the name of the method it runs in.
type ownModel struct {
	llms.Model
	h      *Handler
	inner  llms.Model
	noEnd  bool
	nested bool
}

func (m *ownModel) begin(ctx context.Context, ms []llms.MessageContent) {
	m.h.HandleLLMGenerateContentStart(ctx, ms)
}

func (m *ownModel) end(ctx context.Context, res *llms.ContentResponse) {
	m.h.HandleLLMGenerateContentEnd(ctx, res)
}

func (m *ownModel) GenerateContent(ctx context.Context, ms []llms.MessageContent, _ ...llms.CallOption) (*llms.ContentResponse, error) {
	m.begin(ctx, ms)
	if m.inner != nil {
		if err := ask(ctx, m.inner); err != nil {
			return nil, err
		}
	}
	if m.nested {
		_, s := m.h.Start(ctx, KindTask, "inside")
		s.End(nil)
	}
	res := answer("ok", tokens)
	if !m.noEnd {
		m.end(ctx, res)
	}
	return res, nil
}

func TestUsersModelWithHelpers(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	require.NoError(t, ask(ctx, &ownModel{h: r.Handler, nested: true, inner: &provider{h: r, script: "SE"}}))
	assert.Equal(t, "chat\n├─ chat\n└─ execute_task inside\n", r.tree())

	r.rec.Reset()
	m := &ownModel{h: r.Handler, noEnd: true}
	require.NoError(t, ask(ctx, m))
	require.NoError(t, ask(ctx, m))
	_, s := r.Start(ctx, KindWorkflow, "next")
	s.End(nil)
	assert.Equal(t, "chat  (incomplete)\nchat  (incomplete)\ninvoke_workflow next\n", r.tree())
}

// No name tells that looseStart is a helper, so a start event holds it to its
// own frame, but its end must still find it.
func looseStart(ctx context.Context, h *Handler) { h.HandleLLMStart(ctx, []string{"q"}) }

func TestEndFindsAStartFromAnyHelper(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	looseStart(ctx, r.Handler)
	r.HandleLLMGenerateContentEnd(ctx, answer("ok", tokens))
	assert.Equal(t, "chat\n", r.tree())
	assert.Equal(t, "100", r.attrs("chat")["gen_ai.usage.input_tokens"])

	r.rec.Reset()
	looseStart(ctx, r.Handler)
	looseStart(ctx, r.Handler)
	r.HandleLLMGenerateContentEnd(ctx, answer("ok", tokens))
	assert.Equal(t, "chat  (incomplete)\nchat\n", r.tree())
}

// Handlers between the emitter and us, each with its own way of passing on.
type embeds struct{ *Handler }

type overrides struct{ *Handler }

func (o overrides) HandleChainStart(ctx context.Context, in map[string]any) {
	o.Handler.HandleChainStart(ctx, in)
}

func (o *overrides) HandleLLMGenerateContentStart(ctx context.Context, ms []llms.MessageContent) {
	defer o.Handler.HandleLLMGenerateContentStart(ctx, ms)
}

type dispatches struct {
	lccallbacks.SimpleHandler
	hs []lccallbacks.Handler
}

func (d dispatches) do(f func(lccallbacks.Handler)) {
	for _, h := range d.hs {
		func() { f(h) }()
	}
}

func (d dispatches) HandleChainStart(ctx context.Context, in map[string]any) {
	d.do(func(h lccallbacks.Handler) { h.HandleChainStart(ctx, in) })
}

func (d dispatches) HandleChainEnd(ctx context.Context, out map[string]any) {
	d.do(func(h lccallbacks.Handler) { h.HandleChainEnd(ctx, out) })
}

func (d dispatches) HandleChainError(ctx context.Context, err error) {
	d.do(func(h lccallbacks.Handler) { h.HandleChainError(ctx, err) })
}

func (d dispatches) HandleLLMGenerateContentStart(ctx context.Context, ms []llms.MessageContent) {
	d.do(func(h lccallbacks.Handler) { h.HandleLLMGenerateContentStart(ctx, ms) })
}

func (d dispatches) HandleLLMGenerateContentEnd(ctx context.Context, res *llms.ContentResponse) {
	d.do(func(h lccallbacks.Handler) { h.HandleLLMGenerateContentEnd(ctx, res) })
}

func forwarding(h *Handler) map[string]lccallbacks.Handler {
	combine := func(hs ...lccallbacks.Handler) lccallbacks.Handler {
		return lccallbacks.CombiningHandler{Callbacks: hs}
	}
	return map[string]lccallbacks.Handler{
		"plain":              h,
		"named":              h.As(KindTask, "chain"),
		"combined":           combine(lccallbacks.SimpleHandler{}, h, lccallbacks.SimpleHandler{}),
		"combined twice":     combine(combine(h)),
		"embedded":           embeds{h},
		"overriding":         &overrides{h},
		"dispatching":        dispatches{hs: []lccallbacks.Handler{h}},
		"dispatch, combined": dispatches{hs: []lccallbacks.Handler{combine(dispatches{hs: []lccallbacks.Handler{h}})}},
	}
}

func TestHandlersInBetweenAreTransparent(t *testing.T) {
	r := newRig(t)
	for name, h := range forwarding(r.Handler) {
		t.Run(name, func(t *testing.T) {
			r.rec.Reset()
			good, leaky := &provider{h: h, script: "SE"}, &provider{h: h, script: "S"}
			require.NoError(t, runChain(context.Background(), inChain(h, func(ctx context.Context) error {
				for range 2 {
					require.NoError(t, ask(ctx, leaky))
				}
				return runChain(ctx, llmChain(good, h))
			})))
			assert.Equal(t, `invoke_workflow chain
├─ chat  (incomplete)
├─ chat  (incomplete)
└─ execute_task chain
   └─ chat
`, r.tree())
		})
	}
}

// Names that merely begin like an event's are the user's own functions, where
// operations start: they must not be taken for handlers.
type api struct{ h lccallbacks.Handler }

func (a *api) HandleToolCall(ctx context.Context, m llms.Model) error {
	return errors.Join(ask(ctx, m), ask(ctx, m))
}

func (a *api) HandleChainRequest(ctx context.Context, m llms.Model) error {
	a.h.HandleChainStart(ctx, nil)
	defer a.h.HandleChainEnd(ctx, nil)
	return a.HandleToolCall(ctx, m)
}

func TestUsersHandleMethodsAreNotHandlers(t *testing.T) {
	r := newRig(t)
	a := &api{r}
	ctx := context.Background()
	require.NoError(t, a.HandleToolCall(ctx, &provider{h: r, script: "SE"}))
	require.NoError(t, a.HandleChainRequest(ctx, &provider{h: r, script: "SE"}))
	assert.Equal(t, "chat\nchat\ninvoke_workflow chain\n├─ chat\n└─ chat\n", r.tree())
}

// A handler that evaluates each answer with a chain of its own.
type evaluates struct {
	*Handler
	chain lcchains.Chain
	busy  *bool
}

func (e evaluates) HandleLLMGenerateContentEnd(ctx context.Context, res *llms.ContentResponse) {
	e.Handler.HandleLLMGenerateContentEnd(ctx, res)
	if !*e.busy {
		*e.busy = true
		if err := runChain(ctx, e.chain); err != nil {
			panic(err)
		}
	}
}

func TestChainRunByAHandler(t *testing.T) {
	r := newRig(t)
	busy := false
	h := evaluates{r.Handler, llmChain(&provider{h: r, script: "SE"}, r.As(KindTask, "judge")), &busy}
	require.NoError(t, runChain(context.Background(), llmChain(&provider{h: h, script: "SE"}, r)))
	assert.Equal(t, `invoke_workflow chain
├─ chat
└─ execute_task judge
   └─ chat
`, r.tree())
}

func generic[T any](ctx context.Context, h *Handler, m llms.Model, _ T) error {
	h.HandleChainStart(ctx, nil)
	defer h.HandleChainEnd(ctx, nil)
	return ask(ctx, m)
}

func TestGenericEmitter(t *testing.T) {
	r := newRig(t)
	p := &provider{h: r, script: "SE"}
	ctx := context.Background()
	require.NoError(t, errors.Join(generic(ctx, r.Handler, p, 1), generic(ctx, r.Handler, p, "x"), generic(ctx, r.Handler, p, r)))
	assert.Equal(t, strings.Repeat(chainAndChat, 3), r.tree())
}

// inlined is small enough for the compiler to put it into its caller: two runs
// of it then share a frame, and only the place of the call tells them apart.
func inlined(ctx context.Context, h *Handler) { h.HandleLLMStart(ctx, nil) }

func TestInlinedEmitterWithoutEnd(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	inlined(ctx, r.Handler)
	inlined(ctx, r.Handler)
	for range 2 {
		inlined(ctx, r.Handler)
	}
	_, s := r.Start(ctx, KindWorkflow, "next")
	s.End(nil)
	assert.Equal(t, strings.Repeat("chat  (incomplete)\n", 4)+"invoke_workflow next\n", r.tree())
}

//go:noinline
func deep(n int, f func()) {
	if n > 0 {
		deep(n-1, f)
		return
	}
	f()
}

// Stacks deeper than a fixed buffer: what is cut off must not make a running
// chain look returned, nor a returned call look running.
func TestDeepStacks(t *testing.T) {
	for _, depth := range []int{100, 127, 128, 500, 513, 2000} {
		r := newRig(t)
		ctx := context.Background()
		good, leaky := &provider{h: r, script: "SE"}, &provider{h: r, script: "S"}
		chain := inChain(r, func(ctx context.Context) (err error) {
			deep(depth, func() {
				for range 3 {
					err = errors.Join(err, ask(ctx, leaky))
				}
				err = errors.Join(err, ask(ctx, good))
			})
			return err
		})
		require.NoError(t, runChain(ctx, chain))
		deep(depth, func() { require.NoError(t, runChain(ctx, chain)) })
		const want = `invoke_workflow chain
├─ chat  (incomplete)
├─ chat  (incomplete)
├─ chat  (incomplete)
└─ chat
`
		assert.Equal(t, want+want, r.tree(), "depth %d", depth)
	}
}

func TestBottomlessStackKeepsWhatRuns(t *testing.T) {
	r := newRig(t)
	good := &provider{h: r, script: "SE"}
	require.NoError(t, runChain(context.Background(), inChain(r, func(ctx context.Context) (err error) {
		deep(10_000, func() { err = runChain(ctx, llmChain(good, r)) })
		return errors.Join(err, ask(ctx, good))
	})))
	assert.Equal(t, `invoke_workflow chain
├─ execute_task chain
│  └─ chat
└─ chat
`, r.tree())
}

// A pool reuses its goroutines, and each job comes from the same place.
func TestWorkerPoolReusesGoroutines(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	leaky, good := &provider{h: r, script: "S"}, &provider{h: r, script: "SE"}
	jobs := make(chan func(), 8)
	jobs <- func() { _ = ask(ctx, leaky) }
	jobs <- func() { _ = ask(ctx, leaky) }
	jobs <- func() { recovered(func() { _ = runChain(ctx, llmChain(panicking{}, r)) }) }
	jobs <- func() { recovered(func() { _ = runChain(ctx, llmChain(panicking{}, r)) }) }
	jobs <- func() { _ = runChain(ctx, llmChain(leaky, r)) }
	jobs <- func() { leakyChain{r}.Call(ctx) }
	jobs <- func() { _ = ask(ctx, good) }
	close(jobs)
	var wg sync.WaitGroup
	wg.Go(func() {
		for job := range jobs {
			job()
		}
	})
	wg.Wait()
	assert.Equal(t, `chat  (incomplete)
chat  (incomplete)
invoke_workflow chain  (incomplete)
invoke_workflow chain  (incomplete)
invoke_workflow chain
└─ chat  (incomplete)
invoke_workflow chain  (incomplete)
chat
`, r.tree())
}
