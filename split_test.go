// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func TestIsTooLarge(t *testing.T) {
	for text, want := range map[string]bool{
		"traces export: failed to send to http://h.test/v1/traces: 413 Request Entity Too Large (body: (empty))":                                             true,
		"failed to upload metrics: failed to send metrics to http://h.test/v1/metrics: 413 Payload Too Large (body: x)":                                      true,
		"traces export: failed to send to http://h.test/v1/traces: 400 Bad Request (body: \b\x03\x12\x1ehttp: request body too large)":                       true,
		"traces export: request body too large: exceeded 67108864 bytes":                                                                                     true,
		"traces export: request message too large: exceeded 67108864 bytes":                                                                                  true,
		"traces export: rpc error: code = ResourceExhausted desc = grpc: received message larger than max (6471616 vs. 4194304)":                             true,
		"rpc error: code = ResourceExhausted desc = grpc: received message after decompression larger than max 4194304":                                      true,
		"rpc error: code = ResourceExhausted desc = gRPC message exceeds maximum size 4194304: 6471616":                                                      true,
		"context deadline exceeded: rpc error: code = OutOfRange desc = Error, decoded message length too large: found 8423749 bytes, the limit is: 4194304": true,

		"rpc error: code = ResourceExhausted desc = TRACE_TOO_LARGE: max size of trace (5000000) exceeded while adding 4130 bytes":    false,
		"rpc error: code = ResourceExhausted desc = RATE_LIMITED: ingestion rate limit (local: 15000000 bytes) exceeded":              false,
		"traces export: failed to send to http://h.test:413/v1/traces: 401 Unauthorized (body: (empty))":                              false,
		"traces export: failed to send to http://h.test/v1/traces: 429 Too Many Requests (body: too large a number of requests: 413)": false,
	} {
		assert.Equal(t, want, isTooLarge(errors.New(text)), text)
	}
	assert.False(t, isTooLarge(nil))
}

// boundedExporter refuses what is larger than limit, as a server of gRPC does.
type boundedExporter struct {
	limit   int
	spans   []sdktrace.ReadOnlySpan
	refused int
}

func (e *boundedExporter) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	if _, size := fitting(spans, 1<<40); size > e.limit {
		e.refused++
		return fmt.Errorf("rpc error: code = ResourceExhausted desc = grpc: received message larger than max (%d vs. %d)", size, e.limit)
	}
	e.spans = append(e.spans, spans...)
	return nil
}

func (e *boundedExporter) Shutdown(context.Context) error { return nil }

func newBounded(limit int) (e *boundedExporter, lossy *lossySpans, log *bytes.Buffer) {
	e, log = &boundedExporter{limit: limit}, &bytes.Buffer{}
	return e, newLossySpans(e, &losses{logger: slog.New(slog.NewTextHandler(log, nil))}, nil, false), log
}

func largeSpan(name string, attrs ...attribute.KeyValue) sdktrace.ReadOnlySpan {
	return tracetest.SpanStub{Name: name, Attributes: attrs, Resource: resource.Empty()}.Snapshot()
}

func text(n int) attribute.KeyValue { return attribute.String("text", strings.Repeat("x", n)) }

func TestABackendsLimitIsRemembered(t *testing.T) {
	e, lossy, log := newBounded(200_000)
	batch := make([]sdktrace.ReadOnlySpan, 0, 50)
	for i := range cap(batch) {
		batch = append(batch, largeSpan(strconv.Itoa(i), text(20_000)))
	}
	require.NoError(t, lossy.ExportSpans(t.Context(), batch))
	assert.Len(t, e.spans, 50)
	assert.Equal(t, 3, e.refused, "1 MB, 500 KB, 250 KB")
	require.NoError(t, lossy.ExportSpans(t.Context(), batch))
	assert.Equal(t, 3, e.refused)
	assert.Len(t, e.spans, 100)
	assert.Equal(t, "0", e.spans[50].Name(), "in order")
	assert.Empty(t, lossy.losses.errs())
	assert.Empty(t, log, "nothing was lost")
}

// A backend that refuses everything is asked so many times, and not for good.
func TestABackendThatRefusesEverything(t *testing.T) {
	e, lossy, log := newBounded(0)
	batch := []sdktrace.ReadOnlySpan{largeSpan("a", text(1_000_000)), largeSpan("b"), largeSpan("c", attribute.Int("n", 1))}
	require.NoError(t, lossy.ExportSpans(t.Context(), batch))
	assert.Less(t, e.refused, 30)
	assert.ErrorContains(t, errors.Join(lossy.losses.errs()...), "3 spans could not be delivered, the last one because: rpc error: code = ResourceExhausted")
	assert.Equal(t, 1, strings.Count(log.String(), "\n"), log)
	assert.Equal(t, minRequest, lossy.limit, "for a day on which it takes something")
}

func TestShortenedSpansAreCountedAndSaidOnce(t *testing.T) {
	e, lossy, log := newBounded(100_000)
	large := largeSpan("large", text(150_000), attribute.Int("n", 1))
	require.NoError(t, lossy.ExportSpans(t.Context(), []sdktrace.ReadOnlySpan{large, largeSpan("small", text(10)), large}))
	require.Len(t, e.spans, 3)
	assert.Len(t, large.Attributes()[0].Value.AsString(), 150_000, "the SDK's own is not changed")
	assert.Equal(t, []attribute.KeyValue{text(10)}, e.spans[1].Attributes())
	short := e.spans[0].Attributes()
	assert.Greater(t, len(short[0].Value.AsString()), 25_000)
	assert.Equal(t, attribute.Int("n", 1), short[1])
	assert.EqualError(t, errors.Join(lossy.losses.errs()...), "spanloom: traces: 2 spans were too large for the backend, and arrived with cut texts")
	assert.Equal(t, 1, strings.Count(log.String(), "a span was too large for the backend"), log)
}

func TestHalves(t *testing.T) {
	for _, data := range aggregations("label") {
		points := reflect.ValueOf(data).FieldByName("DataPoints")
		three := reflect.New(reflect.TypeOf(data)).Elem()
		three.Set(reflect.ValueOf(data))
		three.FieldByName("DataPoints").Set(reflect.Append(points, points.Index(0), points.Index(0)))
		m := &metricdata.ResourceMetrics{Resource: resource.Empty(), ScopeMetrics: []metricdata.ScopeMetrics{
			{Scope: scopeOf("a"), Metrics: []metricdata.Metrics{{Name: "1", Data: data}}},
			{Scope: scopeOf("b"), Metrics: []metricdata.Metrics{{Name: "2", Data: data}, {Name: "3", Unit: "s", Data: three.Interface().(metricdata.Aggregation)}}},
		}}
		var parts []string
		var halve func(*metricdata.ResourceMetrics)
		halve = func(m *metricdata.ResourceMetrics) {
			assert.Equal(t, resource.Empty(), m.Resource)
			if a, b, ok := halves(m); ok {
				halve(a)
				halve(b)
				return
			}
			s := m.ScopeMetrics[0]
			parts = append(parts, s.Scope.Name+s.Metrics[0].Name+s.Metrics[0].Unit)
			assert.Equal(t, data, s.Metrics[0].Data)
		}
		halve(m)
		assert.Equal(t, []string{"a1", "b2", "b3s", "b3s", "b3s"}, parts, "%T", data)
	}
	for _, m := range []*metricdata.ResourceMetrics{{}, {ScopeMetrics: []metricdata.ScopeMetrics{{}}}, {ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{{}}}}}} {
		_, _, ok := halves(m)
		assert.False(t, ok)
	}
}
