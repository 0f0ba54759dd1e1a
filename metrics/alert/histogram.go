// SPDX-License-Identifier: Apache-2.0

package alert

import "math"

const (
	bucketCount      = 64
	bucketsPerOctave = 8
	// thresholdBucket is the last bucket that is not above the threshold.
	thresholdBucket = bucketCount/2 - 1
)

// histogram counts values in exponential buckets, for each slot of a window and in
// total. The threshold is a bucket's bound, so comparing a percentile with it is exact.
// The other bounds are eighths of an octave apart, which is 9 %.
type histogram struct {
	slots [slots][bucketCount]uint32
	total [bucketCount]int64
}

func (h *histogram) add(slot int64, v, threshold float64) {
	i := 0
	if v > 0 {
		distance := math.Ceil(bucketsPerOctave * math.Log2(v/threshold))
		i = thresholdBucket + int(min(max(distance, -thresholdBucket), bucketCount-1-thresholdBucket))
	}
	// The logarithm may be inexact, which matters at the threshold.
	if v <= threshold {
		i = min(i, thresholdBucket)
	} else {
		i = max(i, thresholdBucket+1)
	}
	h.slots[slot][i]++
	h.total[i]++
}

// drop removes the values of a slot.
func (h *histogram) drop(slot int64) {
	for i, n := range h.slots[slot] {
		h.total[i] -= int64(n)
	}
	h.slots[slot] = [bucketCount]uint32{}
}

// percentile returns the upper bound of the bucket with the p-th part of count values.
func (h *histogram) percentile(p, threshold float64, count int64) float64 {
	rank := int64(math.Ceil(p*float64(count) - 1e-9)) // 0.07*100 is slightly above 7
	seen, i := int64(0), 0
	for ; i < bucketCount-1; i++ {
		if seen += h.total[i]; seen >= max(1, rank) {
			break
		}
	}
	if i == thresholdBucket {
		return threshold
	}
	return threshold * math.Exp2(float64(i-thresholdBucket)/bucketsPerOctave)
}
