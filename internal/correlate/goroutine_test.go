// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"sync"
	"testing"

	"github.com/petermattis/goid"
	"github.com/stretchr/testify/assert"
)

func TestGoroutineIDIsTheRuntimes(t *testing.T) {
	seen := map[int64]bool{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			id := goroutineID()
			assert.Equal(t, slowGoroutineID(), id)
			mu.Lock()
			defer mu.Unlock()
			assert.False(t, seen[id])
			seen[id] = true
		})
	}
	wg.Wait()
	// If this fails, package goid does not know this Go release: everything
	// still works, at about 1 µs more per event. Upgrade goid.
	assert.Equal(t, goid.Get(), slowGoroutineID())
}

func TestWrongGoroutineIDFallsBack(t *testing.T) {
	here := slowGoroutineID()
	for name, wrong := range map[string]func() int64{
		"constant":   func() int64 { return 7 },
		"right once": func() int64 { return here },
		"right but here": func() int64 {
			if id := slowGoroutineID(); id != here {
				return id
			}
			return 0
		},
	} {
		t.Run(name, func(t *testing.T) {
			here = slowGoroutineID()
			got := pickGoroutineID(wrong, slowGoroutineID)
			assert.Equal(t, slowGoroutineID(), got())
			done := make(chan bool)
			go func() { done <- got() == slowGoroutineID() }()
			assert.True(t, <-done)
		})
	}
}
