// SPDX-License-Identifier: Apache-2.0

package agents_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/testenv"
	"github.com/spanloom/spanloom/privacy"
)

var (
	randomSeed = flag.Uint64("agents.seed", 1, "seed of the random programs")
	randomOps  = flag.Int("agents.ops", 0, "operations of the random programs, at least; 0 is a few seconds of them")
)

const (
	randomGoroutines = 48
	randomPoolSize   = 4
	// randomPrograms is how many programs each goroutine runs in a round.
	randomPrograms = 8
)

var errRandom = errors.New("random")

// world is what the programs of a round share: one Handler, a pool of workers, and
// the truth that the library is checked against.
type world struct {
	h    *callbacks.Handler
	jobs chan func()
	ids  *atomic.Int64

	mu sync.Mutex
	// want has the parent of each program's outermost operation by the id that stands
	// in its texts, "" for none.
	want  map[string]string
	bare  map[string]bool // programs that are a model call and nothing else
	chats map[string]int  // model calls, by the ids in the prompt
	tools map[string]int
}

// place is where in its program a step stands. The ids are those of the innermost
// operation around it, top for steps on its goroutine, and inCtx for those on
// others, to which only its context comes.
type place struct {
	ctx        context.Context //nolint:containedctx // a place is little else
	top, inCtx string
}

func (p place) elsewhere() place { return place{p.ctx, p.inCtx, p.inCtx} }

// Executors, chains, retrievers and models of langchaingo run inside one another at
// random, with wrappers and with nothing but the Handler. They fail, panic, forget
// events, fall back, and share goroutines. Each operation has the right parent.
func TestRandomPrograms(t *testing.T) {
	ops := *randomOps
	if ops == 0 {
		if ops = 15_000; testenv.Race {
			ops = 2_000
		}
	}
	var ids atomic.Int64
	var sum totals
	for round := uint64(0); sum.spans < ops && !t.Failed(); round++ {
		synctest.Test(t, func(t *testing.T) {
			sum.add(randomRound(t, &ids, round))
		})
	}
	t.Logf("seed %d: %d operations in %d programs, %d model calls, %d recovered panics, %d fallbacks, %d wrong parents",
		*randomSeed, sum.spans, ids.Load(), sum.chats, sum.panics, sum.fallbacks, sum.wrong)
	if sum.panics == 0 || sum.fallbacks == 0 {
		t.Error("the programs are too tame")
	}
}

func randomRound(t *testing.T, ids *atomic.Int64, round uint64) totals {
	k := oteltest.New(t, callbacks.WithContent(privacy.Verbatim), callbacks.WithPrices(nil))
	w := &world{
		h: k.Handler, ids: ids, jobs: make(chan func()),
		want: map[string]string{}, bare: map[string]bool{}, chats: map[string]int{}, tools: map[string]int{},
	}
	var pool, programs sync.WaitGroup
	for range randomPoolSize {
		pool.Go(func() {
			for job := range w.jobs {
				job()
			}
		})
	}
	var panics, fallbacks atomic.Int64
	for g := range uint64(randomGoroutines) {
		programs.Go(func() {
			d := &dice{
				rnd: rand.New(rand.NewPCG(*randomSeed, round*randomGoroutines+g)), panics: &panics, fallbacks: &fallbacks,
			}
			for range randomPrograms {
				w.step(d, place{ctx: context.Background()}, 0)
			}
		})
	}
	programs.Wait()
	close(w.jobs)
	pool.Wait()
	// Apply returns at the first error, while its other workers go on.
	synctest.Wait()
	w.h.Flush()
	sum := w.check(t, k.Spans.Spans())
	sum.panics, sum.fallbacks = int(panics.Load()), int(fallbacks.Load())
	return sum
}

// dice are random numbers that several goroutines may draw.
type dice struct {
	mu                sync.Mutex
	rnd               *rand.Rand
	panics, fallbacks *atomic.Int64
}

func (d *dice) roll(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rnd.IntN(n)
}

func (d *dice) oneIn(n int) bool { return d.roll(n) == 0 }

// of returns dice of their own for another goroutine.
func (d *dice) of() *dice {
	return &dice{rnd: rand.New(rand.NewPCG(uint64(d.roll(1<<30)), uint64(d.roll(1<<30)))), panics: d.panics, fallbacks: d.fallbacks}
}

// step runs one program, or several in one of the ways that servers do. It does
// not panic.
func (w *world) step(d *dice, p place, depth int) {
	if depth < 2 {
		switch d.roll(10) {
		case 0:
			w.group(d, p, depth)
			return
		case 1:
			w.pooled(d, p, depth)
			return
		}
	}
	if d.oneIn(3) {
		w.withFallback(d, p, depth)
	} else {
		w.recovered(d, p, depth)
	}
}

// recovered runs a program, and takes its panic for a failure.
func (w *world) recovered(d *dice, p place, depth int) {
	defer func() { d.caught(recover()) }()
	w.program(d, p, depth)
}

// withFallback runs a program, and if it panics another one in the deferred function.
func (w *world) withFallback(d *dice, p place, depth int) {
	defer func() {
		if d.caught(recover()) {
			d.fallbacks.Add(1)
			w.recovered(d, p, depth)
		}
	}()
	w.program(d, p, depth)
}

func (d *dice) caught(r any) bool {
	if r == nil {
		return false
	}
	if r != errRandom { //nolint:errorlint // the very value that was thrown
		panic(r)
	}
	d.panics.Add(1)
	return true
}

// group runs programs as an errgroup does: the first failure cancels the others.
func (w *world) group(d *dice, p place, depth int) {
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	p.ctx = ctx
	var wg sync.WaitGroup
	for range 2 + d.roll(2) {
		d := d.of()
		wg.Go(func() {
			w.step(d, p.elsewhere(), depth+1)
			if d.oneIn(4) {
				cancel()
			}
		})
	}
	wg.Wait()
}

// pooled has a worker run a program, whose goroutine has run others before.
func (w *world) pooled(d *dice, p place, depth int) {
	if depth > 0 {
		return // a worker must not wait for another one
	}
	done := make(chan struct{})
	w.jobs <- func() {
		defer close(done)
		w.step(d, p.elsewhere(), 2)
	}
	<-done
}

// start gives a program its id, and writes down what is around it.
func (w *world) start(p place) (id string) {
	id = fmt.Sprintf("run-%dx", w.ids.Add(1))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.want[id] = p.top
	return id
}

func (w *world) count(counts map[string]int, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	counts[idsIn(text)]++
}

// difference lists what is counted differently.
func difference(want, got map[string]int) map[string][2]int {
	d := map[string][2]int{}
	both := maps.Clone(want)
	maps.Copy(both, got)
	for k := range both {
		if want[k] != got[k] {
			d[k] = [2]int{want[k], got[k]}
		}
	}
	return d
}
