// SPDX-License-Identifier: Apache-2.0

package correlate

import "runtime"

// maxHelpers is how many helper functions may stand between an operation's method
// and the call of the handler, such as begin in
//
//	func (c *mine) Call(...) { c.begin(ctx, in); ...; c.end(ctx, out) }
const maxHelpers = 3

// Site is where the start event of an operation came from. The operation is open
// only while its anchor, a function, still runs. The anchor is the emitter, or the
// emitter's caller where the emitter may be a helper.
type Site struct {
	// near holds the frames from the anchor inwards to the emitter, n of them.
	near [maxHelpers + 1]uintptr
	n    int
	// outside counts the frames outside the anchor, and prefix is their hash.
	outside int
	prefix  uint64
	// certain is set where the anchor's role shows that it is the operation.
	certain bool
	// emitterOnly is set where a start event must find the emitter itself running,
	// not just the anchor. Some providers forget the end event, and their callers go
	// on.
	emitterOnly bool
	// byChainCaller is set where the emitter is a ChainCaller. Then inner is the
	// entry of the RunsChain method that it called, once an event showed it.
	byChainCaller bool
	inner         uintptr
}

// Site describes the start event of an operation that the Stack's innermost
// function emitted.
func (s *Stack) Site(kind Kind) Site {
	if len(s.pcs) == 0 {
		return Site{}
	}
	anchor, certain := s.anchor(kind)
	site := Site{
		n:             anchor + 1,
		outside:       len(s.pcs) - 1 - anchor,
		certain:       certain,
		emitterOnly:   !certain && kind&(Chain|Tool) == 0,
		byChainCaller: roleAt(s.pcs[0])&ChainCaller != 0,
	}
	for i := range site.n {
		site.near[i] = s.pcs[anchor-i]
	}
	site.prefix = s.hash(site.outside)
	return site
}

// anchor returns the index of the anchor's frame, and whether it is certain.
func (s *Stack) anchor(kind Kind) (index int, certain bool) {
	if roleAt(s.pcs[0])&(Emitter|runsOperation) != 0 {
		return 0, true
	}
	for i := 1; i <= maxHelpers && i < len(s.pcs); i++ {
		if roleAt(s.pcs[i])&kind.method() != 0 {
			return i, true
		}
	}
	return min(1, len(s.pcs)-1), false
}

// Emitter is the full name of the function that emitted the event, "" if unknown.
func (s *Site) Emitter() string {
	if s.n == 0 {
		return ""
	}
	return functionName(s.near[s.n-1])
}

// returned reports whether the operation is over, seen from a later Stack of the
// same goroutine. atEnd says that the Stack is that of an end event, which
// belongs to an operation whose anchor still runs.
func (s *Site) returned(now *Stack, atEnd bool) bool {
	if now.cutOff {
		return false // a part of the call stack proves nothing; the age bound will close it
	}
	i := len(now.pcs) - 1 - s.outside
	if i < 0 || s.n == 0 || now.hash(s.outside) != s.prefix {
		return true
	}
	for k, then := range s.near[:s.n] {
		if i-k < 0 {
			return true
		}
		if pc := now.pcs[i-k]; pc != then {
			// Another place in the same function is the same run, going on.
			// Another function called from the same place is another run.
			return !sameFunction(pc, then) || s.emitterOnly && !atEnd && k < s.n-1 || s.byChainCaller && s.reentered(now, i-k)
		}
	}
	// The same place, and nothing called from there: it runs again.
	return i == s.n-1
}

// reentered reports whether the ChainCaller at the frame index is another run than
// the one that opened the operation, called from the same place. A server that
// recovered a panic runs its next chain so. A run calls one chain only, and a chain
// that fires no events opened no operation.
func (s *Site) reentered(now *Stack, index int) bool {
	const between = 1 // functions between a ChainCaller and the chain's method
	for i := index - 1; i >= 0 && i >= index-1-between; i-- {
		r := roleAt(now.pcs[i])
		if r&RunsChain == 0 {
			continue
		}
		fn := runtime.FuncForPC(now.pcs[i] - 1)
		if fn == nil {
			return false
		}
		if s.inner == 0 && r&Eventless == 0 {
			s.inner = fn.Entry()
		}
		return s.inner != fn.Entry()
	}
	return false
}

// endsAt reports whether an end event from the Stack may belong to the operation.
// The operation must be running, and no other one may run between it and the event.
// A second end, or an end without a start, comes from such a one.
func (s *Site) endsAt(now *Stack) bool {
	if s.returned(now, true) {
		return false
	}
	if s.certain && !now.cutOff {
		for _, pc := range now.pcs[:len(now.pcs)-1-s.outside] {
			if roleAt(pc)&runsOperation != 0 {
				return false
			}
		}
	}
	return true
}
