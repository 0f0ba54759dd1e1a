// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

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
			var h histogram
			h.add(0, tt.v, threshold)
			assert.Equal(t, tt.above, h.percentile(0.5, threshold, 1) > threshold, "%v of %v", tt.v, threshold)
		}
	}
}
