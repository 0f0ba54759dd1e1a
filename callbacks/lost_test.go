// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"flag"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

var manyOps = flag.Int("callbacks.ops", 20_000, "operations of the soak test; 200000 is the full one")

// sweepEvery is how often operations are looked for that their context ended.
const sweepEvery = 10 * time.Second

// counter is a span processor that keeps nothing but counts.
type counter struct{ started, ended atomic.Int64 }

func (c *counter) OnStart(context.Context, sdktrace.ReadWriteSpan) { c.started.Add(1) }
func (c *counter) OnEnd(sdktrace.ReadOnlySpan)                     { c.ended.Add(1) }
func (c *counter) Shutdown(context.Context) error                  { return nil }
func (c *counter) ForceFlush(context.Context) error                { return nil }

// Every tenth operation never ends, and each on a goroutine of its own, so that
// nothing later proves it over: the worst that a program can do to the table.
func TestLostEndsCostBoundedMemory(t *testing.T) {
	count := &counter{}
	h, err := NewHandler(WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(count))))
	require.NoError(t, err)
	const maxOpen = 4096
	h.open.Limit = maxOpen
	good, lost := &provider{h: h, script: "SE"}, &provider{h: h, script: "S"}
	run := func(ops int) {
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for i := range ops / 4 {
					if i%10 != w {
						_ = ask(context.Background(), good)
						continue
					}
					done := make(chan struct{})
					go func() {
						defer close(done)
						_ = ask(context.Background(), lost)
					}()
					<-done
				}
			})
		}
		wg.Wait()
	}
	run(10 * maxOpen) // fill the table: only growth beyond its bound counts
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	goroutines, before := runtime.NumGoroutine(), heap()
	run(*manyOps)

	assert.LessOrEqual(t, h.open.Len(), maxOpen)
	assert.Greater(t, h.open.Len(), maxOpen/2, "the test must fill the table")
	assert.Equal(t, int64(h.open.Len()), count.started.Load()-count.ended.Load(), "what is not in the table has ended")
	assert.Less(t, int64(heap())-int64(before), int64(4<<20))
	assert.LessOrEqual(t, runtime.NumGoroutine(), goroutines)
	h.open.CloseAll()
	assert.Equal(t, count.started.Load(), count.ended.Load())
}

// lose opens a call on a goroutine that then ends.
func lose(ctx context.Context, r *rig) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = ask(ctx, &provider{h: r, script: "S"})
	}()
	<-done
}

func TestSweepClosesWhatItsContextEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		ctx, cancel := context.WithCancel(context.Background())
		lose(ctx, r)
		lose(context.Background(), r)
		time.Sleep(3 * sweepEvery)
		synctest.Wait()
		assert.Equal(t, 2, r.rec.Open(), "both may be running")

		cancel()
		time.Sleep(sweepEvery)
		synctest.Wait()
		assert.Equal(t, 2, r.rec.Open(), "the provider may still report the cancellation as its own error")
		time.Sleep(sweepEvery)
		synctest.Wait()
		assert.Equal(t, "chat  (incomplete)\nand 1 open\n", r.tree())
		r.open.CloseAll()
	})
}

func TestSweptForItsAgeHasNoDuration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		lose(context.Background(), r)
		time.Sleep(time.Hour + 2*sweepEvery)
		synctest.Wait()
		assert.Equal(t, "chat  (incomplete)\n", r.tree())
		assert.Empty(t, r.points("gen_ai.client.operation.duration"), "an hour is not how long the call took")
	})
}

// An operation that ends between two sweeps after its context did keeps its own
// end.
func TestSweepLeavesTheProviderItsError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		ctx, cancel := context.WithCancel(context.Background())
		_ = ask(ctx, &provider{h: r, script: "SX", during: func(context.Context) {
			time.Sleep(sweepEvery / 2)
			cancel()
			time.Sleep(sweepEvery)
		}})
		assert.Equal(t, "chat  ERROR canceled\n", r.tree())
	})
}

// The sweep comes long after the call: by then the context may have been reused
// for another, and asking it can panic.
func TestSweepAsksNoContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		asked := 0
		lose(reentrant{context.Background(), func() { asked++ }}, r)
		time.Sleep(sweepEvery + 1)
		synctest.Wait()
		assert.Zero(t, asked)
		r.open.CloseAll()
	})
}

type reentrant struct {
	context.Context //nolint:containedctx // it is a context
	err             func()
}

func (c reentrant) Err() error {
	c.err()
	return nil
}
