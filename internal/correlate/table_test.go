// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// at opens an operation on a goroutine of a chosen number.
func (h *handler) at(goroutine int64, ctx context.Context, name string) *entry[operation] {
	e := &entry[operation]{operation: operation{name, h}, kind: Model, goroutine: goroutine, done: ctx.Done(), opened: time.Now()}
	h.open.add(e)
	return e
}

func (h *handler) isOpen(e *entry[operation]) bool {
	s := h.open.shard(e.goroutine)
	s.mu.Lock()
	defer s.mu.Unlock()
	for o := s.stacks[e.goroutine]; o != nil; o = o.outer {
		if o == e {
			return true
		}
	}
	return false
}

// Goroutine ids are sequential, and a fan-out of fixed width spaces them evenly.
func TestFiftyThousandOpenAtOnceLoseNone(t *testing.T) {
	for _, spacing := range []int64{1, 2, 3, 16, 17, 512, 1 << 20, 1 << 40} {
		h := &handler{}
		ops := make([]*entry[operation], 50_000)
		for i := range ops {
			ops[i] = h.at(1+int64(i)*spacing, context.Background(), "live")
		}
		assert.Zero(t, h.abandoned(), "every %dth number", spacing)
		assert.Equal(t, len(ops), h.open.Len())
		for _, e := range ops {
			h.open.take(e)
		}
		assert.Zero(t, h.open.Len())
	}
}

func TestShardsFillEvenly(t *testing.T) {
	const n = 16_000
	for _, spacing := range []int64{1, 16, 512, 1 << 20, 1 << 40} {
		h := &handler{}
		for i := range int64(n) {
			h.at(1+i*spacing, context.Background(), "")
		}
		for i := range h.open.shards {
			assert.InDelta(t, n/tableShards, len(h.open.shards[i].stacks), n/tableShards/5, "every %dth number", spacing)
		}
	}
}

func TestWhatItsContextEndedGoesBeforeWhatIsLive(t *testing.T) {
	h := &handler{}
	h.open.Limit = 1024
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	var live []*entry[operation]
	for i := range int64(5000) {
		if i%5 == 0 {
			live = append(live, h.at(i, context.Background(), "live"))
		} else {
			h.at(i, ended, "ended")
		}
	}
	assert.Len(t, live, 1000)
	for _, e := range live {
		assert.True(t, h.isOpen(e), "live on goroutine %d", e.goroutine)
	}
	for _, text := range h.took() {
		assert.Equal(t, "abandoned ended", text)
	}
	assert.LessOrEqual(t, h.open.Len(), h.open.Limit)
}

func TestTheLongestIdleGoroutineGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &handler{}
		h.open.Limit = 4
		ids := sameShard(&h.open, 4)
		for i, name := range []string{"first", "second", "third"} {
			time.Sleep(time.Second)
			h.at(ids[i], context.Background(), name)
		}
		time.Sleep(time.Second)
		h.at(ids[0], context.Background(), "first's inner")
		time.Sleep(time.Second)
		h.at(ids[3], context.Background(), "fourth")
		assert.Equal(t, []string{"abandoned second"}, h.took(), "the oldest one's goroutine is at work")
		h.open.CloseAll()
	})
}

// sameShard returns goroutine ids that share a lock.
func sameShard(t *Table[operation], n int) (ids []int64) {
	for id := int64(1); len(ids) < n; id++ {
		if t.shard(id) == t.shard(1) {
			ids = append(ids, id)
		}
	}
	return ids
}

// What is abandoned takes along what is open inside it.
func TestOneGoroutineFillsTheTable(t *testing.T) {
	h := &handler{}
	h.open.Limit = 100
	for range 250 {
		h.at(1, context.Background(), "op")
		assert.LessOrEqual(t, h.open.Len(), h.open.Limit)
	}
	assert.Equal(t, 200, h.abandoned())
	h.open.CloseAll()
	assert.Equal(t, 250, h.abandoned())
	assert.Zero(t, h.open.Len())
	for i := range h.open.shards {
		assert.Empty(t, h.open.shards[i].stacks)
	}
}

func TestSweepGivesAnEndedContextOneMoreSweep(t *testing.T) {
	h := &handler{}
	ctx, cancel := context.WithCancel(context.Background())
	h.at(1, ctx, "cancelled")
	h.at(2, context.Background(), "live")
	h.open.Sweep()
	cancel()
	h.open.Sweep()
	assert.Zero(t, h.abandoned(), "a provider may still report the cancellation as its own error")
	h.open.Sweep()
	assert.Equal(t, []string{"abandoned cancelled"}, h.took())
	h.open.CloseAll()
}

func TestSweepAbandonsWhatIsTooOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &handler{}
		h.at(1, context.Background(), "old")
		time.Sleep(maxAge)
		synctest.Wait()
		assert.Zero(t, h.abandoned())
		time.Sleep(2 * sweepEvery)
		synctest.Wait()
		assert.Equal(t, []string{"abandoned old"}, h.took())
		assert.Zero(t, h.open.Len())
	})
}

// A handler at rest has no timer: a program with many of them, or one that counts
// its goroutines, must not see them tick for good.
func TestSweepIsArmedOnlyWhileSomethingIsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &handler{}
		assert.False(t, h.open.armed.Load())
		(&model{h: h, script: "SE"}).generate()
		assert.True(t, h.open.armed.Load())
		time.Sleep(sweepEvery + 1)
		synctest.Wait()
		assert.False(t, h.open.armed.Load())

		h.at(-1, context.Background(), "lost")
		time.Sleep(sweepEvery + 1)
		synctest.Wait()
		assert.True(t, h.open.armed.Load(), "and it is armed again when something is")
		h.open.CloseAll()
		time.Sleep(sweepEvery)
		synctest.Wait()
		assert.False(t, h.open.armed.Load())
	})
}

type panics struct{}

func (panics) Abandon() { panic("a span processor of the user's") }

func TestSweepSurvivesAPanic(t *testing.T) {
	var table Table[panics]
	for i := range int64(10) {
		table.add(&entry[panics]{goroutine: i, opened: time.Now().Add(-2 * maxAge)})
	}
	assert.NotPanics(t, table.Sweep)
	assert.Zero(t, table.Len())
}
