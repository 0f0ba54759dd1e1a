// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"runtime"
	"sync"
)

// maxFrames bounds how deep a call stack is read.
const maxFrames = 4096

// Stack is the call stack of an event, as return addresses, innermost first. It
// is not safe for concurrent use.
type Stack struct {
	buf, pcs []uintptr
	// cutOff is set where the call stack is deeper than maxFrames.
	cutOff bool
}

var stackPool = sync.Pool{New: func() any { return &Stack{buf: make([]uintptr, 128)} }}

// Callers returns the call stack from the function that emitted an event on;
// release it after use. skip is as for runtime.Callers, seen from the caller.
// Innermost functions of the role event are handlers that pass the event on, and
// are left out, and so are frames that a panic has ended.
//
//go:noinline
func Callers(skip int, event Role) *Stack {
	s := stackPool.Get().(*Stack) //nolint:forcetypeassert // the pool holds nothing else
	n := runtime.Callers(skip+2, s.buf)
	for n == len(s.buf) && n < maxFrames {
		s.buf = make([]uintptr, 2*n)
		n = runtime.Callers(skip+2, s.buf)
	}
	s.pcs, s.cutOff = cutUnwound(s.buf[:n]), n == len(s.buf)
	s.pcs = s.pcs[countForwarders(s.pcs, event):]
	return s
}

// Release gives the memory back. The Stack must not be used afterwards.
func (s *Stack) Release() { stackPool.Put(s) }

// countForwarders counts the innermost frames that belong to handlers passing the
// event on. They return at once, and the operation does not run in them. A
// handler may go through a few functions of its own, but never through one of the
// emitting library.
func countForwarders(pcs []uintptr, event Role) int {
	const gap = 4
	end := 0
	for i := 0; i < len(pcs) && i < end+gap; i++ {
		r := roleAt(pcs[i])
		if r&event != 0 {
			end = i + 1
		} else if r&Emitter != 0 {
			break
		}
	}
	return end
}

// hash sums up the outermost n frames.
func (s *Stack) hash(n int) (sum uint64) {
	for _, pc := range s.pcs[len(s.pcs)-n:] {
		sum = sum*0x9e3779b97f4a7c15 + uint64(pc)
	}
	return sum
}

// sameFunction reports whether two return addresses are in one function.
func sameFunction(a, b uintptr) bool {
	fa, fb := runtime.FuncForPC(a-1), runtime.FuncForPC(b-1)
	return fa != nil && fb != nil && fa.Entry() == fb.Entry()
}
