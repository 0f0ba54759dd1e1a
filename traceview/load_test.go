// SPDX-License-Identifier: Apache-2.0

package traceview_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/traceview"
)

// request records a trace of n spans as a program makes them.
func request(tp *sdktrace.TracerProvider, n int, text string) {
	tracer := tp.Tracer("t")
	ctx, root := tracer.Start(context.Background(), "invoke_workflow support")
	root.SetAttributes(attribute.String("traceloop.span.kind", "workflow"), attribute.String("traceloop.workflow.name", "support"), attribute.String("session.id", "s"))
	for range n - 1 {
		_, s := tracer.Start(ctx, "chat m")
		s.SetAttributes(
			attribute.String("gen_ai.operation.name", "chat"), attribute.String("gen_ai.request.model", "m"), attribute.String("gen_ai.provider.name", "openai"),
			attribute.Int("gen_ai.usage.input_tokens", 100), attribute.Int("gen_ai.usage.output_tokens", 10), attribute.Float64("gen_ai.usage.cost", 0.001),
			attribute.String("gen_ai.input.messages", strings.Clone(text)), attribute.String("traceloop.workflow.name", "support"), attribute.String("session.id", "s"))
		s.End()
	}
	root.End()
}

// BenchmarkRecorderAgainstBatch reports what a trace costs with a Recorder, that with the
// SDK's own processor being 1, which drops nothing either: the median of turns.
func BenchmarkRecorderAgainstBatch(b *testing.B) {
	text := strings.Repeat("x", 1000)
	provider := func(p sdktrace.SpanProcessor) func() time.Duration {
		tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p))
		return func() time.Duration {
			start := time.Now()
			for range 20 {
				request(tp, 10, text)
			}
			return time.Since(start)
		}
	}
	recorder, batch := provider(traceview.NewRecorder()), provider(sdktrace.NewBatchSpanProcessor(discard{}, sdktrace.WithBlocking()))
	var ratios []float64
	for b.Loop() {
		ratios = append(ratios, float64(recorder())/float64(batch()))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "x-batch")
}

type discard struct{}

func (discard) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return nil }
func (discard) Shutdown(context.Context) error                             { return nil }

// What a span costs is counted in allocations: the list of a trace's spans grows.
func TestRecorderCostsNoMoreThanABatch(t *testing.T) {
	allocations := func(p sdktrace.SpanProcessor) float64 {
		tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p))
		return testing.AllocsPerRun(500, func() { request(tp, 10, "x") })
	}
	batch := sdktrace.NewBatchSpanProcessor(discard{})
	defer func() { assert.NoError(t, batch.Shutdown(t.Context())) }()
	assert.LessOrEqual(t, allocations(traceview.NewRecorder()), allocations(batch)+10)
}

// 2,000 spans a second for a minute, of which some fail and some are slow.
func TestRecorderStaysWithinItsBound(t *testing.T) {
	const bound = 1 << 20
	r, tp := recording(traceview.WithMaxBytes(bound))
	text := strings.Repeat("x", 1000)
	for second := range 60 {
		for i := range 200 {
			request(tp, 9, text)
			one(tp, "later", time.Duration(i)*time.Millisecond, i%50 == 0)
		}
		spans, bytes := r.Spans(), 0
		for _, s := range spans {
			for _, a := range s.Attributes() {
				bytes += len(a.Key) + len(a.Value.AsString())
			}
		}
		assert.Less(t, bytes, bound)
		if second > 0 {
			assert.InDelta(t, 530, len(spans), 80, "after %d seconds", second)
		}
	}
}

// counted counts how often the attributes of a span are read.
type counted struct {
	sdktrace.ReadOnlySpan
	reads *int
}

func (s counted) Attributes() []attribute.KeyValue {
	*s.reads++
	return s.ReadOnlySpan.Attributes()
}

func TestTracesAreSummedOnce(t *testing.T) {
	r, reads := traceview.NewRecorder(), 0
	end := func(id byte) {
		r.OnEnd(counted{tracetest.SpanStub{Name: "chat", SpanContext: trace.NewSpanContext(trace.SpanContextConfig{
			TraceID: trace.TraceID{id}, SpanID: trace.SpanID{1},
		})}.Snapshot(), &reads})
	}
	readsFor := func(target string) int {
		reads = 0
		get(t, traceview.Handler(r), target)
		return reads
	}
	for id := range byte(100) {
		end(id + 1)
	}
	all := readsFor("?usage")
	assert.GreaterOrEqual(t, all, 100)
	assert.Zero(t, readsFor("?usage"))
	assert.Zero(t, readsFor("?list"), "the list and the sums share their work")
	for _, target := range []string{"?usage", "?list"} {
		end(7)
		changed := readsFor(target)
		assert.Positive(t, changed, target)
		assert.LessOrEqual(t, changed, all/100*3, "%s reads the trace that has changed, of three spans at last", target)
	}
}

var load = flag.Duration("load", 0, "how long TestLoad records 2,000 spans a second")

// TestLoad prints what a program and its page take under load; "make load" runs it.
func TestLoad(t *testing.T) {
	if *load == 0 {
		t.Skip("-load is not set")
	}
	r, tp := recording()
	server := httptest.NewServer(traceview.Handler(r))
	defer server.Close()
	var took []time.Duration
	var heaps []uint64
	text := strings.Repeat("x", 1000)
	for start, ticks := time.Now(), time.NewTicker(50*time.Millisecond); time.Since(start) < *load; <-ticks.C {
		for range 10 {
			request(tp, 10, text)
		}
		if len(took) < int(time.Since(start)/(500*time.Millisecond)) {
			asked := time.Now()
			for _, target := range []string{"", "?list", "?usage"} {
				answer, err := http.Get(server.URL + "/" + target)
				require.NoError(t, err)
				_, err = io.Copy(io.Discard, answer.Body)
				require.NoError(t, errors.Join(err, answer.Body.Close()))
			}
			took = append(took, time.Since(asked))
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			heaps = append(heaps, m.HeapAlloc>>20)
		}
	}
	slices.Sort(took)
	p95 := took[len(took)*95/100]
	t.Logf("the page, its list and its sums: p95 %v of %d; heap in MiB after each tenth: %v", p95, len(took), heaps[len(heaps)/10:])
	assert.Less(t, p95, 200*time.Millisecond)
	assert.Less(t, slices.Max(heaps), uint64(100))
}

func BenchmarkPage(b *testing.B) {
	for _, n := range []int{10, 100, 400} {
		r, tp := recording()
		for range 200 {
			request(tp, n, "x")
		}
		h := traceview.Handler(r)
		for _, target := range []string{"?list", "?usage"} {
			b.Run(fmt.Sprintf("%s of %d", target, n*200), func(b *testing.B) {
				for b.Loop() {
					h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/"+target, nil))
				}
			})
		}
	}
}
