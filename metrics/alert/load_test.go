// SPDX-License-Identifier: Apache-2.0

package alert_test

import (
	"context"
	"flag"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/internal/testenv"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/metrics/alert"
)

var events = flag.Int("events", 1_000_000, "number of events of TestMemoryIsFlat")

// everyRule is one rule for each signal, way of judging it, and scope.
func everyRule() alert.Option {
	var rules []alert.Rule
	for _, scope := range []alert.Scope{alert.Overall, alert.ByModel, alert.ByWorkflow} {
		for _, r := range append(alert.DefaultRules(),
			alert.Rule{Name: "p95", Signal: alert.SignalLatency, Percentile: 0.95, Threshold: 20},
			alert.Rule{Name: "first_chunk", Signal: alert.SignalFirstChunk, Threshold: 2},
			alert.Rule{Name: "tokens", Signal: alert.SignalTokenRate, Threshold: 1e6},
			alert.Rule{Name: "empty", Signal: alert.SignalEmptyRetrievals, Threshold: 20},
		) {
			if r.Signal == alert.SignalEmptyRetrievals && scope == alert.ByModel {
				continue // a retrieval has none
			}
			r.Scope, r.Name = scope, r.Name+string(scope)
			rules = append(rules, r)
		}
	}
	return alert.WithRule(rules...)
}

var names = func() (n [300]string) {
	for i := range n {
		n[i] = "name-" + strconv.Itoa(i)
	}
	return n
}()

// nthCall is one of a program with many models, and with outages.
func nthCall(i int) metrics.Measurement {
	m := metrics.Measurement{
		Operation: metrics.Operation{Name: "chat", Provider: "openai", Model: names[i%300]}, Workflow: names[i%7],
		Duration: time.Duration(i%9000) * time.Millisecond, TimeToFirstChunk: time.Duration(i%3000) * time.Millisecond,
		Usage: metrics.Usage{Input: i % 4000, Output: 100},
	}
	if i%9 == 0 || i/1000%2 == 0 && i%3 == 0 {
		m.ErrorType = "timeout"
	}
	return m
}

func monitored(t testing.TB, opts ...alert.Option) *watched {
	t.Helper()
	prices, err := metrics.NewPrices(metrics.Price{Model: "*", Input: 1000, Output: 1000})
	require.NoError(t, err)
	w := &watched{monitor: alert.NewMonitor(opts...)}
	w.Recorder, err = metrics.NewRecorder(nil, metrics.WithPrices(prices), metrics.WithObserver(w.monitor))
	require.NoError(t, err)
	return w
}

// TestMemoryIsFlat takes a quarter of a minute with -events=10000000.
func TestMemoryIsFlat(t *testing.T) {
	events := *events
	if testing.Short() || testenv.Race {
		events /= 20
	}
	var alerts atomic.Int64
	r := monitored(t, alert.WithRule(
		alert.Rule{Name: "p95", Signal: alert.SignalLatency, Scope: alert.ByModel, Percentile: 0.95, Threshold: 5},
		alert.Rule{Name: "workflows", Signal: alert.SignalErrorRate, Scope: alert.ByWorkflow, Threshold: 0.4},
	), alert.WithWindow(100*time.Millisecond), alert.WithCooldown(0),
		alert.WithSink(func(context.Context, alert.Alert) error { alerts.Add(1); return nil }))
	run := func(n int) {
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for i := w; i < n; i += 4 {
					r.Record(context.Background(), nthCall(i))
				}
			})
		}
		wg.Wait()
		require.NoError(t, r.monitor.Flush(t.Context()))
	}
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return int64(s.HeapAlloc)
	}
	run(events / 10)
	before := heap()
	run(events)
	after := heap()
	t.Logf("%d events for 5 rules: %d alerts, heap %d KiB before and %d KiB after", events, alerts.Load(), before>>10, after>>10)
	assert.Less(t, after-before, int64(256<<10))
	assert.NotZero(t, alerts.Load())
}

func BenchmarkRecord(b *testing.B) {
	silent := alert.WithSink(discard)
	for _, bb := range []struct {
		name string
		opts []alert.Option
	}{
		{"no_rules", []alert.Option{alert.WithoutDefaultRules(), silent}},
		{"default_rules", []alert.Option{silent}},
		{"20_rules", []alert.Option{alert.WithoutDefaultRules(), everyRule(), silent}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			r, m := monitored(b, bb.opts...), nthCall(1)
			b.ReportAllocs()
			for b.Loop() {
				r.Record(context.Background(), m)
			}
		})
		b.Run(bb.name+"/parallel", func(b *testing.B) {
			r, m := monitored(b, bb.opts...), nthCall(1)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r.Record(context.Background(), m)
				}
			})
		})
	}
}
