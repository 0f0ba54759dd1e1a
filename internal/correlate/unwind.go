// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"runtime"
	"slices"
	"strings"
)

// unwinders are the places in runtime.gopanic and runtime.Goexit that call deferred
// functions, as return addresses.
var unwinders = [...]uintptr{unwinder(func() { panic("") }), unwinder(runtime.Goexit)}

func unwinder(unwind func()) uintptr {
	caller := make(chan uintptr)
	go func() {
		defer func() {
			_ = recover()
			var pcs [1]uintptr
			runtime.Callers(2, pcs[:])
			caller <- pcs[0]
		}()
		unwind()
	}()
	return <-caller
}

// cutUnwound removes the frames that a panic has ended. While it calls deferred
// functions, the call stack still has them, between the deferred function and the
// one that deferred it. Where that is not known
// by name, the stack stays as it is.
func cutUnwound(pcs []uintptr) []uintptr {
	for i := len(pcs) - 2; i > 0; i-- {
		if pcs[i] == unwinders[0] || pcs[i] == unwinders[1] {
			if n := slices.IndexFunc(pcs[i+1:], isDeferrer(pcs[i-1])); n > 0 {
				pcs = slices.Delete(pcs, i, i+1+n)
			}
		}
	}
	return pcs
}

// isDeferrer returns a function that reports whether a frame is of the function that
// deferred another, a closure: its name begins with that of the function around it.
func isDeferrer(deferred uintptr) func(pc uintptr) bool {
	name := functionName(deferred)
	return func(pc uintptr) bool {
		rest, ok := strings.CutPrefix(name, functionName(pc))
		return ok && strings.HasPrefix(rest, ".")
	}
}

// functionName is "" where it is unknown.
func functionName(pc uintptr) string {
	if fn := runtime.FuncForPC(pc - 1); fn != nil {
		return fn.Name()
	}
	return ""
}
