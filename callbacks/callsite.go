// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"hash/maphash"
	"runtime"
	"strings"
	"sync"
	"unsafe"
)

// maxHelpers is how many helper functions may stand between an operation and
// the call of the Handler, such as begin in
//
//	func (c *mine) Call(...) { c.begin(ctx, in); ...; c.end(ctx, out) }
const maxHelpers = 3

// A callSite remembers where an event came from, so that a later event on the
// same goroutine can tell whether the operation has returned: the return
// addresses outside of it have changed, or it is being run again.
type callSite struct {
	// near holds the frames from the anchor inwards to the emitter, n of them.
	// The anchor is the function that must still run for the operation to be
	// open: the emitter, or its caller where the emitter may be a helper.
	near [maxHelpers + 1]uintptr
	n    int
	// outside counts the frames outside the anchor, and prefix hashes them.
	outside int
	prefix  uint64
	// certain: the anchor bears the name of langchaingo's interface method. Else
	// it is a guess; strict says that only an end event may rely on it.
	certain, strict bool
	name            string
	// inner is the Call method that langchaingo's chains.Call runs for the
	// operation, once something inside has shown it.
	inner uintptr
}

// frames is a stack as runtime.Callers gives it, innermost first, from the
// emitter outwards.
type frames struct {
	buf, pcs []uintptr
	// cutOff means that the stack is deeper than we look.
	cutOff bool
}

const maxFrames = 4096

var framesPool = sync.Pool{New: func() any { return &frames{buf: make([]uintptr, 128)} }}

// callerFrames returns the stack from the function that emitted the event on;
// release it after use. skip is as for runtime.Callers, seen from the caller.
// forwarder tells which handler methods merely pass the event on.
//
//go:noinline
func callerFrames(skip int, forwarder frameClass) *frames {
	f := framesPool.Get().(*frames) //nolint:forcetypeassert // the pool holds nothing else
	n := runtime.Callers(skip+2, f.buf)
	for n == len(f.buf) && n < maxFrames {
		f.buf = make([]uintptr, 2*n)
		n = runtime.Callers(skip+2, f.buf)
	}
	f.pcs, f.cutOff = f.buf[:n], n == len(f.buf)
	f.pcs = f.pcs[forwarders(f.pcs, forwarder):]
	return f
}

// forwarders counts the innermost frames that belong to handlers passing the
// event on (ours, langchaingo's CombiningHandler, the user's): they return at
// once and are not what we measure. A handler may go through a few functions of
// its own; a function of langchaingo is an emitter for certain.
func forwarders(pcs []uintptr, forwarder frameClass) int {
	const gap = 4
	end := 0
	for i := 0; i < len(pcs) && i < end+gap; i++ {
		c := classOf(pcs[i])
		if c&forwarder != 0 {
			end = i + 1
		} else if c&frameLangchain != 0 {
			break
		}
	}
	return end
}

func (f *frames) release() { framesPool.Put(f) }

var seed = maphash.MakeSeed()

func (f *frames) hash(outermost int) uint64 {
	outer := f.pcs[len(f.pcs)-outermost:]
	if len(outer) == 0 {
		return 0
	}
	// The bytes of the slice are only read, and not kept.
	return maphash.Bytes(seed, unsafe.Slice((*byte)(unsafe.Pointer(&outer[0])), len(outer)*int(unsafe.Sizeof(outer[0]))))
}

// site describes the emitter, the first frame, of an operation.
func (f *frames) site(kind Kind) callSite {
	if len(f.pcs) == 0 {
		return callSite{}
	}
	anchor, certain := f.anchor(kind)
	s := callSite{
		n:       anchor + 1,
		outside: len(f.pcs) - 1 - anchor,
		certain: certain,
		strict:  !certain && !isChain(kind) && kind != KindTool,
	}
	for i := range s.n {
		s.near[i] = f.pcs[anchor-i]
	}
	s.prefix = f.hash(s.outside)
	if fn := runtime.FuncForPC(f.pcs[0] - 1); fn != nil {
		s.name = fn.Name()
	}
	return s
}

// anchor returns the index of the frame that stands for the operation, and
// whether it is certain.
func (f *frames) anchor(kind Kind) (index int, certain bool) {
	method := frameCall
	switch kind {
	case KindChat:
		method = frameGenerate
	case KindRetrieval:
		method = frameRetrieve
	}
	if classOf(f.pcs[0])&(frameLangchain|frameOperation) != 0 {
		return 0, true
	}
	for i := 1; i <= maxHelpers && i < len(f.pcs); i++ {
		if classOf(f.pcs[i])&method != 0 {
			return i, true
		}
	}
	return min(1, len(f.pcs)-1), false
}

// returned reports whether the operation at s has returned, seen from the
// present stack of the same goroutine. A model call without a certain anchor
// is held to its emitter when something new starts: a provider that forgets
// its end event is common, and its caller usually goes on. An end event
// belongs to an operation whose caller still runs.
func (s *callSite) returned(f *frames, atEnd bool) bool {
	if f.cutOff {
		return false // tells nothing; age will
	}
	i := len(f.pcs) - 1 - s.outside
	if i < 0 || s.n == 0 || f.hash(s.outside) != s.prefix {
		return true
	}
	for k, then := range s.near[:s.n] {
		if i-k < 0 {
			return true
		}
		if now := f.pcs[i-k]; now != then {
			// Another place in the same function is the same run, going on.
			// Another function called from the same place is another run.
			return !sameFunction(now, then) || s.strict && !atEnd && k < s.n-1 || s.name == chainsCall && s.reentered(f, i-k)
		}
	}
	// The same place, and nothing called from there: it runs again.
	return i == s.n-1
}

// reentered reports whether the langchaingo chains.Call at frame at is another
// run than the one that opened the operation, although it was called from the
// same place: after a recovered panic, a server runs its next chain just so. A
// run calls one chain only, and chains that fire no events were not it.
func (s *callSite) reentered(f *frames, at int) bool {
	const callChain = 1 // the function between chains.Call and the chain's method
	for i := at - 1; i >= 0 && i >= at-1-callChain; i-- {
		c := classOf(f.pcs[i])
		if c&frameCall == 0 {
			continue
		}
		fn := runtime.FuncForPC(f.pcs[i] - 1)
		if fn == nil {
			return false
		}
		if s.inner == 0 && c&frameEventless == 0 {
			s.inner = fn.Entry()
		}
		return s.inner != fn.Entry()
	}
	return false
}

// endsAt reports whether an end event from the present stack can be meant for
// the operation at s: it is running, and the event does not come from another
// operation inside it, as the second end or an end without a start does.
func (s *callSite) endsAt(f *frames) bool {
	if s.returned(f, true) {
		return false
	}
	if s.certain && !f.cutOff {
		for _, pc := range f.pcs[:len(f.pcs)-1-s.outside] {
			if classOf(pc)&frameOperation != 0 {
				return false
			}
		}
	}
	return true
}

func sameFunction(a, b uintptr) bool {
	fa, fb := runtime.FuncForPC(a-1), runtime.FuncForPC(b-1)
	return fa != nil && fb != nil && fa.Entry() == fb.Entry()
}

const (
	langchaingo   = "github.com/tmc/langchaingo/"
	chainsPackage = langchaingo + "chains."
	chainsCall    = chainsPackage + "Call"
	ourChains     = "github.com/spanloom/spanloom/chains."
)

// frameClass says what a frame's function is, by its name.
type frameClass uint8

const (
	frameStart     frameClass = 1 << iota // a handler's method for a start event
	frameEnd                              // a handler's method for an end or an error
	frameLangchain                        // langchaingo's own, its handlers apart
	frameCall                             // a method or function named Call
	frameGenerate                         // ... GenerateContent
	frameRetrieve                         // ... GetRelevantDocuments
	frameEventless                        // the Call of a chain without a callback handler, or of our wrapper

	frameOperation = frameCall | frameGenerate | frameRetrieve
)

// frameClasses caches by program counter: names are slow to come by, and a
// program has few such places.
var frameClasses sync.Map

func classOf(pc uintptr) frameClass {
	if v, ok := frameClasses.Load(pc); ok {
		return v.(frameClass) //nolint:forcetypeassert // the map holds nothing else
	}
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	c := classOfName(frame.Function)
	frameClasses.Store(pc, c)
	return c
}

var methodClasses = map[string]frameClass{
	"HandleLLMStart": frameStart, "HandleLLMGenerateContentStart": frameStart, "HandleChainStart": frameStart,
	"HandleToolStart": frameStart, "HandleRetrieverStart": frameStart,
	"HandleLLMGenerateContentEnd": frameEnd, "HandleLLMError": frameEnd, "HandleChainEnd": frameEnd,
	"HandleChainError": frameEnd, "HandleToolEnd": frameEnd, "HandleToolError": frameEnd, "HandleRetrieverEnd": frameEnd,
}

// classOfName classifies "main.(*multi).HandleChainStart.func1", too, as part
// of the method; but only whole names count: a user's (*API).HandleChainRequest
// is where an operation may well start.
func classOfName(function string) frameClass {
	var c frameClass
	name := function[strings.LastIndexByte(function, '/')+1:]
	for part := range strings.SplitSeq(name, ".") {
		c |= methodClasses[strings.TrimSuffix(part, "-fm")]
	}
	switch name[strings.LastIndexByte(name, '.')+1:] {
	case "Call":
		c |= frameCall
	case "GenerateContent":
		c |= frameGenerate
	case "GetRelevantDocuments":
		c |= frameRetrieve
	}
	if strings.HasPrefix(function, langchaingo) && !strings.HasPrefix(function, langchaingo+"callbacks.") {
		c |= frameLangchain
	}
	if c&frameCall != 0 && (strings.HasPrefix(function, ourChains) ||
		strings.HasPrefix(function, chainsPackage) && function != chainsCall && !strings.Contains(name, "LLMChain")) {
		c |= frameEventless
	}
	return c
}
