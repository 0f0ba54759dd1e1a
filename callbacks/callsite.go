// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"hash/maphash"
	"runtime"
	"strings"
	"sync"
	"unsafe"
)

// A callSite remembers where an event came from, so that a later event on the
// same goroutine can tell whether the function that emitted it has returned: it
// has if the stack below it has changed, or is not deeper now.
type callSite struct {
	// depth counts the frames outside the emitter, and prefix hashes them.
	depth  int
	prefix uint64
	// fn is the entry of the emitter, pc where in it the event was emitted.
	fn, pc uintptr
	name   string
}

// frames is a stack as runtime.Callers gives it, innermost first, from the
// emitter outwards.
type frames struct {
	buf [512]uintptr
	pcs []uintptr
}

var framesPool = sync.Pool{New: func() any { return new(frames) }}

// callerFrames returns the stack from the function that emitted the event on;
// release it after use. skip is as for runtime.Callers, seen from the caller.
//
//go:noinline
func callerFrames(skip int) *frames {
	f := framesPool.Get().(*frames) //nolint:forcetypeassert // the pool holds nothing else
	n := runtime.Callers(skip+2, f.buf[:])
	f.pcs = f.buf[:n]
	// Between the emitter and us there may be handlers that pass events on
	// (langchaingo's CombiningHandler, the user's): they return at once and are
	// not what we measure. The outermost of them in the first frames counts.
	const window = 12
	for i := min(window, n) - 1; i >= 0; i-- {
		if isHandlerMethod(f.pcs[i]) {
			f.pcs = f.pcs[i+1:]
			break
		}
	}
	return f
}

func (f *frames) release() { framesPool.Put(f) }

var seed = maphash.MakeSeed()

func (f *frames) hash(depth int) uint64 {
	outer := f.pcs[len(f.pcs)-depth:]
	if len(outer) == 0 {
		return 0
	}
	return maphash.Bytes(seed, unsafe.Slice((*byte)(unsafe.Pointer(&outer[0])), len(outer)*int(unsafe.Sizeof(outer[0]))))
}

// site describes the emitter, the first frame.
func (f *frames) site() callSite {
	if len(f.pcs) == 0 {
		return callSite{}
	}
	s := callSite{depth: len(f.pcs) - 1, pc: f.pcs[0]}
	s.prefix = f.hash(s.depth)
	if fn := runtime.FuncForPC(s.pc - 1); fn != nil {
		s.fn, s.name = fn.Entry(), fn.Name()
	}
	return s
}

// returned reports whether the function at s has returned, seen from the
// present stack of the same goroutine.
func (s callSite) returned(f *frames) bool {
	depth := len(f.pcs) - 1
	if depth < s.depth || len(f.pcs) == len(f.buf) {
		// A stack too deep to see whole tells nothing; age will.
		return depth < s.depth
	}
	if f.hash(s.depth) != s.prefix {
		return true
	}
	at := f.pcs[depth-s.depth]
	if fn := runtime.FuncForPC(at - 1); fn == nil || fn.Entry() != s.fn {
		return true
	}
	// Same function at the same depth: the same place in it means that it runs
	// again. Another place is the same run, going on.
	return depth == s.depth && at == s.pc
}

// handlerMethods caches by program counter: names are slow to come by, and a
// program has few such places.
var handlerMethods sync.Map

var handlerPrefixes = []string{
	").HandleLLM", ").HandleChain", ").HandleTool", ").HandleRetriever",
	".HandleLLMStart", ".HandleLLMGenerateContent", ".HandleChainStart", ".HandleToolStart", ".HandleRetrieverStart",
}

func isHandlerMethod(pc uintptr) bool {
	if v, ok := handlerMethods.Load(pc); ok {
		return v.(bool) //nolint:forcetypeassert // the map holds nothing else
	}
	is := false
	// main.(*multi).HandleChainStart.func1 is part of the method, too.
	if frame, _ := runtime.CallersFrames([]uintptr{pc}).Next(); frame.Function != "" {
		for _, m := range handlerPrefixes {
			is = is || strings.Contains(frame.Function, m)
		}
	}
	handlerMethods.Store(pc, is)
	return is
}
