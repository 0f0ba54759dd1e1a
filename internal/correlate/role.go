// SPDX-License-Identifier: Apache-2.0

// Package correlate finds the open operation that an event without a context
// belongs to. A [Table] keeps the operations that start events opened, one stack
// for each goroutine. A [Site] holds the return addresses of the function that an
// operation runs in, and compares them with a later call stack. Other packages
// [Register] the functions to look for: this one knows none by name.
// docs/correlation.md has the rules.
package correlate

import (
	"reflect"
	"runtime"
	"sync"
)

// Kind is what an operation is, as far as its end event and its method depend on
// it. It is a bit, so that several kinds make a set.
type Kind uint8

// The kinds that have events.
const (
	Chain Kind = 1 << iota
	Tool
	Model
	Retriever
)

// method is the role of the methods that carry out operations of the kind.
func (k Kind) method() Role {
	switch k {
	case Model:
		return RunsModel
	case Retriever:
		return RunsRetriever
	default:
		return RunsChain
	}
}

// Role is what a function does where it stands on a call stack. A function may
// have several.
type Role uint8

// The roles.
const (
	// StartEvent is a handler's method for a start event.
	StartEvent Role = 1 << iota
	// EndEvent is a handler's method for an end or an error.
	EndEvent
	// Emitter is a function of the library that fires events, its handlers apart.
	Emitter
	// RunsChain is a method that carries out a chain or a tool.
	RunsChain
	// RunsModel is a method that carries out a model call.
	RunsModel
	// RunsRetriever is a method that carries out a retrieval.
	RunsRetriever
	// ChainCaller fires the events of one chain, and calls its RunsChain method
	// itself or through one function in between.
	ChainCaller
	// Eventless marks a RunsChain method whose ChainCaller fires no events.
	Eventless

	runsOperation = RunsChain | RunsModel | RunsRetriever
)

var registry struct {
	mu          sync.RWMutex
	classifiers []func(function string) Role
	// roles caches by program counter: names are slow to come by, and a program
	// has few such places.
	roles sync.Map
}

// Register adds a classifier, which gives the roles of a function by its name as
// package runtime spells it. The roles of all classifiers add up. It is safe for
// concurrent use; packages call it while they are initialised.
func Register(classify func(function string) Role) {
	registry.mu.Lock()
	defer registry.mu.Unlock()
	registry.classifiers = append(registry.classifiers, classify)
	registry.roles.Clear()
}

// RegisterFunc gives roles to one function, or to the method of a method
// expression.
func RegisterFunc(function any, roles Role) {
	fn := runtime.FuncForPC(reflect.ValueOf(function).Pointer())
	if fn == nil {
		return
	}
	name := fn.Name()
	Register(func(function string) Role {
		if function == name {
			return roles
		}
		return 0
	})
}

// roleAt returns the roles of the function that pc, a return address, is in.
func roleAt(pc uintptr) Role {
	if v, ok := registry.roles.Load(pc); ok {
		return v.(Role) //nolint:forcetypeassert // the map holds nothing else
	}
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	registry.mu.RLock()
	defer registry.mu.RUnlock()
	var r Role
	for _, classify := range registry.classifiers {
		r |= classify(frame.Function)
	}
	registry.roles.Store(pc, r)
	return r
}
