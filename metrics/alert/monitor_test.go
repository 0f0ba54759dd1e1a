// SPDX-License-Identifier: Apache-2.0

package alert_test

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

	"github.com/spanloom/spanloom/internal/testenv"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/metrics/alert"
)

// watched is a Recorder with a Monitor whose alerts end up in a list. A call of 1000
// tokens costs a dollar. Rules that a test does not set are off.
type watched struct {
	*metrics.Recorder
	monitor *alert.Monitor
	mu      sync.Mutex // the Monitor sends alerts on another goroutine
	alerts  []alert.Alert
}

func (w *watched) sink(_ context.Context, a alert.Alert) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.alerts = append(w.alerts, a)
	return nil
}

func discard(context.Context, alert.Alert) error { return nil }

func watch(t *testing.T, opts ...alert.Option) *watched {
	t.Helper()
	w := &watched{}
	prices, err := metrics.NewPrices(metrics.Price{Model: "m", Input: 1000})
	require.NoError(t, err)
	all := append([]alert.Option{
		alert.WithErrorRate(1, 0), alert.WithMeanLatency(time.Hour), alert.WithSpend(1e6), alert.WithCooldown(0),
		alert.WithSink(w.sink), nil,
	}, opts...)
	w.monitor = alert.NewMonitor(all...)
	w.Recorder, err = metrics.NewRecorder(nil, metrics.WithPrices(prices), metrics.WithObserver(w.monitor))
	require.NoError(t, err)
	return w
}

// all returns the alerts since take, which stay.
func (w *watched) all() []alert.Alert {
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
		w := watch(t, alert.WithErrorRate(0.5, 4))
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
		w := watch(t, alert.WithMeanLatency(2*time.Second))
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
		w := watch(t, alert.WithSpend(2), alert.WithWindow(time.Minute))
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
		w := watch(t, alert.WithErrorRate(0.5, 0), alert.WithWindow(time.Minute), alert.WithWindow(-1))
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
	testenv.CaptureLog(t)
	w := watch(t, alert.WithErrorRate(0, 0))
	for _, name := range []string{"embeddings", "retrieval", "invoke_workflow", "invoke_agent", "execute_tool", ""} {
		w.Record(t.Context(), metrics.Measurement{
			Operation: metrics.Operation{Name: name, DBOperation: "search", Model: "m", ErrorType: "timeout"}, Duration: 2 * time.Hour,
		})
	}
	assert.Empty(t, w.take())
}

func TestAlertCarriesNumbersAndTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, alert.WithErrorRate(0.25, 0))
		w.calls(1, "timeout", 0, metrics.Usage{})
		fired := time.Now()
		assert.Equal(t, []alert.Alert{
			{Rule: "error_rate", Signal: alert.SignalErrorRate, Value: 1, Threshold: 0.25, Time: fired, Since: fired},
		}, w.all())
		time.Sleep(time.Second)
		w.calls(3, "", 0, metrics.Usage{})
		assert.Equal(t, alert.Alert{
			Rule: "error_rate", Signal: alert.SignalErrorRate, Resolved: true, Value: 0.25, Threshold: 0.25, Time: time.Now(), Since: fired,
		}, w.all()[1])
	})
}

func TestSinks(t *testing.T) {
	log := testenv.CaptureLog(t)

	m := alert.NewMonitor(alert.WithErrorRate(0, 0), alert.WithSink(nil))
	r, err := metrics.NewRecorder(nil, metrics.WithObserver(m))
	require.NoError(t, err)
	w := &watched{Recorder: r}
	w.calls(1, "timeout", 0, metrics.Usage{})
	require.NoError(t, m.Flush(t.Context()))
	assert.Contains(t, log.String(), "spanloom: error_rate firing: 1 (threshold 0)", "without a sink alerts are logged")

	log.Reset()
	reached := 0
	w = watch(t, alert.WithErrorRate(0, 0),
		alert.WithSink(func(context.Context, alert.Alert) error { panic("pager is down") }),
		alert.WithSink(func(context.Context, alert.Alert) error {
			reached++
			w.calls(1, "", 0, metrics.Usage{})
			return nil
		}))
	assert.NotPanics(t, func() { w.calls(1, "timeout", 0, metrics.Usage{}) }, "an alert must not fail the model call")
	require.NoError(t, w.monitor.Flush(t.Context()))
	assert.Equal(t, 1, reached, "the other sinks receive it, and may make calls of their own: no lock is held")
	assert.Equal(t, 1, w.monitor.Lost(), "the alert that the panic lost")
	assert.Contains(t, log.String(), "pager is down")
	assert.NotContains(t, log.String(), "level=WARN", "with a sink alerts are not logged")
	assert.Len(t, w.take(), 1)
}

func TestNilMonitor(t *testing.T) {
	var none *alert.Monitor
	r, err := metrics.NewRecorder(nil, metrics.WithObserver(none))
	require.NoError(t, err)
	assert.NotPanics(t, func() { r.Record(t.Context(), metrics.Measurement{Operation: metrics.Operation{Name: "chat"}}) })
	assert.NoError(t, none.Flush(t.Context()))
	assert.NoError(t, none.Shutdown(t.Context()))
	assert.Zero(t, none.Lost())
}

// A sink that hangs is the hook of a pager that is down: when calls fail is when
// they must not wait.
func TestASinkThatHangsHoldsNobodyUp(t *testing.T) {
	testenv.CaptureLog(t)
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		hang := func(context.Context, alert.Alert) error { <-release; return nil }
		w := watch(t, alert.WithErrorRate(0.5, 0), alert.WithSink(hang))
		second := &watched{}
		w2 := watch(t, alert.WithErrorRate(0.5, 0), alert.WithSink(hang), alert.WithSink(second.sink))
		for range 2000 {
			for _, w := range []*watched{w, w2} {
				w.calls(1, "timeout", 0, metrics.Usage{})
				w.calls(1, "", 0, metrics.Usage{})
			}
			synctest.Wait()
		}
		assert.Len(t, second.all(), 4000, "the sinks after it receive everything")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := w.monitor.Flush(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "alert: 1025 alerts were not sent in time", "1024 wait, and one is being sent")
		assert.Equal(t, 4000-1025, w.monitor.Lost())
		close(release)
		require.NoError(t, w.monitor.Flush(t.Context()))
	}) // and with the bubble every goroutine has ended
}

func TestMonitorMemoryIsConstant(t *testing.T) {
	if testenv.Race {
		t.Skip("the race detector allocates on its own account")
	}
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, alert.WithRule(alert.Rule{
			Name: "p95", Signal: alert.SignalLatency, Scope: alert.ByModel, Percentile: 0.95, Threshold: 3600,
		}))
		w.calls(100, "timeout", time.Second, metrics.Usage{Input: 1})
		allocs := testing.AllocsPerRun(2000, func() {
			time.Sleep(7 * time.Second) // through the window, many times
			w.calls(1, "timeout", time.Second, metrics.Usage{Input: 1})
		})
		assert.Zero(t, allocs)
	})
}

func TestMonitorIsConcurrentSafe(t *testing.T) {
	const workers, each = 8, 200
	var fired, resolved atomic.Int64
	m := alert.NewMonitor(alert.WithErrorRate(0.5, 0), alert.WithMeanLatency(time.Hour), alert.WithSink(func(_ context.Context, a alert.Alert) error {
		if a.Resolved {
			resolved.Add(1)
		} else {
			fired.Add(1)
		}
		return nil
	}))
	r, err := metrics.NewRecorder(nil, metrics.WithObserver(m))
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

func TestASinkThatBlocksDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		w := watch(t, alert.WithErrorRate(0.5, 0), alert.WithSink(func(context.Context, alert.Alert) error { <-release; return nil }))
		w.calls(1, "timeout", 0, metrics.Usage{})
		w.calls(1, "", 0, metrics.Usage{})
		synctest.Wait()
		assert.Len(t, w.alerts, 2)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorContains(t, w.monitor.Flush(ctx), "2 alerts were not sent in time")
		close(release)
		require.NoError(t, w.monitor.Flush(t.Context()))
	})
}
