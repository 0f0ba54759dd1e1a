// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/metrics"
)

// watched is a Recorder whose alerts end up in a list, with a price of one
// dollar per call of 1000 tokens. Rules that a test does not set are off.
type watched struct {
	*metrics.Recorder
	monitor *metrics.Monitor
	mu      sync.Mutex // alerts come on a goroutine of the Monitor's
	alerts  []metrics.Alert
}

func (w *watched) sink(a metrics.Alert) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.alerts = append(w.alerts, a)
}

func watch(t *testing.T, opts ...metrics.MonitorOption) *watched {
	t.Helper()
	w := &watched{}
	prices, err := metrics.NewPrices(metrics.Price{Model: "m", Input: 1000})
	require.NoError(t, err)
	all := append([]metrics.MonitorOption{
		metrics.WithErrorRate(1, 0), metrics.WithMeanLatency(time.Hour), metrics.WithSpend(1e6), metrics.WithCooldown(0),
		metrics.WithSink(w.sink), nil,
	}, opts...)
	w.monitor = metrics.NewMonitor(all...)
	w.Recorder, err = metrics.NewRecorder(nil, metrics.WithPrices(prices), metrics.WithMonitor(w.monitor))
	require.NoError(t, err)
	return w
}

// all returns the alerts since take, which stay.
func (w *watched) all() []metrics.Alert {
	_ = w.monitor.Flush(context.Background()) // the sink is short
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.alerts)
}

func (w *watched) calls(n int, errorType string, d time.Duration, usage metrics.Usage) {
	for range n {
		w.Record(context.Background(), metrics.Measurement{
			Operation: metrics.Operation{Name: "chat", Model: "m", ErrorType: errorType}, Duration: d, Usage: usage,
		})
	}
}

// take returns the alerts since the last time, as text.
func (w *watched) take() (texts []string) {
	_ = w.monitor.Flush(context.Background())
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.alerts {
		texts = append(texts, a.String())
	}
	w.alerts = nil
	return texts
}

func TestErrorRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, metrics.WithErrorRate(0.5, 4))
		w.calls(4, "timeout", 0, metrics.Usage{})
		assert.Empty(t, w.take(), "four calls are too few to judge")
		w.calls(3, "timeout", 0, metrics.Usage{})
		assert.Equal(t, []string{"error_rate firing: 1 (threshold 0.5)"}, w.take(), "once, not with every call")
		w.calls(6, "", 0, metrics.Usage{})
		assert.Empty(t, w.take(), "7 of 13 is still above one half")
		w.calls(1, "", 0, metrics.Usage{})
		assert.Equal(t, []string{"error_rate resolved: 0.5 (threshold 0.5)"}, w.take(), "at the threshold is not above it")
	})
}

func TestMeanLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, metrics.WithMeanLatency(2*time.Second))
		w.calls(9, "", time.Minute, metrics.Usage{})
		assert.Empty(t, w.take(), "nine calls are too few to judge")
		w.calls(1, "", 3*time.Second, metrics.Usage{})
		assert.Equal(t, []string{"mean_latency firing: 54.3 (threshold 2)"}, w.take())
		w.calls(10, "", time.Second, metrics.Usage{})
		assert.Equal(t, []string{"mean_latency resolved: 1.2 (threshold 2)"}, w.take(), "only the last ten calls count: nine of 1 s and one of 3 s")
		w.calls(25, "", time.Second, metrics.Usage{})
		assert.Empty(t, w.take())
		w.calls(1, "", 12*time.Second, metrics.Usage{})
		assert.Equal(t, []string{"mean_latency firing: 2.1 (threshold 2)"}, w.take(), "the ring still holds ten after many rounds")
	})
}

func TestSpend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, metrics.WithSpend(2), metrics.WithWindow(time.Minute))
		dollar := metrics.Usage{Input: 1000}
		w.calls(2, "", 0, dollar)
		assert.Empty(t, w.take())
		w.calls(1, "timeout", 0, dollar)
		assert.Equal(t, []string{"spend firing: 3 (threshold 2)"}, w.take(), "a failed call costs, too")
		time.Sleep(30 * time.Second)
		w.calls(1, "", 0, metrics.Usage{})
		assert.Empty(t, w.take(), "the window still holds the three")
		time.Sleep(31 * time.Second)
		assert.Equal(t, []string{"spend resolved: 0 (threshold 2)"}, w.take(), "the window has slid past them, and no call is needed to see that")
		w.calls(1, "", 0, metrics.Usage{})
		assert.Empty(t, w.take())
	})
}

func TestWindowSlides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, metrics.WithErrorRate(0.5, 0), metrics.WithWindow(time.Minute), metrics.WithWindow(-1))
		w.calls(1, "timeout", 0, metrics.Usage{})
		assert.Len(t, w.take(), 1)
		time.Sleep(59 * time.Second)
		w.calls(1, "timeout", 0, metrics.Usage{})
		time.Sleep(2 * time.Second)
		w.calls(1, "", 0, metrics.Usage{})
		assert.Equal(t, []string{"error_rate resolved: 0.5 (threshold 0.5)"}, w.take(), "the first failure has left, the second has not")
		time.Sleep(24 * time.Hour)
		w.calls(1, "timeout", 0, metrics.Usage{})
		assert.Equal(t, []string{"error_rate firing: 1 (threshold 0.5)"}, w.take(), "slots of a day ago are not added to today's")
	})
}

func TestMonitorWatchesModelCallsOnly(t *testing.T) {
	quiet(t)
	w := watch(t, metrics.WithErrorRate(0, 0))
	for _, m := range everyKind[1:] {
		m.ErrorType, m.Duration = "timeout", 2*time.Hour
		w.Record(t.Context(), m)
	}
	assert.Empty(t, w.take())
}

func TestAlertCarriesNumbersAndTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, metrics.WithErrorRate(0.25, 0))
		w.calls(1, "timeout", 0, metrics.Usage{})
		fired := time.Now()
		assert.Equal(t, []metrics.Alert{
			{Rule: "error_rate", Signal: metrics.SignalErrorRate, Value: 1, Threshold: 0.25, Time: fired, Since: fired},
		}, w.all())
		time.Sleep(time.Second)
		w.calls(3, "", 0, metrics.Usage{})
		assert.Equal(t, metrics.Alert{
			Rule: "error_rate", Signal: metrics.SignalErrorRate, Resolved: true, Value: 0.25, Threshold: 0.25, Time: time.Now(), Since: fired,
		}, w.all()[1])
	})
}

func TestSinks(t *testing.T) {
	log := quiet(t)

	m := metrics.NewMonitor(metrics.WithErrorRate(0, 0), metrics.WithSink(nil))
	r, err := metrics.NewRecorder(nil, metrics.WithMonitor(m))
	require.NoError(t, err)
	w := &watched{Recorder: r}
	w.calls(1, "timeout", 0, metrics.Usage{})
	require.NoError(t, m.Flush(t.Context()))
	assert.Contains(t, log.String(), "spanloom: error_rate firing: 1 (threshold 0)", "without a sink the log is told")

	log.Reset()
	reached := 0
	w = watch(t, metrics.WithErrorRate(0, 0),
		metrics.WithSink(func(metrics.Alert) { panic("pager is down") }),
		metrics.WithSink(func(metrics.Alert) { reached++; w.calls(1, "", 0, metrics.Usage{}) }))
	assert.NotPanics(t, func() { w.calls(1, "timeout", 0, metrics.Usage{}) }, "an alert must not fail the model call")
	require.NoError(t, w.monitor.Flush(t.Context()))
	assert.Equal(t, 1, reached, "the other sinks are told, and may make calls of their own: no lock is held")
	assert.Contains(t, log.String(), "pager is down")
	assert.NotContains(t, log.String(), "level=WARN", "with a sink the log is not told of alerts")
	assert.Len(t, w.take(), 1)
}

func TestNilMonitor(t *testing.T) {
	r, err := metrics.NewRecorder(nil, metrics.WithMonitor(nil))
	require.NoError(t, err)
	assert.NotPanics(t, func() { r.Record(t.Context(), everyKind[0]) })
	var none *metrics.Monitor
	assert.NoError(t, none.Flush(t.Context()))
}

// A sink that hangs is the hook of a pager that is down: when calls fail is when
// they must not wait.
func TestASinkThatHangsHoldsNobodyUp(t *testing.T) {
	quiet(t)
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		w := watch(t, metrics.WithErrorRate(0.5, 0), metrics.WithSink(func(metrics.Alert) { <-release }))
		second := &watched{}
		w2 := watch(t, metrics.WithErrorRate(0.5, 0), metrics.WithSink(func(metrics.Alert) { <-release }), metrics.WithSink(second.sink))
		for range 2000 {
			for _, w := range []*watched{w, w2} {
				w.calls(1, "timeout", 0, metrics.Usage{})
				w.calls(1, "", 0, metrics.Usage{})
			}
			synctest.Wait()
		}
		assert.Len(t, second.all(), 4000, "the sinks after it are told")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, w.monitor.Flush(ctx), context.DeadlineExceeded)
		close(release)
		require.NoError(t, w.monitor.Flush(t.Context()))
	}) // and with the bubble every goroutine has ended
}

func TestMonitorMemoryIsConstant(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates on its own account")
	}
	synctest.Test(t, func(t *testing.T) {
		w := watch(t)
		w.calls(100, "timeout", time.Second, metrics.Usage{Input: 1})
		allocs := testing.AllocsPerRun(2000, func() {
			time.Sleep(7 * time.Second) // through the whole window, many times
			w.calls(1, "timeout", time.Second, metrics.Usage{Input: 1})
		})
		assert.Zero(t, allocs)
	})
}

func TestMonitorIsConcurrentSafe(t *testing.T) {
	const workers, each = 8, 200
	var fired, resolved atomic.Int64
	m := metrics.NewMonitor(metrics.WithErrorRate(0.5, 0), metrics.WithMeanLatency(time.Hour), metrics.WithSink(func(a metrics.Alert) {
		if a.Resolved {
			resolved.Add(1)
		} else {
			fired.Add(1)
		}
	}))
	r, err := metrics.NewRecorder(nil, metrics.WithMonitor(m))
	require.NoError(t, err)
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() {
			one := &watched{Recorder: r}
			for range each {
				one.calls(1, []string{"", "timeout"}[i%2], 0, metrics.Usage{})
			}
		})
	}
	wg.Wait()
	require.NoError(t, m.Flush(t.Context()))
	assert.LessOrEqual(t, resolved.Load(), fired.Load(), "a rule resolves only after it fired")
	assert.LessOrEqual(t, fired.Load(), resolved.Load()+1, "and fires again only after it resolved")
}
