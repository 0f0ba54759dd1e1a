// SPDX-License-Identifier: Apache-2.0

package metrics_test

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

	"github.com/spanloom/spanloom/metrics"
)

var events = flag.Int("events", 1_000_000, "number of events of TestMemoryIsFlat")

// everyRule is one rule for each signal, way of judging it, and scope.
func everyRule() metrics.MonitorOption {
	var rules []metrics.Rule
	for _, scope := range []metrics.Scope{metrics.Overall, metrics.ByModel, metrics.ByWorkflow} {
		for _, r := range append(metrics.DefaultRules(),
			metrics.Rule{Name: "p95", Signal: metrics.SignalLatency, Percentile: 0.95, Threshold: 20},
			metrics.Rule{Name: "first_chunk", Signal: metrics.SignalFirstChunk, Threshold: 2},
			metrics.Rule{Name: "tokens", Signal: metrics.SignalTokenRate, Threshold: 1e6},
			metrics.Rule{Name: "empty", Signal: metrics.SignalEmptyRetrievals, Threshold: 20},
		) {
			if r.Signal == metrics.SignalEmptyRetrievals && scope == metrics.ByModel {
				continue // a retrieval has none
			}
			r.Scope, r.Name = scope, r.Name+string(scope)
			rules = append(rules, r)
		}
	}
	return metrics.WithRule(rules...)
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

func monitored(t testing.TB, opts ...metrics.MonitorOption) *watched {
	t.Helper()
	prices, err := metrics.NewPrices(metrics.Price{Model: "*", Input: 1000, Output: 1000})
	require.NoError(t, err)
	w := &watched{monitor: metrics.NewMonitor(opts...)}
	w.Recorder, err = metrics.NewRecorder(nil, metrics.WithPrices(prices), metrics.WithMonitor(w.monitor))
	require.NoError(t, err)
	return w
}

// TestMemoryIsFlat is about memory; the other tests are about what is right. With
// -events=10000000 it takes a quarter of a minute.
func TestMemoryIsFlat(t *testing.T) {
	events := *events
	if testing.Short() || raceEnabled {
		events /= 20
	}
	var alerts atomic.Int64
	r := monitored(t, metrics.WithRule(
		metrics.Rule{Name: "p95", Signal: metrics.SignalLatency, Scope: metrics.ByModel, Percentile: 0.95, Threshold: 5},
		metrics.Rule{Name: "workflows", Signal: metrics.SignalErrorRate, Scope: metrics.ByWorkflow, Threshold: 0.4},
	), metrics.WithWindow(100*time.Millisecond), metrics.WithCooldown(0),
		metrics.WithSink(func(metrics.Alert) { alerts.Add(1) }))
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
	before, start := heap(), time.Now()
	run(events)
	took := time.Since(start)
	after := heap()
	t.Logf("%d events for 5 rules: %v an event, %d alerts, heap %d KiB before and %d KiB after",
		events, took/time.Duration(events), alerts.Load(), before>>10, after>>10)
	assert.Less(t, after-before, int64(256<<10))
	assert.NotZero(t, alerts.Load())
}

func BenchmarkRecord(b *testing.B) {
	silent := metrics.WithSink(func(metrics.Alert) {})
	for _, bb := range []struct {
		name string
		opts []metrics.MonitorOption
	}{
		{"no_rules", []metrics.MonitorOption{metrics.WithoutDefaultRules(), silent}},
		{"default_rules", []metrics.MonitorOption{silent}},
		{"20_rules", []metrics.MonitorOption{metrics.WithoutDefaultRules(), everyRule(), silent}},
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
