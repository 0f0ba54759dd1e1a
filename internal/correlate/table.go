// SPDX-License-Identifier: Apache-2.0

package correlate

import (
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

// Table holds the open operations of each goroutine as a stack. Its zero value is
// ready and empty; it is safe for concurrent use. Locks are held for a few map and
// list operations, never around a call of Abandon.
type Table[O Operation] struct {
	// Limit bounds the operations of all goroutines together; 0 is DefaultLimit.
	// It must not change after the first Push.
	Limit int

	size   atomic.Int64
	armed  atomic.Bool
	roomMu sync.Mutex // held while a full table makes room
	shards [tableShards]shard[O]
}

// shard is the part of a table that one lock guards.
type shard[O Operation] struct {
	mu sync.Mutex
	// stacks holds the innermost open operation of each goroutine.
	stacks map[int64]*entry[O]
}

// entry is an open operation.
type entry[O Operation] struct {
	operation O
	// outer is the next operation of the goroutine's stack. The shard's lock guards
	// it until the entry is taken out.
	outer     *entry[O]
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

// shard spreads goroutine ids, which are sequential or regularly spaced, evenly.
func (t *Table[O]) shard(goroutine int64) *shard[O] {
	return &t.shards[mix(uint64(goroutine))%tableShards]
}

// mix is the finaliser of SplitMix64: each bit of x changes about half of all bits.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Len returns how many operations are open.
func (t *Table[O]) Len() int { return int(t.size.Load()) }

// lock returns the calling goroutine's shard, locked, and its innermost operation.
// It returns nil when nothing is open anywhere: a program without events pays an
// atomic load.
func (t *Table[O]) lock() (*shard[O], *entry[O]) {
	if t.size.Load() == 0 {
		return nil, nil
	}
	goroutine := goroutineID()
	s := t.shard(goroutine)
	s.mu.Lock()
	return s, s.stacks[goroutine]
}

// Top returns the innermost open operation of the calling goroutine, or nil.
func (t *Table[O]) Top() *O { return t.Find(^Kind(0)) }

// Find returns the innermost open operation of the calling goroutine that is of
// one of the kinds, or nil.
func (t *Table[O]) Find(kinds Kind) *O {
	s, e := t.lock()
	if s == nil {
		return nil
	}
	defer s.mu.Unlock()
	for ; e != nil; e = e.outer {
		if e.kind&kinds != 0 {
			return &e.operation
		}
	}
	return nil
}

// Prune abandons the operations of the calling goroutine whose anchor has
// returned, with everything opened inside them.
func (t *Table[O]) Prune(now *Stack) { abandon(t.takeReturned(now)) }

func (t *Table[O]) takeReturned(now *Stack) *entry[O] {
	s, e := t.lock()
	if s == nil {
		return nil
	}
	defer s.mu.Unlock()
	var outermost *entry[O]
	for ; e != nil; e = e.outer {
		if e.site.returned(now, false) {
			outermost = e
		}
	}
	return t.cut(s, outermost)
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
	s := t.shard(e.goroutine)
	s.mu.Lock()
	if s.stacks == nil {
		s.stacks = map[int64]*entry[O]{}
	}
	e.outer = s.stacks[e.goroutine]
	s.stacks[e.goroutine] = e
	s.mu.Unlock()
	t.arm()
}

// Pop takes out the innermost running operation of one of the kinds and returns it,
// or nil. It abandons the operations above it. An end without a start, or a second
// end, must close neither an operation that has returned nor the one around it.
func (t *Table[O]) Pop(kinds Kind, now *Stack) *O {
	e := t.takeEnding(kinds, now)
	if e == nil {
		return nil
	}
	for ; e.outer != nil; e = e.outer {
		e.operation.Abandon()
	}
	return &e.operation
}

func (t *Table[O]) takeEnding(kinds Kind, now *Stack) *entry[O] {
	s, e := t.lock()
	if s == nil {
		return nil
	}
	defer s.mu.Unlock()
	var fallback *entry[O]
	for ; e != nil; e = e.outer {
		if e.kind&kinds == 0 {
			continue
		}
		if e.site.endsAt(now) {
			return t.cut(s, e)
		}
		// Started from helpers deeper than we follow, it may still run.
		if fallback == nil && !e.site.certain {
			fallback = e
		}
	}
	return t.cut(s, fallback)
}

// cut takes out an operation and what is open inside it. It returns them as a list,
// innermost first. s.mu must be held.
func (t *Table[O]) cut(s *shard[O], outermost *entry[O]) (innermost *entry[O]) {
	if outermost == nil {
		return nil
	}
	innermost = s.stacks[outermost.goroutine]
	if outermost.outer == nil {
		delete(s.stacks, outermost.goroutine)
	} else {
		s.stacks[outermost.goroutine] = outermost.outer
		outermost.outer = nil
	}
	n := int64(0)
	for e := innermost; e != nil; e = e.outer {
		n++
	}
	t.size.Add(-n)
	return innermost
}

// take is cut for an operation that may be closed by now.
func (t *Table[O]) take(e *entry[O]) (innermost *entry[O]) {
	s := t.shard(e.goroutine)
	s.mu.Lock()
	defer s.mu.Unlock()
	for o := s.stacks[e.goroutine]; o != nil; o = o.outer {
		if o == e {
			return t.cut(s, e)
		}
	}
	return nil
}

// takeStack takes out all operations of a goroutine.
func (t *Table[O]) takeStack(goroutine int64) (innermost *entry[O]) {
	s := t.shard(goroutine)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.stacks[goroutine]
	for e != nil && e.outer != nil {
		e = e.outer
	}
	return t.cut(s, e)
}

// CloseAll abandons everything.
func (t *Table[O]) CloseAll() {
	for _, e := range t.all() {
		t.close(e)
	}
}

// all returns the operations of all goroutines. Those of one goroutine follow one
// another, innermost first.
func (t *Table[O]) all() []*entry[O] {
	all := make([]*entry[O], 0, t.Len())
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		for _, e := range s.stacks {
			for ; e != nil; e = e.outer {
				all = append(all, e)
			}
		}
		s.mu.Unlock()
	}
	return all
}

// close abandons one operation and what is above it. A panic of the operation's
// must not end the process: on the sweep's goroutine nobody recovers it.
func (t *Table[O]) close(e *entry[O]) {
	defer func() { _ = recover() }()
	abandon(t.take(e))
}

// abandon closes the operations of a list, innermost first.
func abandon[O Operation](innermost *entry[O]) {
	for e := innermost; e != nil; e = e.outer {
		e.operation.Abandon()
	}
}
