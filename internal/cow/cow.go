// SPDX-License-Identifier: Apache-2.0

// Package cow has a map for values that are made once and read on every call:
// reading takes no lock, writing copies the whole map.
package cow

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Map is safe for concurrent use, and its zero value is empty. Limit bounds the
// number of entries: keys may come from the users of a program. Zero means 512.
type Map[K comparable, V any] struct {
	Limit int
	mu    sync.Mutex
	m     atomic.Pointer[map[K]*entry[K, V]]
	// last is the entry that was asked for last: comparing with its key takes a
	// fraction of the time of hashing one of many strings.
	last atomic.Pointer[entry[K, V]]
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

// Get returns the value of k, made by build if it is not there. A full map
// returns what build makes and keeps nothing. Two callers may build at once; the
// first one's value stays.
func (c *Map[K, V]) Get(k K, build func(K) V) V {
	if v, ok := c.Find(k, build); ok {
		return v
	}
	return build(k)
}

// Find is [Map.Get], but for a full map: then ok is false for what is not there.
func (c *Map[K, V]) Find(k K, build func(K) V) (v V, ok bool) {
	if e := c.last.Load(); e != nil && e.key == k {
		return e.value, true
	}
	if m := c.m.Load(); m != nil {
		if e, ok := (*m)[k]; ok {
			c.last.Store(e)
			return e.value, true
		}
		if len(*m) >= c.limit() {
			return v, false
		}
	}
	return c.add(k, build(k))
}

func (c *Map[K, V]) add(k K, v V) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := map[K]*entry[K, V]{}
	if m := c.m.Load(); m != nil {
		if there, ok := (*m)[k]; ok {
			return there.value, true
		}
		if len(*m) >= c.limit() {
			return v, false
		}
		next = maps.Clone(*m)
	}
	next[k] = &entry[K, V]{k, v}
	c.m.Store(&next)
	return v, true
}

// Len is the number of entries.
func (c *Map[K, V]) Len() int {
	if m := c.m.Load(); m != nil {
		return len(*m)
	}
	return 0
}

func (c *Map[K, V]) limit() int {
	if c.Limit > 0 {
		return c.Limit
	}
	return 512
}
