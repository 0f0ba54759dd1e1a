// SPDX-License-Identifier: Apache-2.0

package cow

import (
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMapIsBoundedAndBuildsOnce(t *testing.T) {
	c := Map[int, *string]{Limit: 10}
	build := func(k int) *string { s := strconv.Itoa(k); return &s }
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for k := range 100 {
				assert.Equal(t, strconv.Itoa(k), *c.Get(k, build))
			}
		})
	}
	wg.Wait()
	assert.Equal(t, 10, c.Len(), "what does not fit is made each time, and not kept")
	kept, passing := c.Get(3, build), c.Get(99, build)
	assert.Same(t, kept, c.Get(3, build))
	assert.NotSame(t, passing, c.Get(99, build))
}

func TestReadingDoesNotAllocate(t *testing.T) {
	var c Map[string, int]
	build := func(k string) int { return len(k) }
	c.Get("model", build)
	c.Get("another", build)
	for range 2 {
		assert.Equal(t, 5, c.Get("model", build), "the one asked for last, and one that was not")
		assert.Equal(t, 7, c.Get("another", build))
	}
	assert.Zero(t, testing.AllocsPerRun(100, func() { c.Get("model", build); c.Get("another", build) }))
}
