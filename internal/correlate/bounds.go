// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"slices"
	"time"
)

// Bounds of what no event closes.
const (
	maxAge     = time.Hour
	sweepEvery = 10 * time.Second
)

func (t *Table[O]) limit() int {
	if t.Limit > 0 {
		return t.Limit
	}
	return DefaultLimit
}

// makeRoom abandons operations until a 64th of a full table is free. Those whose
// context has ended go first, then those of the goroutines that opened nothing for
// the longest time.
func (t *Table[O]) makeRoom() {
	for _, innermost := range t.takeSurplus() {
		abandon(innermost)
	}
}

// takeSurplus reads all entries, and is not called again before a 64th of the limit
// was opened.
func (t *Table[O]) takeSurplus() (lists []*entry[O]) {
	t.roomMu.Lock()
	defer t.roomMu.Unlock()
	if t.Len() <= t.limit() {
		return nil // another goroutine has made room meanwhile
	}
	for _, e := range t.all() {
		if e.isContextEnded() {
			lists = append(lists, t.take(e))
		}
	}
	target := t.limit() - t.limit()/64
	if t.Len() <= target {
		return lists
	}
	stacks := slices.CompactFunc(t.all(), func(a, b *entry[O]) bool { return a.goroutine == b.goroutine })
	slices.SortFunc(stacks, func(a, b *entry[O]) int { return a.opened.Compare(b.opened) })
	for _, e := range stacks {
		if t.Len() <= target {
			break
		}
		lists = append(lists, t.takeStack(e.goroutine))
	}
	return lists
}

func (e *entry[O]) isContextEnded() bool {
	select {
	case <-e.done:
		return true
	default:
		return false
	}
}

// arm starts the sweep timer. There is no goroutine of ours, and a timer that has
// nothing left to watch is not started again.
func (t *Table[O]) arm() {
	if !t.armed.Load() && t.armed.CompareAndSwap(false, true) {
		time.AfterFunc(sweepEvery, t.Sweep)
	}
}

// Sweep abandons operations older than maxAge, and those whose context the sweep
// before found ended. In between, a provider may report the cancellation as its own
// error. The timer calls Sweep; two calls must not overlap.
func (t *Table[O]) Sweep() {
	now := time.Now()
	for _, e := range t.all() {
		if e.contextEnded || now.Sub(e.opened) > maxAge {
			t.close(e)
		} else {
			e.contextEnded = e.isContextEnded()
		}
	}
	t.armed.Store(false)
	if t.Len() > 0 {
		t.arm()
	}
}
