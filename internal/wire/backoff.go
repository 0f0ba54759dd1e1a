// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"context"
	"math/rand/v2"
	"time"
)

// Backoff repeats a request with growing waits: each is twice the one before, and
// varies by half, so that clients that failed together do not return together.
type Backoff struct {
	// Attempts bounds their number, the first included; 0 is no bound.
	Attempts int
	// Elapsed bounds the time: no attempt begins after it.
	Elapsed time.Duration
	// First and Longest are the waits before they vary.
	First, Longest time.Duration
}

// GrowingWait is what an attempt returns where the server does not say how long to
// wait.
const GrowingWait time.Duration = -1

// Retry calls attempt until that returns false or a bound is reached. An attempt is
// given the wait before it and returns the wait after it. A wait that would end
// after Elapsed or the deadline of ctx is not begun. The end of ctx ends a wait.
func (b Backoff) Retry(ctx context.Context, attempt func(waited time.Duration) (wait time.Duration, again bool)) {
	begun := time.Now()
	var waited time.Duration
	growing := b.First
	for n := 1; ; n++ {
		wait, again := attempt(waited)
		if !again || n == b.Attempts {
			return
		}
		if wait < 0 {
			wait = growing/2 + rand.N(growing+1) //nolint:gosec // waits are no secrets
			growing = min(2*growing, b.Longest)
		}
		deadline, has := ctx.Deadline()
		if time.Since(begun)+wait > b.Elapsed || has && time.Now().Add(wait).After(deadline) {
			return
		}
		if !pause(ctx, wait) {
			return
		}
		waited = wait
	}
}

// pause reports whether ctx has not ended before d is over.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
