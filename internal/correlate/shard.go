// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"container/list"
	"sync"
	"time"
)

// shard is the part of a table that one lock guards.
type shard[O Operation] struct {
	mu     sync.Mutex
	stacks map[int64]*goroutineStack[O]
	// byUse holds the stacks, that of the longest idle goroutine first.
	byUse list.List
	count int // of entries
}

// goroutineStack holds the open operations of one goroutine, innermost last.
type goroutineStack[O Operation] struct {
	entries []*entry[O]
	first   [1]*entry[O] // where entries is kept while there is one
	used    time.Time    // when the last one was opened
	place   *list.Element
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

// entries returns the goroutine's operations. s.mu must be held.
func (s *shard[O]) entries(goroutine int64) []*entry[O] {
	if st := s.stacks[goroutine]; st != nil {
		return st.entries
	}
	return nil
}

func (s *shard[O]) push(e *entry[O]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stacks[e.goroutine]
	if st == nil {
		if s.stacks == nil {
			s.stacks = map[int64]*goroutineStack[O]{}
		}
		st = &goroutineStack[O]{}
		st.entries = st.first[:0]
		st.place = s.byUse.PushBack(st)
		s.stacks[e.goroutine] = st
	} else {
		s.byUse.MoveToBack(st.place)
	}
	st.entries = append(st.entries, e)
	st.used = e.opened
	s.count++
}

// cut removes the goroutine's operations from index i on. s.mu must be held.
func (s *shard[O]) cut(goroutine int64, i int) []*entry[O] {
	st := s.stacks[goroutine]
	s.count -= len(st.entries) - i
	if i == 0 {
		delete(s.stacks, goroutine)
		s.byUse.Remove(st.place)
		return st.entries
	}
	removed := append([]*entry[O](nil), st.entries[i:]...)
	clear(st.entries[i:])
	st.entries = st.entries[:i]
	return removed
}

// oldest returns the stack of the longest idle goroutine, or nil. s.mu must be
// held.
func (s *shard[O]) oldest() *goroutineStack[O] {
	if front := s.byUse.Front(); front != nil {
		return front.Value.(*goroutineStack[O]) //nolint:forcetypeassert // the list holds nothing else
	}
	return nil
}

func (s *shard[O]) all() []*entry[O] {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*entry[O], 0, s.count)
	for _, st := range s.stacks {
		all = append(all, st.entries...)
	}
	return all
}
