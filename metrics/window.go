// SPDX-License-Identifier: Apache-2.0

package metrics

import "math"

// slots is the number of parts of a sliding window. What leaves it leaves slot
// by slot, so that an event costs the same however many there are.
const slots = 60

type slot struct{ n, sum int64 }

// maxSlot keeps the sum of a whole window inside an int64.
const maxSlot = math.MaxInt64 / slots

// window is a ring of slots and their totals.
type window struct {
	slots  [slots]slot
	total  slot
	epoch  int64 // of the newest slot
	cells  *cells
	recent *recent
}

// advance drops what has left the window by the given epoch. Epochs only grow:
// a call that another one overtook on its way counts as if it came now.
func (w *window) advance(epoch int64) {
	if epoch-w.epoch >= slots {
		w.slots, w.total, w.epoch = [slots]slot{}, slot{}, epoch
		if w.cells != nil {
			*w.cells = cells{}
		}
		return
	}
	for w.epoch < epoch {
		w.epoch++
		i := w.epoch % slots
		w.total.n -= w.slots[i].n
		w.total.sum -= w.slots[i].sum
		w.slots[i] = slot{}
		if w.cells != nil {
			w.cells.drop(i)
		}
	}
}

func (w *window) add(v int64, threshold float64) {
	v = max(0, v)
	i := w.epoch % slots
	s := &w.slots[i]
	v = min(v, maxSlot-s.sum)
	s.n++
	s.sum += v
	w.total.n++
	w.total.sum += v
	if w.cells != nil {
		w.cells.add(i, float64(v)/1e9, threshold)
	}
	if w.recent != nil {
		w.recent.add(v)
	}
}

// recent is a ring of the newest values.
type recent struct {
	values []int64
	next   int
	full   bool
	sum    int64
}

func (r *recent) add(v int64) {
	v = min(v, math.MaxInt64/maxLast)
	r.sum += v - r.values[r.next]
	r.values[r.next] = v
	if r.next++; r.next == len(r.values) {
		r.next, r.full = 0, true
	}
}

// cells are a histogram for each slot, and of the whole window. Their bounds are
// eighths of an octave away from the threshold, which is one of them: whether a
// percentile is above it is exact, and how much to 9 %.
type cells struct {
	slots [slots][cellCount]uint32
	total [cellCount]int64
}

const (
	cellCount = 64
	atMost    = cellCount/2 - 1 // the last cell that is not above the threshold
	perOctave = 8
)

func (c *cells) add(i int64, v, threshold float64) {
	cell := 0
	if v > 0 {
		cell = atMost + int(min(max(math.Ceil(perOctave*math.Log2(v/threshold)), -atMost), cellCount-1-atMost))
	}
	// A logarithm may be off by a hair, and the threshold is where it matters.
	if v <= threshold {
		cell = min(cell, atMost)
	} else {
		cell = max(cell, atMost+1)
	}
	c.slots[i][cell]++
	c.total[cell]++
}

func (c *cells) drop(i int64) {
	for cell, n := range c.slots[i] {
		c.total[cell] -= int64(n)
	}
	c.slots[i] = [cellCount]uint32{}
}

// percentile is the upper bound of the cell with the value that so many are not
// above, of n in all.
func (c *cells) percentile(p, threshold float64, n int64) float64 {
	rank := int64(math.Ceil(p*float64(n) - 1e-9)) // 0.07*100 is a hair above 7
	below, cell := int64(0), 0
	for ; cell < cellCount-1; cell++ {
		if below += c.total[cell]; below >= max(1, rank) {
			break
		}
	}
	if cell == atMost {
		return threshold
	}
	return threshold * math.Exp2(float64(cell-atMost)/perOctave)
}
