// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAnOperationIsOverWhenItsMethodHasReturned(t *testing.T) {
	h := &handler{}
	leaky := &model{h: h, script: "S"}
	for range 3 {
		leaky.generate() // the same place, again
	}
	assert.Equal(t, []string{"abandoned model", "abandoned model"}, h.took())
	leaky.generate() // another place
	assert.Equal(t, []string{"abandoned model"}, h.took())
	assert.Empty(t, h.current())
	assert.Equal(t, []string{"abandoned model"}, h.took())
	assert.Zero(t, h.open.Len())
}

func TestAnOperationIsOpenWhileItsMethodRuns(t *testing.T) {
	h := &handler{}
	(&model{h: h, script: "SE", during: func() {
		assert.Equal(t, "model", h.current())
		func() { assert.Equal(t, "model", h.current()) }()
		(&model{h: h, script: "SE"}).generate()
		assert.Equal(t, "model", h.current())
		assert.Equal(t, []string{"ended model"}, h.took())
	}}).generate()
	assert.Equal(t, []string{"ended model"}, h.took())
}

// No role shows what begin is: a later start holds the operation to begin itself,
// an end only to begin's caller.
func TestAStartFromAHelperIsFoundByItsEndOnly(t *testing.T) {
	h := &handler{}
	m := &helped{h}
	m.begin()
	m.finish()
	assert.Equal(t, []string{"ended helped"}, h.took())
	m.begin()
	assert.Empty(t, h.current())
	assert.Equal(t, []string{"abandoned helped"}, h.took())
}

// Started by helpers of helpers, all of which have returned, it may still run.
func TestAnEndFindsAStartFromDeepHelpers(t *testing.T) {
	h := &handler{}
	m := &helped{h}
	func() { func() { m.begin() }() }()
	m.finish()
	assert.Equal(t, []string{"ended helped"}, h.took())
}

func TestAnEndClosesItsOwnOperationOnly(t *testing.T) {
	for script, want := range map[string][]string{
		"SEE": {"ended model"},
		"E":   {},
	} {
		h := &handler{}
		(&model{h: h, script: "S", during: func() {
			(&model{h: h, script: script}).generate()
			assert.ElementsMatch(t, want, h.took(), script)
			assert.Equal(t, "model", h.current(), script)
		}}).generate()
	}
}

func TestAnEndAbandonsWhatIsOpenInside(t *testing.T) {
	h := &handler{}
	callChain(&loudChain{h, func() {
		recovered((&model{h: h, script: "SP"}).generate)
	}})
	assert.Equal(t, []string{"abandoned model", "ended chain"}, h.took())
}

// A server that recovers runs its next chain from the same place, and the return
// addresses alone do not tell the runs apart.
func TestAChainCallerThatRunsAgainIsAnotherRun(t *testing.T) {
	h := &handler{}
	panics := &loudChain{h, func() {
		h.current() // shows which chain runs
		panic("chain")
	}}
	silent := &silentChain{func() { assert.Empty(t, h.current()) }}
	for _, c := range []chain{panics, silent} {
		recovered(func() { callChain(c) })
	}
	assert.Equal(t, []string{"abandoned chain"}, h.took())

	h = &handler{}
	silent = &silentChain{func() { assert.Empty(t, h.current()) }}
	panics = &loudChain{h, func() { panic("chain") }} // nothing showed it
	for _, c := range []chain{panics, silent} {
		recovered(func() { callChain(c) })
	}
	assert.Equal(t, []string{"abandoned chain"}, h.took())
}

//go:noinline
func deep(n int, f func()) {
	if n > 0 {
		deep(n-1, f)
		return
	}
	f()
}

func TestDeepStacks(t *testing.T) {
	for _, depth := range []int{100, 127, 128, 500, 513, 2000, 2 * maxFrames} {
		h := &handler{}
		callChain(&loudChain{h, func() {
			deep(depth, func() { assert.Equal(t, "chain", h.current(), depth) })
		}})
		assert.Equal(t, []string{"ended chain"}, h.took(), depth)
		if depth < maxFrames {
			deep(depth, func() {
				(&model{h: h, script: "S"}).generate()
				assert.Empty(t, h.current(), depth)
			})
			assert.Equal(t, []string{"abandoned model"}, h.took(), depth)
		}
	}
}

func TestEmitterIsTheFunctionThatFired(t *testing.T) {
	h := &handler{}
	var site Site
	fire := func() {
		stack := Callers(0, 0)
		defer stack.Release()
		site = stack.Site(Model)
	}
	fire()
	assert.Contains(t, site.Emitter(), "TestEmitterIsTheFunctionThatFired.func")
	assert.Empty(t, new(Site).Emitter())
	assert.Zero(t, h.open.Len())
}

func BenchmarkCallers(b *testing.B) {
	for name, depth := range map[string]int{"depth 10": 10, "depth 60": 60} {
		b.Run(name, func(b *testing.B) {
			deep(depth, func() {
				b.ReportAllocs()
				for b.Loop() {
					Callers(0, StartEvent).Release()
				}
			})
		})
	}
}
