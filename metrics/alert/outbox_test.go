// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/internal/testenv"
)

func TestAlertsStayInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string // no lock: alerts come one at a time
		var o *outbox
		o = newOutbox(func(_ context.Context, a Alert) error {
			got = append(got, a.Rule)
			if a.Rule == "0" {
				o.put(Alert{Rule: "from a sink"})
				time.Sleep(time.Second)
				got = append(got, "end of 0")
			}
			return nil
		})
		o.put(Alert{Rule: "0"})
		o.put(Alert{Rule: "1"})
		require.NoError(t, o.flush(t.Context()))
		assert.Equal(t, []string{"0", "end of 0", "1", "from a sink"}, got)

		got = nil
		var wg sync.WaitGroup
		var mu sync.Mutex
		next := 1
		for range 8 {
			wg.Go(func() {
				for range 100 {
					mu.Lock() // as a rule's lock
					o.put(Alert{Rule: strconv.Itoa(next)})
					next++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		require.NoError(t, o.flush(t.Context()))
		for i, rule := range got {
			assert.Equal(t, strconv.Itoa(i+1), rule)
		}
		assert.Len(t, got, 800)
		assert.Nil(t, o.waiting, "what all sinks have taken is not kept")
	})
}

func TestASinkThatNeverReturns(t *testing.T) {
	log := testenv.CaptureLog(t)
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var got []string
		o := newOutbox(func(_ context.Context, a Alert) error {
			got = append(got, a.Rule)
			if a.Rule == "first" {
				<-release
			}
			return nil
		})
		o.put(Alert{Rule: "first"})
		synctest.Wait()
		for i := range 2 * maxWaiting {
			o.put(Alert{Rule: strconv.Itoa(i)})
			synctest.Wait()
		}
		assert.Len(t, o.waiting, maxWaiting, "memory is bounded")
		assert.Equal(t, 1, strings.Count(log.String(), "takes too long"), "logged once, and before the sink returns: it may not")
		assert.Equal(t, maxWaiting, o.lostCount())

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, o.flush(ctx), context.DeadlineExceeded)
		close(release)
		require.NoError(t, o.flush(t.Context()))
		assert.Len(t, got, 1+maxWaiting)
		assert.Equal(t, strconv.Itoa(2*maxWaiting-1), got[maxWaiting], "the newest are kept")
		assert.Equal(t, maxWaiting, o.lostCount())
	})
}

func TestASinkThatEndsItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		o := newOutbox(func(_ context.Context, a Alert) error {
			got = append(got, a.Rule)
			if a.Rule == "1" {
				runtime.Goexit()
			}
			return nil
		})
		o.put(Alert{Rule: "1"})
		o.put(Alert{Rule: "2"})
		require.NoError(t, o.flush(t.Context()))
		assert.Equal(t, []string{"1", "2"}, got)
		assert.Equal(t, 1, o.lostCount(), "nobody knows whether the first arrived")
	})
}

func TestASinkThatFails(t *testing.T) {
	log := testenv.CaptureLog(t)
	o := newOutbox(func(_ context.Context, a Alert) error {
		if a.Rule == "2" {
			panic("no network")
		}
		return errors.New("refused")
	})
	o.put(Alert{Rule: "1"})
	o.put(Alert{Rule: "2"})
	require.NoError(t, o.flush(t.Context()))
	assert.Equal(t, 2, o.lostCount())
	assert.Equal(t, 2, strings.Count(log.String(), "an alert did not reach its sink"))
	assert.Contains(t, log.String(), "error=refused")
	assert.Contains(t, log.String(), "the sink panicked: no network")
}

func TestShutdownGivesUpWithItsContext(t *testing.T) {
	log := testenv.CaptureLog(t)
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox(func(ctx context.Context, _ Alert) error { <-ctx.Done(); return ctx.Err() })
		for i := range 5 {
			o.put(Alert{Rule: strconv.Itoa(i)})
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		err := o.shutdown(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "5 alerts were not sent")
		assert.Equal(t, 5*time.Second, time.Since(start))
		assert.Equal(t, 5, o.lostCount())
		o.put(Alert{Rule: "9"})
		assert.Equal(t, 6, o.lostCount(), "an alert after Shutdown is lost")
		require.NoError(t, o.shutdown(t.Context()), "a second time")
		assert.Equal(t, 6, o.lostCount(), "the sink's error does not count its alert again")
		assert.Empty(t, log.String(), "Shutdown returns the error")
	})
}

func TestShutdownSendsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		o := newOutbox(func(_ context.Context, a Alert) error {
			time.Sleep(time.Second)
			got = append(got, a.Rule)
			return nil
		})
		o.put(Alert{Rule: "1"})
		o.put(Alert{Rule: "2"})
		require.NoError(t, o.shutdown(t.Context()))
		assert.Equal(t, []string{"1", "2"}, got)
		assert.Zero(t, o.lostCount())
	})
}
