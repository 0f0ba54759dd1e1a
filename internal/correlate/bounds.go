// SPDX-License-Identifier: Apache-2.0

package correlate

import "time"

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

// makeRoom abandons operations until the table keeps to its limit. Those whose
// context has ended go first, then those of the longest idle goroutine.
//
// The search for ended contexts reads all entries. It is not repeated before a 64th
// of the limit was abandoned. While at most 63 of 64 are live, no live operation
// goes before one whose context has ended.
func (t *Table[O]) makeRoom() {
	t.roomMu.Lock()
	var over []*entry[O]
	if t.Len() > t.limit() && t.evictions <= 0 {
		over = t.takeContextEnded()
		t.evictions = t.limit()/64 - len(over)
	}
	for t.Len() > t.limit() {
		idle := t.takeIdle()
		if len(idle) == 0 {
			break // what is left is being opened by others
		}
		over = append(over, idle...)
		t.evictions -= len(idle)
	}
	t.roomMu.Unlock()
	abandon(over)
}

// takeContextEnded takes out every operation whose context has ended, with what
// is above it.
func (t *Table[O]) takeContextEnded() (over []*entry[O]) {
	for i := range t.shards {
		s := &t.shards[i]
		for _, e := range s.all() {
			if e.isContextEnded() {
				over = append(over, t.takeFrom(s, e)...)
			}
		}
	}
	return over
}

// takeIdle takes out the operations of the longest idle goroutine.
func (t *Table[O]) takeIdle() []*entry[O] {
	var idlest *shard[O]
	var since time.Time
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		if st := s.oldest(); st != nil && (idlest == nil || st.used.Before(since)) {
			idlest, since = s, st.used
		}
		s.mu.Unlock()
	}
	if idlest == nil {
		return nil
	}
	idlest.mu.Lock()
	defer idlest.mu.Unlock()
	st := idlest.oldest()
	if st == nil {
		return nil
	}
	return t.cut(idlest, st.entries[0].goroutine, 0)
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
	for i := range t.shards {
		s := &t.shards[i]
		for _, e := range s.all() {
			if e.contextEnded || now.Sub(e.opened) > maxAge {
				t.close(s, e)
			} else {
				e.contextEnded = e.isContextEnded()
			}
		}
	}
	t.armed.Store(false)
	if t.Len() > 0 {
		t.arm()
	}
}
