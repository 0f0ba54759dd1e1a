// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"sync"
	"sync/atomic"
)

// Roots finds out that one run of a function of the role [Eventless] has opened several
// root operations, which nothing connects. It remembers the last root of some goroutines,
// in bounded memory, until it has found one such run. Its zero value is ready; it is safe
// for concurrent use.
type Roots struct {
	found atomic.Bool
	mu    sync.Mutex
	last  [64]root
}

// root is where in a run an operation was opened.
type root struct {
	goroutine int64
	outside   uint64  // the hash of the frames outside the function
	place     uintptr // a return address in the function
	results   Values
}

// Values identifies a chain's inputs or results by their addresses. Zero is unknown.
type Values struct{ Map, Text uintptr }

// Opened notes that a root operation opens. It returns the name of the function if the
// last one of the goroutine was opened in the same run, the first time that this is so.
//
// A loop around the function looks the same as a loop in it. So the later root must come
// from further on in the function, or be given what the earlier one returned.
func (r *Roots) Opened(stack *Stack, inputs Values) string {
	if r.found.Load() || stack.cutOff {
		return ""
	}
	i := len(stack.pcs) - 1
	for i >= 0 && roleAt(stack.pcs[i])&Eventless == 0 {
		i--
	}
	if i < 0 {
		return ""
	}
	now := root{goroutine: goroutineID(), outside: stack.hash(len(stack.pcs) - 1 - i), place: stack.pcs[i]}
	r.mu.Lock()
	defer r.mu.Unlock()
	last := r.slot(now.goroutine)
	before := *last
	*last = now
	if before.goroutine != now.goroutine || before.outside != now.outside || !sameFunction(before.place, now.place) {
		return ""
	}
	if before.place < now.place || before.place == now.place && inputs.shares(before.results) {
		r.found.Store(true)
		return functionName(now.place)
	}
	return ""
}

// Ended notes what the last root operation of the goroutine has returned.
func (r *Roots) Ended(results Values) {
	if r.found.Load() {
		return
	}
	goroutine := goroutineID()
	r.mu.Lock()
	defer r.mu.Unlock()
	if last := r.slot(goroutine); last.goroutine == goroutine {
		last.results = results
	}
}

// slot returns the goroutine's place in the table. r.mu must be held.
func (r *Roots) slot(goroutine int64) *root { return &r.last[mix(uint64(goroutine))%uint64(len(r.last))] }

func (v Values) shares(o Values) bool {
	return v.Map != 0 && v.Map == o.Map || v.Text != 0 && v.Text == o.Text
}
