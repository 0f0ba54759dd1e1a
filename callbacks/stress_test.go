// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"flag"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/internal/testenv"
)

var stressSeed = flag.Uint64("callbacks.seed", 1, "seed of the stress test")

// sim runs random programs and writes down, by their own structure, which
// operation each one runs inside: it knows nothing of stacks and contexts.
type sim struct {
	*rig
	tracer trace.Tracer
	ids    atomic.Int64
	mu     sync.Mutex
	want   map[int64]int64 // parent by id, 0 for none
}

// place is where in its program a step stands: the span in its context, and the
// innermost operation that events opened on its goroutine. Ids grow along a
// program, so the larger one is the inner one.
type place struct {
	ctx      context.Context //nolint:containedctx // that is what it is about
	cur, top int64
	older    []place
}

func (p place) inCtx(ctx context.Context, cur int64) place {
	return place{ctx, cur, p.top, append(slices.Clip(p.older), p)}
}

func (p place) inEvent(id int64) place { return place{p.ctx, p.cur, id, p.older} }

const nodeKey = "node"

// op announces an operation and returns its id and the context to open it with.
func (s *sim) op(p place) (int64, context.Context) {
	id := s.expect(max(p.cur, p.top))
	return id, ContextWithAssociation(p.ctx, attribute.Int64(nodeKey, id))
}

func (s *sim) expect(parent int64) int64 {
	id := s.ids.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.want[id] = parent
	return id
}

type simTool struct {
	h     *Handler
	noEnd bool
	fn    func()
}

func (t simTool) Call(ctx context.Context) {
	t.h.HandleToolStart(ctx, "in")
	t.fn()
	if !t.noEnd {
		t.h.HandleToolEnd(ctx, "out")
	}
}

type simChain struct {
	h     *Handler
	noEnd bool
	fn    func()
}

func (c simChain) begin(ctx context.Context) { c.h.HandleChainStart(ctx, nil) }
func (c simChain) end(ctx context.Context)   { c.h.HandleChainEnd(ctx, nil) }

func (c simChain) Call(ctx context.Context) {
	c.begin(ctx)
	c.fn()
	if !c.noEnd {
		c.end(ctx)
	}
}

// strayModel reports an error without a start, as Mistral's Call does.
type strayModel struct{ h *Handler }

func (m strayModel) Call(ctx context.Context) { m.h.HandleLLMError(ctx, nil) }

// steps runs a few random steps at p, now and then recovered, or with a fallback.
func (s *sim) steps(rng *rand.Rand, p place, depth int) {
	for range 1 + rng.IntN(4) {
		switch rng.IntN(6) {
		case 0, 1:
			recovered(func() { s.step(rng, p, depth) })
		case 2:
			s.withFallback(rng, p, depth)
		default:
			s.step(rng, p, depth)
		}
	}
}

func (s *sim) withFallback(rng *rand.Rand, p place, depth int) {
	defer func() {
		if recover() != nil {
			recovered(func() { s.step(rng, p, depth+1) })
		}
	}()
	s.step(rng, p, depth)
}

func (s *sim) step(rng *rand.Rand, p place, depth int) {
	kind := rng.IntN(12)
	if depth > 7 {
		kind = 9 + kind%3
	}
	flip := rng.IntN(3) == 0
	switch kind {
	case 0, 1:
		s.wrapped(rng, p, depth, flip)
	case 2, 3:
		s.chained(rng, p, depth, flip)
	case 4:
		id, ctx := s.op(p)
		simTool{s.Handler, flip, func() { s.steps(rng, p.inEvent(id), depth+1) }}.Call(ctx)
	case 5:
		id, ctx := s.op(p)
		simChain{s.Handler, flip, func() { s.steps(rng, p.inEvent(id), depth+1) }}.Call(ctx)
	case 6:
		s.users(rng, p, depth)
	case 7:
		if n := len(p.older); n > 0 {
			old := p.older[rng.IntN(n)]
			s.steps(rng, place{old.ctx, old.cur, p.top, old.older}, depth+1)
		}
	case 8:
		var wg sync.WaitGroup
		for range 2 {
			seed := rng.Uint64()
			wg.Go(func() { s.thread(seed, place{ctx: p.ctx, cur: p.cur}, depth+2) })
		}
		wg.Wait()
	case 9:
		s.owned(rng, p)
	case 10:
		id, ctx := s.op(p)
		provider := &provider{h: s.Handler, script: []string{"SE", "S", "SX", "SR", "SnE", "SP", "Snx"}[rng.IntN(7)]}
		if depth < 7 && flip {
			provider.during = func(context.Context) { s.steps(rng, p.inEvent(id), depth+2) }
		}
		_ = ask(ctx, provider)
	case 11:
		if flip {
			panic("step")
		}
		strayModel{s.Handler}.Call(p.ctx)
	}
}

func (s *sim) wrapped(rng *rand.Rand, p place, depth int, fail bool) {
	id, ctx := s.op(p)
	ctx, span := s.Start(ctx, KindTask, "wrapped")
	defer span.End(ErrUnwound)
	s.steps(rng, p.inCtx(ctx, id), depth+1)
	if fail {
		span.End(errBoom)
	}
	span.End(nil)
}

// owned is a wrapped model call whose provider has the handler, too: one span.
func (s *sim) owned(rng *rand.Rand, p place) {
	_, ctx := s.op(p)
	ctx, span := s.Start(ctx, KindChat, "m1")
	defer span.End(ErrUnwound)
	span.End(ask(ctx, &provider{h: s.Handler, script: []string{"SE", "S", "SX", "SnE", "SP"}[rng.IntN(5)]}))
}

func (s *sim) chained(rng *rand.Rand, p place, depth int, fail bool) {
	id, ctx := s.op(p)
	_ = runChain(ctx, inChain(s.As(KindTask, "chained"), func(context.Context) error {
		s.steps(rng, p.inEvent(id), depth+1)
		if fail {
			return errBoom
		}
		return nil
	}))
}

func (s *sim) users(rng *rand.Rand, p place, depth int) {
	id := s.expect(p.cur) // OpenTelemetry's own rule
	ctx, span := s.tracer.Start(p.ctx, "user", trace.WithAttributes(attribute.Int64(nodeKey, id)))
	defer span.End()
	s.steps(rng, p.inCtx(ctx, id), depth+1)
}

// thread is a goroutine's program: a chain, so that its end closes what is left.
func (s *sim) thread(seed uint64, p place, depth int) {
	rng := rand.New(rand.NewPCG(*stressSeed, seed))
	id, ctx := s.op(p)
	_ = runChain(ctx, inChain(s.As(KindTask, "thread"), func(context.Context) error {
		recovered(func() { s.steps(rng, p.inEvent(id), depth) })
		return nil
	}))
}

func TestRandomProgramsHaveTheRightParents(t *testing.T) {
	const workers = 32
	rounds := 12
	if testenv.Race {
		rounds = 2
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // all spans are kept, so that collecting frees little
	r := newRig(t)
	s := &sim{rig: r, tracer: r.tp.Tracer("user"), want: map[int64]int64{}}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range rounds {
				s.thread(uint64(w*rounds+i), place{ctx: context.Background()}, 0)
			}
		})
	}
	wg.Wait()

	assert.Zero(t, r.open.Len())
	assert.Zero(t, r.rec.Open(), "spans left open")
	id := map[trace.SpanID]int64{}
	spans := r.rec.Spans()
	for _, span := range spans {
		for _, key := range []attribute.Key{nodeKey, "traceloop.association.properties." + nodeKey} {
			if v, ok := spantree.Attribute(span, key); ok {
				id[span.SpanContext().SpanID()] = v.AsInt64()
			}
		}
	}
	require.Len(t, id, len(s.want), "one span for each operation")
	wrong := 0
	for _, span := range spans {
		me := id[span.SpanContext().SpanID()]
		if got := id[span.Parent().SpanID()]; got != s.want[me] {
			wrong++
			t.Logf("%s %d: parent %d, want %d", span.Name(), me, got, s.want[me])
		}
	}
	assert.Zero(t, wrong, "wrong parents of %d spans; seed %d", len(spans), *stressSeed)
	t.Logf("%d spans", len(spans))
}
