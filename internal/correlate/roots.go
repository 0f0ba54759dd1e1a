// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Roots finds out that one run of a function of the role [Eventless] has opened several
// root operations, which nothing connects. It remembers the last root of some goroutines,
// in bounded memory, until it has found one such run. Its zero value is ready; it is safe
// for concurrent use.
type Roots struct {
	found atomic.Bool
	// plain holds hashes of call stacks without such a function, to look at them once.
	plain [64]atomic.Uint64
	mu    sync.Mutex
	last  [64]root
}

// root is where in a run an operation was opened.
type root struct {
	goroutine int64
	outside   uint64  // the hash of the frames outside the function
	place     uintptr // a return address in the function
	results   addresses
}

// addresses identify the inputs or results of a chain. Zero is unknown.
type addresses struct{ values, text uintptr }

// addressesOf has a text where it is the only value, since a SimpleSequentialChain passes
// only that on.
func addressesOf(values map[string]any) (a addresses) {
	if values == nil {
		return a
	}
	a.values = reflect.ValueOf(values).Pointer()
	if len(values) == 1 {
		for _, value := range values {
			if text, ok := value.(string); ok && text != "" {
				a.text = uintptr(unsafe.Pointer(unsafe.StringData(text)))
			}
		}
	}
	return a
}

// Opened notes that a root operation opens. It returns the name of the function if the
// last one of the goroutine was opened in the same run, the first time that this is so.
//
// A loop around the function looks the same as a loop in it. So the later root must come
// from further on in the function, or be given what the earlier one returned.
func (r *Roots) Opened(stack *Stack, inputs map[string]any) string {
	if r.found.Load() || stack.cutOff {
		return ""
	}
	hash := stack.hash(len(stack.pcs))
	plain := &r.plain[mix(hash)%uint64(len(r.plain))]
	if plain.Load() == hash {
		return ""
	}
	i := len(stack.pcs) - 1
	for i >= 0 && roleAt(stack.pcs[i])&Eventless == 0 {
		i--
	}
	if i < 0 {
		plain.Store(hash)
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
	if before.place < now.place || before.place == now.place && addressesOf(inputs).shares(before.results) {
		r.found.Store(true)
		return functionName(now.place)
	}
	return ""
}

// Ended notes what the last root operation of the goroutine has returned.
func (r *Roots) Ended(results map[string]any) {
	if r.found.Load() {
		return
	}
	goroutine := goroutineID()
	r.mu.Lock()
	defer r.mu.Unlock()
	if last := r.slot(goroutine); last.goroutine == goroutine {
		last.results = addressesOf(results)
	}
}

// slot returns the goroutine's place in the table. r.mu must be held.
func (r *Roots) slot(goroutine int64) *root {
	return &r.last[mix(uint64(goroutine))%uint64(len(r.last))]
}

func (a addresses) shares(b addresses) bool {
	return a.values != 0 && a.values == b.values || a.text != 0 && a.text == b.text
}
