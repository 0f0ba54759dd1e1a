// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestWindowSumsWhatIsInIt compares with adding up the events themselves.
func TestWindowSumsWhatIsInIt(t *testing.T) {
	type event struct{ epoch, v int64 }
	rnd := rand.New(rand.NewPCG(1, 2))
	w := window{cells: &cells{}}
	var events []event
	epoch := int64(0)
	for range 5_000 {
		switch rnd.IntN(100) {
		case 0:
			epoch += rnd.Int64N(3 * slots)
		case 1, 2, 3, 4, 5:
			epoch += rnd.Int64N(10)
		}
		w.advance(epoch)
		e := event{epoch, rnd.Int64N(20e9)}
		w.add(e.v, 5)
		events = append(events, e)
		for epoch-events[0].epoch >= slots {
			events = events[1:]
		}
		var values []float64
		sum, above := int64(0), 0
		for _, e := range events {
			sum += e.v
			values = append(values, float64(e.v)/1e9)
			if e.v > 5e9 {
				above++
			}
		}
		if !assert.Equal(t, slot{int64(len(events)), sum}, w.total) {
			return
		}
		slices.Sort(values)
		for _, p := range []float64{0.5, 0.95} {
			exact := values[int(math.Ceil(p*float64(len(values))-1e-9))-1]
			got := w.cells.percentile(p, 5, w.total.n)
			if !assert.Equal(t, exact > 5, got > 5, "%v: %v for %v of %d", p, got, exact, len(values)) {
				return
			}
			if exact > 5.0/8 && !assert.InEpsilon(t, exact, got, 0.0906) {
				return
			}
		}
	}
}

func TestWindowStopsAtTheTop(t *testing.T) {
	var w window
	for epoch := range int64(3 * slots) {
		w.advance(epoch)
		w.add(math.MaxInt64, 1)
		w.add(math.MaxInt64, 1)
		w.add(-5, 1)
		assert.GreaterOrEqual(t, w.total.sum, int64(0))
	}
	w.advance(10 * slots)
	assert.Zero(t, w.total)
}

func TestPercentileAtTheEdges(t *testing.T) {
	for _, threshold := range []float64{1e-9, 0.001, 0.3, 5, 3600} {
		for _, tt := range []struct {
			v     float64
			above bool
		}{
			{0, false},
			{threshold / 1e6, false},
			{threshold, false},
			{math.Nextafter(threshold, 0), false},
			{math.Nextafter(threshold, 1e9), true},
			{threshold * 1e6, true},
			{math.MaxInt64 / 1e9, true},
		} {
			var c cells
			c.add(0, tt.v, threshold)
			assert.Equal(t, tt.above, c.percentile(0.5, threshold, 1) > threshold, "%v of %v", tt.v, threshold)
		}
	}
}

func TestRecentKeepsTheNewest(t *testing.T) {
	w := window{recent: &recent{values: make([]int64, 3)}}
	for i := range int64(10) {
		w.add(i, 1)
		assert.Equal(t, i >= 2, w.recent.full)
	}
	assert.Equal(t, int64(7+8+9), w.recent.sum)
}
