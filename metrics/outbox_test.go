// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"bytes"
	"context"
	"log/slog"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAlertsStayInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string // no lock: alerts come one at a time
		o := &outbox{}
		o.sink = func(a Alert) {
			got = append(got, a.Rule)
			if a.Rule == "0" {
				o.put(Alert{Rule: "from a sink"})
				time.Sleep(time.Second)
				got = append(got, "end of 0")
			}
		}
		o.put(Alert{Rule: "0"})
		o.put(Alert{Rule: "1"})
		require.NoError(t, o.wait(t.Context()))
		assert.Equal(t, []string{"0", "end of 0", "1", "from a sink"}, got)

		got = nil
		var wg sync.WaitGroup
		var mu sync.Mutex
		next := 1
		for range 8 {
			wg.Go(func() {
				for range 100 {
					mu.Lock() // a rule's lock
					o.put(Alert{Rule: strconv.Itoa(next)})
					next++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		require.NoError(t, o.wait(t.Context()))
		for i, rule := range got {
			assert.Equal(t, strconv.Itoa(i+1), rule)
		}
		assert.Len(t, got, 800)
	})
}

// capture has the log in a buffer, to be read when nothing writes to it.
func capture(t *testing.T) *bytes.Buffer {
	t.Helper()
	var log bytes.Buffer
	old := slog.Default()
	t.Cleanup(func() { slog.SetDefault(old) })
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	return &log
}

func TestASinkThatNeverReturns(t *testing.T) {
	log := capture(t)
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var got []string
		o := &outbox{sink: func(a Alert) {
			got = append(got, a.Rule)
			if a.Rule == "first" {
				<-release
			}
		}}
		o.put(Alert{Rule: "first"})
		synctest.Wait()
		for i := range 2 * maxWaiting {
			o.put(Alert{Rule: strconv.Itoa(i)})
		}
		assert.Len(t, o.waiting, maxWaiting, "memory is bounded")
		synctest.Wait()
		assert.Equal(t, 1, strings.Count(log.String(), "does not return"), "it is said once, and not when the sink returns: it may not")

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, o.wait(ctx), context.DeadlineExceeded)
		close(release)
		require.NoError(t, o.wait(t.Context()))
		assert.Len(t, got, 1+maxWaiting)
		assert.Equal(t, strconv.Itoa(2*maxWaiting-1), got[maxWaiting], "the newest are kept")
		assert.Contains(t, log.String(), "alerts=1024", "what was dropped is counted")
	})
}

func TestASinkThatEndsItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		o := &outbox{sink: func(a Alert) {
			got = append(got, a.Rule)
			if a.Rule == "1" {
				runtime.Goexit()
			}
		}}
		o.put(Alert{Rule: "1"})
		o.put(Alert{Rule: "2"})
		require.NoError(t, o.wait(t.Context()))
		assert.Equal(t, []string{"1", "2"}, got)
	})
}
