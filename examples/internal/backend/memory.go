// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Memory keeps the spans and metrics that a program exports. It is safe for
// concurrent use.
type Memory struct {
	mu    sync.Mutex
	spans []sdktrace.ReadOnlySpan
	// points are those of the last export: they are cumulative.
	points map[string][]point
}

type point struct {
	labels attribute.Set
	sum    float64
	count  int
}

// memory is the name of the exporters for OTEL_TRACES_EXPORTER and
// OTEL_METRICS_EXPORTER. Names are registered once for the whole process.
const memory = "memory"

var current atomic.Pointer[Memory]

func init() {
	autoexport.RegisterSpanExporter(memory, func(context.Context) (sdktrace.SpanExporter, error) {
		return spanExporter{current.Load()}, nil
	})
	autoexport.RegisterMetricReader(memory, func(context.Context) (sdkmetric.Reader, error) {
		return sdkmetric.NewPeriodicReader(metricExporter{current.Load()}), nil
	})
}

// Export has a program that the test starts export to memory.
func Export(t *testing.T) *Memory {
	m := &Memory{}
	current.Store(m)
	t.Setenv("OTEL_TRACES_EXPORTER", memory)
	t.Setenv("OTEL_METRICS_EXPORTER", memory)
	return m
}

// Spans returns those that were exported.
func (m *Memory) Spans() []sdktrace.ReadOnlySpan {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.spans)
}

// Metric returns the sum and the number of the values of a metric's points that
// carry the labels, given as pairs; a value of "*" is any.
func (m *Memory) Metric(name string, labels ...string) (sum float64, count int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.points[name] {
		if p.carries(labels) {
			sum += p.sum
			count += p.count
		}
	}
	return sum, count
}

func (p point) carries(labels []string) bool {
	for i := 0; i+1 < len(labels); i += 2 {
		got, ok := p.labels.Value(attribute.Key(labels[i]))
		if !ok || labels[i+1] != "*" && got.String() != labels[i+1] {
			return false
		}
	}
	return true
}

type spanExporter struct{ to *Memory }

func (e spanExporter) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	e.to.mu.Lock()
	defer e.to.mu.Unlock()
	e.to.spans = append(e.to.spans, spans...)
	return nil
}

func (spanExporter) Shutdown(context.Context) error { return nil }

type metricExporter struct{ to *Memory }

func (metricExporter) Temporality(sdkmetric.InstrumentKind) metricdata.Temporality {
	return metricdata.CumulativeTemporality
}

func (metricExporter) Aggregation(k sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(k)
}

// Export copies what it keeps: the reader uses the values again.
func (e metricExporter) Export(_ context.Context, rm *metricdata.ResourceMetrics) error {
	points := map[string][]point{}
	for _, sm := range rm.ScopeMetrics {
		for _, m := range sm.Metrics {
			points[m.Name] = pointsOf(m.Data)
		}
	}
	e.to.mu.Lock()
	defer e.to.mu.Unlock()
	e.to.points = points
	return nil
}

func (metricExporter) ForceFlush(context.Context) error { return nil }
func (metricExporter) Shutdown(context.Context) error   { return nil }

func pointsOf(data metricdata.Aggregation) []point {
	switch data := data.(type) {
	case metricdata.Histogram[int64]:
		return histogram(data)
	case metricdata.Histogram[float64]:
		return histogram(data)
	case metricdata.Sum[int64]:
		return sums(data)
	case metricdata.Sum[float64]:
		return sums(data)
	}
	return nil
}

func histogram[N int64 | float64](h metricdata.Histogram[N]) (points []point) {
	for _, p := range h.DataPoints {
		points = append(points, point{p.Attributes, float64(p.Sum), int(p.Count)})
	}
	return points
}

func sums[N int64 | float64](s metricdata.Sum[N]) (points []point) {
	for _, p := range s.DataPoints {
		points = append(points, point{p.Attributes, float64(p.Value), 1})
	}
	return points
}
