// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"container/list"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// Bounds of the table. They only matter for operations whose end never comes
// and that nothing later on their goroutine proves to be over.
const (
	tableShards = 16
	maxOpen     = 8192
	maxOpenAge  = time.Hour
	sweepEvery  = 10 * time.Second
)

// operation is one that an event opened and an event will close.
type operation struct {
	span *Span
	site callSite
	gid  int64
	// done is the context's, taken when the operation opened: the sweep comes
	// long after, when the context itself may have been reused.
	done <-chan struct{}
	// outer is the span that was current in the event's context. A later event
	// with another one is inside a span the user started in between.
	outer  trace.SpanContext
	opened time.Time
	ended  bool // its context was found done by the previous sweep, which alone reads it
	place  *list.Element
}

// openTable keeps the open operations of each goroutine as a stack, innermost
// last. Locks are held for a few map and slice operations, never around a call
// into user code or the SDK.
type openTable struct {
	size   atomic.Int64
	armed  atomic.Bool
	shards [tableShards]tableShard
}

type tableShard struct {
	mu     sync.Mutex
	stacks map[int64][]*operation
	byAge  list.List
}

func (t *openTable) init() {
	for i := range t.shards {
		t.shards[i].stacks = make(map[int64][]*operation)
	}
}

func (t *openTable) shard(gid int64) *tableShard { return &t.shards[gid&(tableShards-1)] }

// lock returns the calling goroutine's part of the table, locked, or nil when
// nothing is open anywhere: then a program without events pays an atomic load.
func (t *openTable) lock() (s *tableShard, gid int64) {
	if t.size.Load() == 0 {
		return nil, 0
	}
	gid = goroutineID()
	s = t.shard(gid)
	s.mu.Lock()
	return s, gid
}

// top returns the innermost open operation of the calling goroutine.
func (t *openTable) top() *operation {
	s, gid := t.lock()
	if s == nil {
		return nil
	}
	defer s.mu.Unlock()
	return last(s.stacks[gid])
}

// prune takes the operations off the calling goroutine's stack whose emitter
// has returned, with everything above them, and returns them.
func (t *openTable) prune(f *frames) []*operation {
	s, gid := t.lock()
	if s == nil {
		return nil
	}
	defer s.mu.Unlock()
	for i, op := range s.stacks[gid] {
		if op.site.returned(f, false) {
			return s.cut(t, gid, i)
		}
	}
	return nil
}

// push opens op on the calling goroutine. When the table is full it returns the
// oldest operation of the shard, taken out, for the caller to close.
func (t *openTable) push(op *operation) (evicted []*operation) {
	op.gid = goroutineID()
	s := t.shard(op.gid)
	s.mu.Lock()
	if s.byAge.Len() >= maxOpen/tableShards {
		evicted = s.take(t, s.byAge.Front().Value.(*operation)) //nolint:forcetypeassert // the list holds nothing else
	}
	op.place = s.byAge.PushBack(op)
	s.stacks[op.gid] = append(s.stacks[op.gid], op)
	t.size.Add(1)
	s.mu.Unlock()
	t.arm()
	return evicted
}

// pop takes out the innermost operation of one of the kinds that is still
// running, and what is open above it, outermost first, or returns nil. An end
// without a start (Mistral's Call, a handler registered halfway) or after a
// recovered panic must not close an operation that returned long ago, or one
// inside the one it means, nor a second end the one around it.
func (t *openTable) pop(is func(Kind) bool, f *frames) []*operation {
	s, gid := t.lock()
	if s == nil {
		return nil
	}
	defer s.mu.Unlock()
	stack := s.stacks[gid]
	fallback := -1
	for i, op := range slices.Backward(stack) {
		if !is(op.span.kind) {
			continue
		}
		if op.site.endsAt(f) {
			return s.cut(t, gid, i)
		}
		// Started from helpers deeper than we follow, it may still run.
		if fallback < 0 && !op.site.certain {
			fallback = i
		}
	}
	if fallback >= 0 {
		return s.cut(t, gid, fallback)
	}
	return nil
}

// find returns the innermost open operation of the calling goroutine that
// matches.
func (t *openTable) find(is func(Kind) bool) *operation {
	s, gid := t.lock()
	if s == nil {
		return nil
	}
	defer s.mu.Unlock()
	stack := s.stacks[gid]
	for _, op := range slices.Backward(stack) {
		if is(op.span.kind) {
			return op
		}
	}
	return nil
}

// cut removes the stack from index i on and returns what it removed.
func (s *tableShard) cut(t *openTable, gid int64, i int) []*operation {
	stack := s.stacks[gid]
	removed := append([]*operation(nil), stack[i:]...)
	clear(stack[i:])
	if i == 0 {
		delete(s.stacks, gid)
	} else {
		s.stacks[gid] = stack[:i]
	}
	for _, op := range removed {
		s.byAge.Remove(op.place)
	}
	t.size.Add(-int64(len(removed)))
	return removed
}

// take removes one operation wherever it is, and what is above it.
func (s *tableShard) take(t *openTable, op *operation) []*operation {
	for i, o := range s.stacks[op.gid] {
		if o == op {
			return s.cut(t, op.gid, i)
		}
	}
	return nil
}

// arm starts the sweep timer. There is no goroutine of ours: a timer that has
// nothing left to watch is not started again.
func (t *openTable) arm() {
	if t.armed.CompareAndSwap(false, true) {
		time.AfterFunc(sweepEvery, t.sweep)
	}
}

// sweep closes what is older than the age bound, or whose context ended a sweep
// ago: a provider may still report the cancellation as its own error.
func (t *openTable) sweep() {
	now := time.Now()
	for i := range t.shards {
		s := &t.shards[i]
		for _, op := range s.all() {
			if now.Sub(op.opened) > maxOpenAge || op.ended {
				s.close(t, op)
				continue
			}
			select {
			case <-op.done:
				op.ended = true
			default:
			}
		}
	}
	t.armed.Store(false)
	if t.size.Load() > 0 {
		t.arm()
	}
}

// closeAll closes everything.
func (t *openTable) closeAll() {
	for i := range t.shards {
		s := &t.shards[i]
		for _, op := range s.all() {
			s.close(t, op)
		}
	}
}

// close takes one operation out and abandons it, with what is above it. A span
// processor of the user's that panics must not end the process: no caller is
// there on the timer's goroutine.
func (s *tableShard) close(t *openTable, op *operation) {
	defer func() { _ = recover() }()
	s.mu.Lock()
	over := s.take(t, op)
	s.mu.Unlock()
	abandon(over)
}

func (s *tableShard) all() []*operation {
	s.mu.Lock()
	defer s.mu.Unlock()
	ops := make([]*operation, 0, s.byAge.Len())
	for e := s.byAge.Front(); e != nil; e = e.Next() {
		ops = append(ops, e.Value.(*operation)) //nolint:forcetypeassert // the list holds nothing else
	}
	return ops
}

// abandon closes operations innermost first.
func abandon(ops []*operation) {
	for _, op := range slices.Backward(ops) {
		op.span.abandon()
	}
}

func last(stack []*operation) *operation {
	if len(stack) == 0 {
		return nil
	}
	return stack[len(stack)-1]
}
