// SPDX-License-Identifier: Apache-2.0

package alert

import "math"

// slots is the number of parts of a sliding window. Operations leave the window slot
// by slot, so adding one costs the same however many there are.
const slots = 60

type slot struct{ count, sum int64 }

// maxSlotSum makes the sum of a window fit an int64.
const maxSlotSum = math.MaxInt64 / slots

// window is a ring of slots with their total. A slot's index is its epoch modulo slots.
type window struct {
	slots     [slots]slot
	total     slot
	epoch     int64      // of the newest slot
	histogram *histogram // nil unless the rule has a percentile
	latest    *ring      // nil unless the rule has a number of last operations
}

// advance drops what has left the window by the given epoch. An epoch before the
// newest slot changes nothing: an operation that another one overtook counts as now.
func (w *window) advance(epoch int64) {
	if epoch-w.epoch >= slots {
		w.slots, w.total, w.epoch = [slots]slot{}, slot{}, epoch
		if w.histogram != nil {
			*w.histogram = histogram{}
		}
		return
	}
	for w.epoch < epoch {
		w.epoch++
		i := w.epoch % slots
		w.total.count -= w.slots[i].count
		w.total.sum -= w.slots[i].sum
		w.slots[i] = slot{}
		if w.histogram != nil {
			w.histogram.drop(i)
		}
	}
}

func (w *window) add(v int64, threshold float64) {
	v = max(0, v)
	i := w.epoch % slots
	s := &w.slots[i]
	v = min(v, maxSlotSum-s.sum)
	s.count++
	s.sum += v
	w.total.count++
	w.total.sum += v
	if w.histogram != nil {
		w.histogram.add(i, float64(v)/1e9, threshold)
	}
	if w.latest != nil {
		w.latest.add(v)
	}
}

// ring has the latest values.
type ring struct {
	values []int64
	next   int
	full   bool
	sum    int64
}

func (r *ring) add(v int64) {
	v = min(v, math.MaxInt64/maxLast)
	r.sum += v - r.values[r.next]
	r.values[r.next] = v
	if r.next++; r.next == len(r.values) {
		r.next, r.full = 0, true
	}
}
