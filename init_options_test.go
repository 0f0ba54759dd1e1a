// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/privacy"
)

func TestBatchingFromTheEnvironment(t *testing.T) {
	t.Setenv("TRACELOOP_BATCH_EXPORT", "false")
	exporter := tracetest.NewInMemoryExporter()
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithSpanExporter(exporter), spanloom.WithOwnMetrics())
	require.NoError(t, err)
	emit(t)
	assert.Len(t, exporter.GetSpans(), 1, "seen at once")
	require.NoError(t, shutdown(t.Context()))
}

func TestSamplerAndContentOptions(t *testing.T) {
	t.Setenv("OTEL_TRACES_SAMPLER", "always_off")
	t.Setenv("TRACELOOP_TRACE_CONTENT", "true")
	exporter := tracetest.NewInMemoryExporter()
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithSpanExporter(exporter), spanloom.WithOwnMetrics(), spanloom.WithoutBatching(),
		spanloom.WithSampler(sdktrace.AlwaysSample()), spanloom.WithContent(func(_, text string) string { return strings.ToUpper(text) }))
	require.NoError(t, err)
	h, err := callbacks.NewHandler()
	require.NoError(t, err)
	_, s := h.Start(t.Context(), callbacks.KindTool, "t")
	s.SetInput("quiet")
	s.End(nil)
	require.Len(t, exporter.GetSpans(), 1, "the option wins over the variable")
	assert.Contains(t, exporter.GetSpans()[0].Attributes, attribute.String("gen_ai.tool.call.arguments", "QUIET"))
	require.NoError(t, shutdown(t.Context()))

	h, err = callbacks.NewHandler(callbacks.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter), sdktrace.WithSampler(sdktrace.AlwaysSample()))))
	require.NoError(t, err)
	exporter.Reset()
	_, s = h.Start(t.Context(), callbacks.KindTool, "t")
	s.SetInput("quiet")
	s.End(nil)
	assert.Contains(t, exporter.GetSpans()[0].Attributes, attribute.String("gen_ai.tool.call.arguments", "quiet"), "after shutdown the environment's policy holds again")
}

// exports counts what a metric exporter is given.
type exports struct{ n atomic.Int32 }

func (e *exports) Temporality(sdkmetric.InstrumentKind) metricdata.Temporality {
	return metricdata.CumulativeTemporality
}

func (e *exports) Aggregation(k sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(k)
}

func (e *exports) Export(context.Context, *metricdata.ResourceMetrics) error {
	e.n.Add(1)
	return nil
}
func (e *exports) ForceFlush(context.Context) error { return nil }
func (e *exports) Shutdown(context.Context) error   { return nil }

func TestMetricExporterAndInterval(t *testing.T) {
	var e exports
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithOwnTraces(), spanloom.WithMetricExporter(&e), spanloom.WithMetricInterval(time.Millisecond))
	require.NoError(t, err)
	emit(t)
	assert.Eventually(t, func() bool { return e.n.Load() > 2 }, 5*time.Second, time.Millisecond)
	require.NoError(t, shutdown(t.Context()))
}

// What OpenTelemetry's queue drops it does not tell. Memory is bounded by the
// queue, the calls go on, the drop is said once and counted at the end.
func TestDropsAreCountedAndSaidOnce(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(server.Close)
	var log bytes.Buffer
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithEndpoint(server.URL), spanloom.WithOwnMetrics(),
		spanloom.WithBatching(spanloom.Batching{QueueSize: 20, BatchSize: 10, Delay: time.Millisecond}),
		spanloom.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	require.NoError(t, err)
	h, err := callbacks.NewHandler(callbacks.WithContent(privacy.Verbatim), callbacks.WithContentLimit(0))
	require.NoError(t, err)
	before := liveHeap()
	const calls = 5000
	for i := range calls {
		_, span := h.Start(t.Context(), callbacks.KindTool, "t")
		span.SetInput(strings.Repeat(strconv.Itoa(i%10), 10_000)) // 50 MB, if they were kept
		span.End(nil)
	}
	assert.Less(t, liveHeap()-before, int64(5<<20), "memory is bounded by the queue")
	close(release)
	err = shutdown(t.Context())
	require.ErrorContains(t, err, "spans were dropped")
	found := regexp.MustCompile(`(\d+) spans were dropped`).FindStringSubmatch(err.Error())
	require.Len(t, found, 2, err.Error())
	dropped, _ := strconv.Atoi(found[1])
	assert.GreaterOrEqual(t, dropped, calls-20-10-10, "all but a queue and what was on its way")
	assert.Less(t, dropped, calls)
	assert.Equal(t, 1, strings.Count(log.String(), "queue of spans is full"), log.String())
	for _, said := range []string{log.String(), err.Error()} {
		assert.Contains(t, said, "OTEL_BSP_MAX_QUEUE_SIZE or spanloom.WithBatching", "what to set")
	}
	assert.Contains(t, log.String(), "queue_size=20")
}

func liveHeap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A backend that refuses, for whatever reason.
func TestInitWithARefusingBackend(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusRequestEntityTooLarge, http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusTeapot} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "3600")
				w.WriteHeader(status)
				_, _ = w.Write([]byte("<html>what?"))
			}))
			t.Cleanup(server.Close)
			var log bytes.Buffer
			shutdown, err := spanloom.Init(t.Context(), spanloom.WithEndpoint(server.URL), spanloom.WithOwnMetrics(), spanloom.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
			require.NoError(t, err)
			start := time.Now()
			for range 10 {
				emit(t)
			}
			assert.Less(t, time.Since(start), time.Second)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			require.Error(t, shutdown(ctx))
			assert.Less(t, time.Since(start), 3*time.Second, "nobody waits an hour")
		})
	}
}
