// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"

	"github.com/spanloom/spanloom"
)

// eachProtocol runs test with a backend of HTTP and one of gRPC that take limit
// bytes at most, 0 for their defaults.
func eachProtocol(t *testing.T, limit int, test func(t *testing.T, endpoint string, r *received)) {
	t.Helper()
	t.Run("http", func(t *testing.T) {
		r := newReceiver(t)
		r.limit = limit
		test(t, r.URL, &r.received)
	})
	t.Run("grpc", func(t *testing.T) {
		var opts []grpc.ServerOption
		if limit > 0 {
			opts = append(opts, grpc.MaxRecvMsgSize(limit))
		}
		r := newGRPCReceiver(t, opts...)
		test(t, "grpc://"+r.address, &r.received)
	})
}

func TestOneBadByteLosesNothing(t *testing.T) {
	const bad, want = "M\xfcller", "M�ller"
	eachProtocol(t, 0, func(t *testing.T, endpoint string, r *received) {
		shutdown, err := spanloom.Init(t.Context(), spanloom.WithEndpoint(endpoint), spanloom.WithServiceName(bad))
		require.NoError(t, err)
		kvs := []attribute.KeyValue{attribute.String(bad, bad), attribute.StringSlice("list", []string{bad})}
		tracer := otel.GetTracerProvider().Tracer(bad, trace.WithInstrumentationVersion(bad), trace.WithInstrumentationAttributes(kvs...))
		for i := range 100 {
			_, span := tracer.Start(t.Context(), strconv.Itoa(i))
			span.End()
		}
		_, span := tracer.Start(t.Context(), bad, trace.WithAttributes(kvs...), trace.WithLinks(trace.LinkFromContext(t.Context(), kvs...)))
		span.AddEvent(bad, trace.WithAttributes(kvs...))
		span.SetStatus(codes.Error, bad)
		span.End()
		counter, err := otel.GetMeterProvider().Meter(bad).Int64Counter("count", metric.WithDescription(bad), metric.WithUnit(bad))
		require.NoError(t, err)
		counter.Add(t.Context(), 1, metric.WithAttributes(kvs...))
		require.NoError(t, shutdown(t.Context()))

		assert.Len(t, r.byName, 101)
		s := r.byName[want]
		require.NotNil(t, s)
		asWanted := map[string]string{want: want, "list": want}
		assert.Equal(t, asWanted, attributes(s.GetAttributes()))
		assert.Equal(t, asWanted, attributes(s.GetEvents()[0].GetAttributes()))
		assert.Equal(t, asWanted, attributes(s.GetLinks()[0].GetAttributes()))
		assert.Equal(t, want, s.GetEvents()[0].GetName())
		assert.Equal(t, want, s.GetStatus().GetMessage())
		for _, scope := range r.scopes {
			assert.Equal(t, want, scope.GetName())
			assert.Equal(t, want, scope.GetVersion())
			assert.Equal(t, asWanted, attributes(scope.GetAttributes()))
		}
		m := r.last["count"]
		require.NotNil(t, m)
		assert.Equal(t, want, m.GetDescription())
		assert.Equal(t, want, m.GetUnit())
		assert.Equal(t, asWanted, attributes(m.GetSum().GetDataPoints()[0].GetAttributes()))
	})
}

// One label that is not valid makes Prometheus' exporter fail each scrape.
func TestOneBadLabelLosesNoScrape(t *testing.T) {
	registry := prometheus.NewRegistry()
	reader, err := exporter.New(exporter.WithRegisterer(registry))
	require.NoError(t, err)
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithoutExport(), spanloom.WithMetricReader(reader), spanloom.WithServiceName("M\xfcller"))
	require.NoError(t, err)
	histogram, err := otel.Meter("m").Float64Histogram("h", metric.WithDescription("M\xfcller"), metric.WithExplicitBucketBoundaries(1, 2, 3))
	require.NoError(t, err)
	histogram.Record(t.Context(), 1, metric.WithAttributes(attribute.String("good", "ü"), attribute.String("bad", "M\xfcller")))
	emit(t)
	families, err := registry.Gather()
	require.NoError(t, err)
	found := map[string]bool{}
	for _, family := range families {
		found[family.GetName()] = true
		if family.GetName() == "h" {
			point := family.GetMetric()[0]
			assert.Equal(t, "M�ller", family.GetHelp())
			assert.Len(t, point.GetHistogram().GetBucket(), 3, "the instrument's own buckets stay")
			var labels []string
			for _, label := range point.GetLabel() {
				labels = append(labels, label.GetName())
			}
			assert.Contains(t, labels, "good")
			assert.NotContains(t, labels, "bad")
		}
	}
	assert.True(t, found["h"] && found["target_info"] && found["gen_ai_client_operation_duration_seconds"], found)
	require.NoError(t, shutdown(t.Context()))
}

// emitLarge makes spans with so many bytes of text each.
func emitLarge(t *testing.T, spans, size int) {
	t.Helper()
	tracer := otel.Tracer("large")
	for i := range spans {
		_, span := tracer.Start(t.Context(), strconv.Itoa(i), trace.WithAttributes(attribute.String("text", strings.Repeat("x", size))))
		span.End()
	}
}

// One batch of the SDK has more than gRPC's 4 MiB.
func TestLargeBatchesAreSplit(t *testing.T) {
	eachProtocol(t, 4<<20, func(t *testing.T, endpoint string, r *received) {
		shutdown, err := spanloom.Init(t.Context(), spanloom.WithEndpoint(endpoint))
		require.NoError(t, err)
		emitLarge(t, 101, 64_000)
		require.NoError(t, shutdown(t.Context()))
		assert.Len(t, r.byName, 101)
		assert.Len(t, r.requests, 2, "of 6.5 MB: %v", r.requests)
	})
}

func TestRefusedBatchesAreHalved(t *testing.T) {
	eachProtocol(t, 300_000, func(t *testing.T, endpoint string, r *received) {
		shutdown, err := spanloom.Init(t.Context(), spanloom.WithEndpoint(endpoint))
		require.NoError(t, err)
		emitLarge(t, 101, 64_000)
		require.NoError(t, shutdown(t.Context()))
		assert.Len(t, r.byName, 101)
		for _, span := range r.byName {
			assert.Len(t, attributes(span.GetAttributes())["text"], 64_000)
		}
	})
}

func TestASpanTooLargeByItselfIsShortened(t *testing.T) {
	eachProtocol(t, 300_000, func(t *testing.T, endpoint string, r *received) {
		var log bytes.Buffer
		shutdown, err := spanloom.Init(t.Context(), spanloom.WithEndpoint(endpoint), spanloom.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		require.NoError(t, err)
		messages := fmt.Sprintf(`[{"role":"user","parts":[{"type":"text","content":%q}]}]`, strings.Repeat(`"ü" `, 100_000))
		for _, name := range []string{"a", "b"} {
			_, span := otel.Tracer("large").Start(t.Context(), name, trace.WithAttributes(
				attribute.String("gen_ai.input.messages", messages), attribute.String("note", strings.Repeat("n", 20_000)), attribute.Int("gen_ai.usage.input_tokens", 7)))
			span.End()
		}
		emitLarge(t, 10, 10)
		err = shutdown(t.Context())
		require.ErrorContains(t, err, "spanloom: traces: 2 spans were too large for the backend")
		assert.Equal(t, 1, strings.Count(log.String(), "too large"), log.String())
		assert.Len(t, r.byName, 12)
		s := r.byName["a"]
		require.NotNil(t, s)
		got := attributes(s.GetAttributes())
		assert.Greater(t, len(got["gen_ai.input.messages"]), 100_000)
		assert.True(t, json.Valid([]byte(got["gen_ai.input.messages"])), "what was JSON is")
		assert.Len(t, got["note"], 20_000, "content goes first")
		assert.Equal(t, int64(7), s.GetAttributes()[2].GetValue().GetIntValue())
	})
}

func TestMetricsTooLargeAreHalved(t *testing.T) {
	eachProtocol(t, 100_000, func(t *testing.T, endpoint string, r *received) {
		shutdown, err := spanloom.Init(t.Context(), spanloom.WithEndpoint(endpoint))
		require.NoError(t, err)
		for _, name := range []string{"a", "b"} {
			meter := otel.Meter(name)
			h, err := meter.Float64Histogram(name + ".histogram")
			require.NoError(t, err)
			c, err := meter.Int64Counter(name + ".counter")
			require.NoError(t, err)
			for i := range 1000 {
				h.Record(t.Context(), 1, metric.WithAttributes(attribute.Int("i", i)))
				c.Add(t.Context(), 1, metric.WithAttributes(attribute.Int("i", i)))
			}
		}
		require.NoError(t, shutdown(t.Context()))
		assert.Equal(t, map[string]int{"a.histogram": 1000, "a.counter": 1000, "b.histogram": 1000, "b.counter": 1000}, r.points)
	})
}
