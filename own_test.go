// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom"
)

func TestOwnProvidersStay(t *testing.T) {
	tp, mp := otel.GetTracerProvider(), otel.GetMeterProvider()
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithOwnTraces(), spanloom.WithOwnMetrics())
	require.NoError(t, err)
	assert.Equal(t, tp, otel.GetTracerProvider())
	assert.Equal(t, mp, otel.GetMeterProvider())
	require.NoError(t, shutdown(t.Context()))

	var gotTraces trace.TracerProvider
	var gotMetrics metric.MeterProvider
	exporter := tracetest.NewInMemoryExporter()
	shutdown, err = spanloom.Init(t.Context(), spanloom.WithSpanExporter(exporter), spanloom.WithOwnMetrics(),
		spanloom.WithoutGlobals(func(tp trace.TracerProvider, mp metric.MeterProvider) { gotTraces, gotMetrics = tp, mp }))
	require.NoError(t, err)
	assert.Equal(t, tp, otel.GetTracerProvider())
	assert.NotNil(t, gotTraces)
	assert.Nil(t, gotMetrics)
	require.NoError(t, shutdown(t.Context()))
}

// What is not used is not made: the console's processors and readers have
// goroutines that only a provider of ours would end.
func TestConsoleBesideOwnProvidersLeavesNoGoroutine(t *testing.T) {
	for name, own := range map[string][]spanloom.Option{
		"both":    {spanloom.WithOwnTraces(), spanloom.WithOwnMetrics()},
		"traces":  {spanloom.WithOwnTraces()},
		"metrics": {spanloom.WithOwnMetrics()},
	} {
		t.Run(name, func(t *testing.T) {
			before := sdkGoroutines()
			shutdown, err := spanloom.Init(t.Context(), append(own, spanloom.WithoutExport(), spanloom.WithConsole(io.Discard))...)
			require.NoError(t, err)
			require.NoError(t, shutdown(t.Context()))
			assert.Eventually(t, func() bool { return sdkGoroutines() <= before }, 5*time.Second, time.Millisecond)
		})
	}
}

// sdkGoroutines counts what processors and readers are running.
func sdkGoroutines() int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return strings.Count(string(stacks), "created by go.opentelemetry.io/otel/sdk/")
}

// An exporter or processor that nobody would ever call is a mistake.
func TestOptionsForAProviderThatIsNotMade(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	for _, tc := range []struct {
		option string
		own    spanloom.Option
		with   spanloom.Option
	}{
		{"WithSpanProcessor", spanloom.WithOwnTraces(), spanloom.WithSpanProcessor(recorder)},
		{"WithSpanExporter", spanloom.WithOwnTraces(), spanloom.WithSpanExporter(tracetest.NewInMemoryExporter())},
		{"WithSampler", spanloom.WithOwnTraces(), spanloom.WithSampler(sdktrace.AlwaysSample())},
		{"WithBatching", spanloom.WithOwnTraces(), spanloom.WithBatching(spanloom.Batching{QueueSize: 1})},
		{"WithoutBatching", spanloom.WithOwnTraces(), spanloom.WithoutBatching()},
		{"WithMetricExporter", spanloom.WithOwnMetrics(), spanloom.WithMetricExporter(&exports{})},
		{"WithMetricReader", spanloom.WithOwnMetrics(), spanloom.WithMetricReader(sdkmetric.NewManualReader())},
		{"WithMetricInterval", spanloom.WithOwnMetrics(), spanloom.WithMetricInterval(time.Second)},
		{"WithTemporality", spanloom.WithOwnMetrics(), spanloom.WithTemporality(sdkmetric.DeltaTemporalitySelector)},
	} {
		for _, opts := range [][]spanloom.Option{{tc.own, tc.with}, {tc.with, tc.own}} {
			shutdown, err := spanloom.Init(t.Context(), opts...)
			require.ErrorContains(t, err, tc.option)
			require.ErrorContains(t, err, "WithOwn")
			require.NoError(t, shutdown(t.Context()))
		}
	}
	t.Setenv("TRACELOOP_BATCH_EXPORT", "false") // the environment asks nobody for anything
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithOwnTraces(), spanloom.WithoutExport())
	require.NoError(t, err)
	require.NoError(t, shutdown(t.Context()))
}

// ownPropagator is one that a program may have set.
type ownPropagator struct{ propagation.TraceContext }

func TestPropagatorOfAProgramWithOwnTraces(t *testing.T) {
	old := otel.GetTextMapPropagator()
	t.Cleanup(func() { otel.SetTextMapPropagator(old) })
	isOwn := func(opts ...spanloom.Option) bool {
		otel.SetTextMapPropagator(ownPropagator{})
		shutdown, err := spanloom.Init(t.Context(), append(opts, spanloom.WithoutExport())...)
		require.NoError(t, err)
		require.NoError(t, shutdown(t.Context()))
		_, own := otel.GetTextMapPropagator().(ownPropagator)
		return own
	}
	assert.True(t, isOwn(spanloom.WithOwnTraces()), "who sets traces up has set this up")
	assert.False(t, isOwn(spanloom.WithOwnMetrics()))
	assert.False(t, isOwn())
	t.Setenv("OTEL_PROPAGATORS", "b3")
	assert.False(t, isOwn(spanloom.WithOwnTraces()), "the variable asks for it")
}

// Options for metrics hold for the console as well, whoever asked for it.
func TestIntervalAndTemporalityOfTheConsole(t *testing.T) {
	for _, by := range []string{"option", "variable"} {
		t.Run(by, func(t *testing.T) {
			r, w, err := os.Pipe()
			require.NoError(t, err)
			t.Cleanup(func() { _ = r.Close() })
			opts := []spanloom.Option{spanloom.WithOwnTraces(), spanloom.WithMetricInterval(time.Millisecond), spanloom.WithTemporality(sdkmetric.DeltaTemporalitySelector)}
			if by == "option" {
				opts = append(opts, spanloom.WithoutExport(), spanloom.WithConsole(w))
			} else {
				t.Setenv("OTEL_METRICS_EXPORTER", "console")
				stdout := os.Stdout
				os.Stdout = w
				t.Cleanup(func() { os.Stdout = stdout })
			}
			shutdown, err := spanloom.Init(t.Context(), opts...)
			require.NoError(t, err)
			emit(t)
			lines := bufio.NewScanner(r)
			lines.Buffer(nil, 1<<20)
			require.NoError(t, r.SetReadDeadline(time.Now().Add(10*time.Second)))
			written := false
			for !written && lines.Scan() {
				written = strings.Contains(lines.Text(), "gen_ai.client.token.usage")
			}
			require.True(t, written, "after a millisecond, not a minute: %v", lines.Err())
			assert.Contains(t, lines.Text(), "DeltaTemporality")
			go func() { _, _ = io.Copy(io.Discard, r) }()
			require.NoError(t, shutdown(t.Context()))
			require.NoError(t, w.Close())
		})
	}
}

// slowMetrics are on their way when the shutdown comes.
type slowMetrics struct {
	exports
	begun chan struct{}
	once  sync.Once
	last  atomic.Int32
}

func (e *slowMetrics) Export(ctx context.Context, m *metricdata.ResourceMetrics) error {
	first := false
	e.once.Do(func() { first = true })
	if first {
		close(e.begun)
		<-ctx.Done()
		return ctx.Err()
	}
	e.last.Add(1)
	return e.exports.Export(ctx, m)
}

func TestShutdownSendsWhatItCutsShort(t *testing.T) {
	e := &slowMetrics{begun: make(chan struct{})}
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithOwnTraces(), spanloom.WithMetricExporter(e), spanloom.WithMetricInterval(time.Millisecond))
	require.NoError(t, err)
	emit(t)
	<-e.begun
	require.NoError(t, shutdown(t.Context()))
	assert.GreaterOrEqual(t, e.last.Load(), int32(2), "what was cut short, and the last points")
}

func TestWithoutGlobalsWhereAllIsSwitchedOff(t *testing.T) {
	t.Setenv("OTEL_SDK_DISABLED", "true")
	called := 0
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithoutGlobals(func(tp trace.TracerProvider, mp metric.MeterProvider) {
		called++
		assert.Nil(t, tp)
		assert.Nil(t, mp)
	}))
	require.NoError(t, err)
	require.NoError(t, shutdown(t.Context()))
	assert.Equal(t, 1, called)
}
