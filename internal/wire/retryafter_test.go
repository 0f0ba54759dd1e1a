// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	date := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	tests := []struct {
		ms, seconds string
		want        time.Duration
		ok          bool
	}{
		{"", "", 0, false},
		{"", "20", 20 * time.Second, true},
		{"", "0", 0, true},
		{"", " 1.5 ", 1500 * time.Millisecond, true},
		{"", date(90 * time.Second), 90 * time.Second, true},
		{"", date(-time.Hour), 0, true},
		{"", date(48 * time.Hour), 24 * time.Hour, true},
		{"", "Sunday, 22-Nov-26 12:00:07 GMT", 7 * time.Second, true},
		{"", "86401", 24 * time.Hour, true},
		{"", strings.Repeat("9", 100), 24 * time.Hour, true},
		{"", strings.Repeat("9", 1000), 0, false},
		{"", "-1", 0, false},
		{"", "1e3", 0, false},
		{"", "NaN", 0, false},
		{"", "Inf", 0, false},
		{"", "0x10", 0, false},
		{"", "1.2.3", 0, false},
		{"", "soon", 0, false},
		{"250", "20", 250 * time.Millisecond, true},
		{"0.5", "", 500 * time.Microsecond, true},
		{"-3", "20", 20 * time.Second, true},
		{"-3", "", 0, false},
	}
	for _, tt := range tests {
		h := http.Header{}
		h.Set("retry-after-ms", tt.ms)
		h.Set("retry-after", tt.seconds)
		d, ok := RetryAfter(h, now)
		assert.Equal(t, tt.want, d, "%q %q", tt.ms, tt.seconds)
		assert.Equal(t, tt.ok, ok, "%q %q", tt.ms, tt.seconds)
	}
	_, ok := RetryAfter(nil, now)
	assert.False(t, ok)
}
