// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// waits runs b until it gives up and returns the waits between its attempts.
func waits(ctx context.Context, b Backoff, asked time.Duration) (got []time.Duration) {
	var last time.Time
	b.Retry(ctx, func(waited time.Duration) (time.Duration, bool) {
		if !last.IsZero() {
			got = append(got, time.Since(last))
		}
		if n := len(got); n > 0 && got[n-1] != waited {
			got[n-1] = -1
		}
		last = time.Now()
		return asked, true
	})
	return got
}

func TestBackoffGrows(t *testing.T) {
	b := Backoff{Attempts: 6, Elapsed: time.Hour, First: time.Second, Longest: 4 * time.Second}
	synctest.Test(t, func(t *testing.T) {
		got := waits(t.Context(), b, GrowingWait)
		assert.Len(t, got, 5)
		for i, around := range []time.Duration{1, 2, 4, 4, 4} {
			around *= time.Second
			assert.GreaterOrEqual(t, got[i], around/2)
			assert.LessOrEqual(t, got[i], around+around/2)
		}
	})
}

func TestBackoffBounds(t *testing.T) {
	b := Backoff{Elapsed: time.Minute, First: time.Second, Longest: time.Second}
	synctest.Test(t, func(t *testing.T) {
		assert.Len(t, waits(t.Context(), b, 20*time.Second), 3, "an attempt at the last moment")
		assert.Empty(t, waits(t.Context(), b, 61*time.Second), "a wait beyond the time is not begun")

		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		begun := time.Now()
		assert.Len(t, waits(ctx, b, 20*time.Second), 1)
		assert.Equal(t, 20*time.Second, time.Since(begun), "a wait beyond the deadline is not begun")

		ended, end := context.WithCancel(t.Context())
		time.AfterFunc(30*time.Second, end)
		begun = time.Now()
		assert.Len(t, waits(ended, b, 20*time.Second), 1)
		assert.Equal(t, 30*time.Second, time.Since(begun), "the end of the context ends the wait")
	})
}

func TestBackoffStops(t *testing.T) {
	calls := 0
	Backoff{Elapsed: time.Hour, First: time.Hour, Longest: time.Hour}.Retry(t.Context(), func(time.Duration) (time.Duration, bool) {
		calls++
		return GrowingWait, false
	})
	assert.Equal(t, 1, calls)
}
