// SPDX-License-Identifier: Apache-2.0

package traceview_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/traceview"
)

// one records a trace of one span.
func one(tp *sdktrace.TracerProvider, name string, took time.Duration, failed bool, attrs ...attribute.KeyValue) trace.TraceID {
	start := time.Unix(1000, 0)
	_, s := tp.Tracer("t").Start(context.Background(), name, trace.WithTimestamp(start), trace.WithAttributes(attrs...))
	if failed {
		s.SetStatus(codes.Error, "boom")
	}
	s.End(trace.WithTimestamp(start.Add(took)))
	return s.SpanContext().TraceID()
}

func recording(opts ...traceview.RecorderOption) (*traceview.Recorder, *sdktrace.TracerProvider) {
	r := traceview.NewRecorder(opts...)
	return r, sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(r))
}

func TestRecorderKeepsTheNewest(t *testing.T) {
	r, tp := recording(traceview.WithMaxTraces(3), nil)
	for i := range 10 {
		one(tp, strconv.Itoa(i), time.Second, false)
	}
	var names []string
	for _, s := range r.Spans() {
		names = append(names, s.Name())
	}
	assert.Equal(t, []string{"7", "8", "9"}, names)
	r.Reset()
	assert.Empty(t, r.Spans())
}

func TestRecorderKeepsErrorsAndTheSlowestLongest(t *testing.T) {
	r, tp := recording(traceview.WithMaxTraces(50))
	failed := one(tp, "failed", time.Millisecond, true)
	slow := one(tp, "slow", time.Hour, false)
	ordinary := one(tp, "ordinary", time.Millisecond, false)
	for i := range 1000 {
		one(tp, "later", time.Millisecond*time.Duration(i%7), false)
	}
	assert.NotNil(t, r.Trace(failed))
	assert.NotNil(t, r.Trace(slow))
	assert.Nil(t, r.Trace(ordinary))
	assert.Len(t, r.Spans(), 50)
	for range 100 {
		one(tp, "failed, too", time.Millisecond, true)
	}
	assert.Nil(t, r.Trace(failed), "errors do not fill the memory either")
	assert.Len(t, r.Spans(), 50)
}

func TestRecorderKeepsWhatDoesNotFail(t *testing.T) {
	r, tp := recording(traceview.WithMaxTraces(40))
	for i := range 1000 {
		one(tp, strconv.Itoa(i%2), time.Second, i%2 == 1)
	}
	ordinary := 0
	for _, s := range r.Spans() {
		if s.Name() == "0" {
			ordinary++
		}
	}
	assert.InDelta(t, 20, ordinary, 1)
}

func TestRecorderTakesTheNewestOfEquals(t *testing.T) {
	r, tp := recording(traceview.WithMaxTraces(30))
	for i := range 100 {
		one(tp, strconv.Itoa(i), time.Second, false)
	}
	assert.Equal(t, "70", r.Spans()[0].Name())
	assert.Len(t, r.Spans(), 30)
}

func TestRecorderIsBoundedByBytes(t *testing.T) {
	r, tp := recording(traceview.WithMaxBytes(100_000))
	text := attribute.String("text", strings.Repeat("x", 10_000))
	for range 100 {
		one(tp, "trace", time.Second, false, text)
	}
	assert.Len(t, r.Spans(), 9)

	ctx, root := tp.Tracer("t").Start(t.Context(), "large")
	for range 100 {
		_, s := tp.Tracer("t").Start(ctx, "part", trace.WithAttributes(text))
		s.End()
	}
	root.End()
	assert.Len(t, r.Trace(root.SpanContext().TraceID()), 9+1, "a trace that alone is too large keeps what fits")
	huge := one(tp, "huge", time.Second, false, attribute.String("text", strings.Repeat("x", 100_001)))
	assert.Nil(t, r.Trace(huge))
	assert.Len(t, r.Trace(root.SpanContext().TraceID()), 9+1, "nothing is forgotten for what does not fit")
}

func TestRecorderIsConcurrentSafe(t *testing.T) {
	r, tp := recording(traceview.WithMaxTraces(20))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				id := one(tp, "trace", time.Second, false)
				_ = r.Trace(id)
				_ = r.Spans()
			}
		})
	}
	wg.Wait()
	assert.Len(t, r.Spans(), 20)
	require.NoError(t, tp.Shutdown(t.Context()))
	assert.Len(t, r.Spans(), 20, "after a shutdown one can still look")
}
