// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"log/slog"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAlertsStayInOrder(t *testing.T) {
	var got []string // no lock: alerts come one at a time
	o := outbox{}
	o.sinks = []func(Alert){func(a Alert) {
		got = append(got, a.Rule)
		if a.Rule == "0" {
			o.put(Alert{Rule: "from a sink"})
			o.deliver()
			got = append(got, "end of 0")
		}
	}}
	o.put(Alert{Rule: "0"})
	o.put(Alert{Rule: "1"})
	o.deliver()
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
				o.deliver()
			}
		})
	}
	wg.Wait()
	for i, rule := range got {
		assert.Equal(t, strconv.Itoa(i+1), rule)
	}
	assert.Len(t, got, 800)
}

func TestASinkThatNeverReturnsHoldsNobodyElse(t *testing.T) {
	old := slog.Default()
	t.Cleanup(func() { slog.SetDefault(old) })
	slog.SetDefault(slog.New(slog.DiscardHandler))
	release := make(chan struct{})
	var got []string
	o := outbox{sinks: []func(Alert){func(a Alert) {
		got = append(got, a.Rule)
		if a.Rule == "first" {
			<-release
		}
	}}}
	var wg sync.WaitGroup
	o.put(Alert{Rule: "first"})
	wg.Go(o.deliver)
	for o.begin() { // until the goroutine is in the sink
		o.end()
		runtime.Gosched()
	}
	for i := range 2 * maxWaiting {
		o.put(Alert{Rule: strconv.Itoa(i)})
		o.deliver()
	}
	assert.Len(t, o.waiting, maxWaiting, "memory is bounded")
	close(release)
	wg.Wait()
	assert.Len(t, got, 1+maxWaiting)
	assert.Equal(t, strconv.Itoa(2*maxWaiting-1), got[maxWaiting], "the newest are kept")
}

func TestASinkThatEndsItsGoroutine(t *testing.T) {
	var got []string
	o := outbox{sinks: []func(Alert){func(a Alert) {
		got = append(got, a.Rule)
		if a.Rule == "1" {
			runtime.Goexit()
		}
	}}}
	o.put(Alert{Rule: "1"})
	o.put(Alert{Rule: "2"})
	var wg sync.WaitGroup
	wg.Go(o.deliver)
	wg.Wait()
	o.deliver()
	assert.Equal(t, []string{"1", "2"}, got)
}
