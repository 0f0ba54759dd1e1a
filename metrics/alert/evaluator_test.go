// SPDX-License-Identifier: Apache-2.0

package alert_test

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/metrics/alert"
)

func (w *watched) call(model, workflow, errorType string) {
	w.Record(context.Background(), metrics.Measurement{
		Operation: metrics.Operation{Name: "chat", Model: model, ErrorType: errorType}, Workflow: workflow,
	})
}

func TestScopes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := one(t, alert.Rule{Signal: alert.SignalErrorRate, Scope: alert.ByModel, Threshold: 0.5})
		for range 10 {
			w.call("a", "", "")
		}
		w.call("b", "", "timeout")
		w.call("", "", "timeout")
		assert.Equal(t, []string{"r firing for b: 1 (threshold 0.5)"}, w.take(), "others do not hide it")
		w.call("b", "", "")
		assert.Equal(t, []string{"r resolved for b: 0.5 (threshold 0.5)"}, w.take())

		w = one(t, alert.Rule{Signal: alert.SignalErrorRate, Scope: alert.ByWorkflow, Threshold: 0.5})
		w.call("a", "", "timeout")
		w.call("a", "rag", "timeout")
		assert.Equal(t, []string{"r firing for rag: 1 (threshold 0.5)"}, w.take())
	})
}

func TestScopesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := one(t, alert.Rule{Signal: alert.SignalErrorRate, Scope: alert.ByModel, Threshold: 0.5, Window: time.Minute})
		for i := range 1000 {
			w.call("m"+strconv.Itoa(i), "", "")
		}
		w.call("m127", "", "timeout")
		w.call("m127", "", "timeout")
		assert.Equal(t, []string{"r firing for m127: 0.6667 (threshold 0.5)"}, w.take(), "the first 128 have series of their own")
		for range 900 {
			w.call("m999", "", "timeout")
		}
		assert.Equal(t, []string{"r firing for (other): 0.5003 (threshold 0.5)"}, w.take(), "the others share a series")
		time.Sleep(2 * time.Minute)
		assert.Len(t, w.take(), 2, "both resolve")
		w.call("m999", "", "timeout")
		assert.Equal(t, []string{"r firing for m999: 1 (threshold 0.5)"}, w.take(), "names of which the window holds nothing make room")
	})
}

func TestCooldown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := one(t, alert.Rule{Signal: alert.SignalErrorRate, Threshold: 0.5, Window: time.Hour}, alert.WithCooldown(10*time.Minute))
		w.call("a", "", "timeout")
		assert.Equal(t, []string{"r firing: 1 (threshold 0.5)"}, w.take())
		w.call("a", "", "")
		assert.Equal(t, []string{"r resolved: 0.5 (threshold 0.5)"}, w.take(), "the end is sent at once")
		for range 20 {
			w.call("a", "", "timeout")
			w.call("a", "", "")
			time.Sleep(time.Second)
		}
		assert.Empty(t, w.take(), "flapping is not")
		w.call("a", "", "timeout")
		began := time.Now()
		time.Sleep(9 * time.Minute)
		assert.Empty(t, w.take())
		time.Sleep(2 * time.Minute)
		if all := w.all(); assert.Len(t, all, 1, "what still holds after the cooldown is sent, without another call") {
			assert.Equal(t, began, all[0].Since, "with the time it began")
		}
		assert.Len(t, w.take(), 1)
		time.Sleep(time.Hour)
		assert.Equal(t, []string{"r resolved: 0 (threshold 0.5)"}, w.take())
		time.Sleep(24 * time.Hour)
		assert.Empty(t, w.take())
	})
}

func TestLastCallsResolveWhenNothingIsCalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, alert.WithMeanLatency(time.Second), alert.WithWindow(time.Minute))
		for range 10 {
			w.calls(1, "", 2*time.Second, metrics.Usage{})
			time.Sleep(3 * time.Minute)
		}
		assert.Equal(t, []string{"mean_latency firing: 2 (threshold 1)", "mean_latency resolved: 0 (threshold 1)"}, w.take(),
			"the ten may be long ago, but not all")
	})
}

// TestAClockBehindTheStart has a Monitor from outside the bubble, whose clock is
// that of the year 2000.
func TestAClockBehindTheStart(t *testing.T) {
	m := alert.NewMonitor(alert.WithSink(discard))
	r, err := metrics.NewRecorder(nil, metrics.WithObserver(m))
	assert.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		w := &watched{Recorder: r}
		assert.NotPanics(t, func() { w.calls(30, "timeout", time.Minute, metrics.Usage{}) })
	})
}
