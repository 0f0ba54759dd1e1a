// SPDX-License-Identifier: Apache-2.0

package alert

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
	w := window{histogram: &histogram{}}
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
			got := w.histogram.percentile(p, 5, w.total.count)
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

func TestRingKeepsTheLatest(t *testing.T) {
	w := window{latest: &ring{values: make([]int64, 3)}}
	for i := range int64(10) {
		w.add(i, 1)
		assert.Equal(t, i >= 2, w.latest.full)
	}
	assert.Equal(t, int64(7+8+9), w.latest.sum)
}
