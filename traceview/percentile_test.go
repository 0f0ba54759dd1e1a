// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestPercentile(t *testing.T) {
	assert.Zero(t, percentile(nil, 0.5))
	d := []time.Duration{1, 2, 3, 4}
	for p, want := range map[float64]time.Duration{0: 1, 0.25: 1, 0.5: 2, 0.51: 3, 0.95: 4, 1: 4} {
		assert.Equal(t, want, percentile(d, p), p)
	}
}
