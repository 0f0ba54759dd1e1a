// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultLimit is how many operations a [Table] keeps open at most.
const DefaultLimit = 1 << 16

const tableShards = 16

// Operation is what a Table keeps.
type Operation interface {
	// Abandon closes an operation that something other than its own end event
	// proved to be over. It is called without a lock.
	Abandon()
}

// Table holds the open operations of each goroutine as a stack, innermost last.
// Its zero value is ready and empty; it is safe for concurrent use. Locks are held
// for a few map and slice operations, never around a call of Abandon.
type Table[O Operation] struct {
	// Limit bounds the operations of all goroutines together; 0 is DefaultLimit.
	// It must not change after the first Push.
	Limit int

	size   atomic.Int64
	armed  atomic.Bool
	shards [tableShards]shard[O]

	roomMu sync.Mutex // held while a full table makes room
	// evictions counts those left until the contexts are asked again.
	evictions int
}

// entry is an open operation.
type entry[O Operation] struct {
	operation O
	kind      Kind
	site      Site
	goroutine int64
	// done is the context's, taken when the operation opened: the sweep comes long
	// after, when the context itself may have been reused.
	done   <-chan struct{}
	opened time.Time
	// contextEnded is set by a sweep that finds done closed. Only Sweep uses it.
	contextEnded bool
}

// Len returns how many operations are open.
func (t *Table[O]) Len() int { return int(t.size.Load()) }

// lock returns the calling goroutine's shard, locked, or nil when nothing is open
// anywhere: then a program without events pays an atomic load.
func (t *Table[O]) lock() (s *shard[O], goroutine int64) {
	if t.size.Load() == 0 {
		return nil, 0
	}
	goroutine = goroutineID()
	s = t.shard(goroutine)
	s.mu.Lock()
	return s, goroutine
}

// Top returns the innermost open operation of the calling goroutine, or nil.
func (t *Table[O]) Top() *O { return t.Find(^Kind(0)) }

// Find returns the innermost open operation of the calling goroutine that is of
// one of the kinds, or nil.
func (t *Table[O]) Find(kinds Kind) *O {
	s, goroutine := t.lock()
	if s == nil {
		return nil
	}
	defer s.mu.Unlock()
	for _, e := range slices.Backward(s.entries(goroutine)) {
		if e.kind&kinds != 0 {
			return &e.operation
		}
	}
	return nil
}

// Prune abandons the operations of the calling goroutine whose anchor has
// returned, with everything opened inside them.
func (t *Table[O]) Prune(now *Stack) { abandon(t.takeReturned(now)) }

func (t *Table[O]) takeReturned(now *Stack) []*entry[O] {
	s, goroutine := t.lock()
	if s == nil {
		return nil
	}
	defer s.mu.Unlock()
	for i, e := range s.entries(goroutine) {
		if e.site.returned(now, false) {
			return t.cut(s, goroutine, i)
		}
	}
	return nil
}

// Push opens an operation on the calling goroutine. done is that of its context.
// A full table abandons others first.
func (t *Table[O]) Push(operation O, kind Kind, site Site, done <-chan struct{}) {
	t.add(&entry[O]{operation: operation, kind: kind, site: site, goroutine: goroutineID(), done: done, opened: time.Now()})
}

func (t *Table[O]) add(e *entry[O]) {
	if int(t.size.Add(1)) > t.limit() {
		t.makeRoom()
	}
	t.shard(e.goroutine).push(e)
	t.arm()
}

// Pop takes out the innermost running operation of one of the kinds and returns it,
// or nil. It abandons the operations above it. An end without a start, or a second
// end, must close neither an operation that has returned nor the one around it.
func (t *Table[O]) Pop(kinds Kind, now *Stack) *O {
	over := t.takeEnding(kinds, now)
	if len(over) == 0 {
		return nil
	}
	abandon(over[1:])
	return &over[0].operation
}

func (t *Table[O]) takeEnding(kinds Kind, now *Stack) []*entry[O] {
	s, goroutine := t.lock()
	if s == nil {
		return nil
	}
	defer s.mu.Unlock()
	fallback := -1
	for i, e := range slices.Backward(s.entries(goroutine)) {
		if e.kind&kinds == 0 {
			continue
		}
		if e.site.endsAt(now) {
			return t.cut(s, goroutine, i)
		}
		// Started from helpers deeper than we follow, it may still run.
		if fallback < 0 && !e.site.certain {
			fallback = i
		}
	}
	if fallback < 0 {
		return nil
	}
	return t.cut(s, goroutine, fallback)
}

// cut takes out the goroutine's operations from index i on. s.mu must be held.
func (t *Table[O]) cut(s *shard[O], goroutine int64, i int) []*entry[O] {
	removed := s.cut(goroutine, i)
	t.size.Add(-int64(len(removed)))
	return removed
}

// takeFrom takes out one operation wherever it is, and what is above it.
func (t *Table[O]) takeFrom(s *shard[O], e *entry[O]) []*entry[O] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.entries(e.goroutine), e); i >= 0 {
		return t.cut(s, e.goroutine, i)
	}
	return nil
}

// CloseAll abandons everything.
func (t *Table[O]) CloseAll() {
	for i := range t.shards {
		s := &t.shards[i]
		for _, e := range s.all() {
			t.close(s, e)
		}
	}
}

// close abandons one operation and what is above it. A panic of the operation's
// must not end the process: on the sweep's goroutine nobody recovers it.
func (t *Table[O]) close(s *shard[O], e *entry[O]) {
	defer func() { _ = recover() }()
	abandon(t.takeFrom(s, e))
}

// abandon closes operations, innermost first.
func abandon[O Operation](over []*entry[O]) {
	for _, e := range slices.Backward(over) {
		e.operation.Abandon()
	}
}
