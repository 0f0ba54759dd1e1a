// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/spanloom/spanloom/metrics"
)

func newRecorder(t *testing.T, opts ...metrics.Option) (*metrics.Recorder, func() map[string]metricdata.Metrics) {
	t.Helper()
	reader := sdkmetric.NewManualReader()
	r, err := metrics.NewRecorder(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)), opts...)
	require.NoError(t, err)
	return r, func() map[string]metricdata.Metrics { return collect(t, reader) }
}

func collect(t *testing.T, reader *sdkmetric.ManualReader) map[string]metricdata.Metrics {
	t.Helper()
	var rm metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(context.Background(), &rm))
	out := map[string]metricdata.Metrics{}
	for _, sm := range rm.ScopeMetrics {
		assert.Equal(t, "github.com/spanloom/spanloom", sm.Scope.Name)
		assert.Contains(t, sm.Scope.SchemaURL, "https://opentelemetry.io/schemas/")
		for _, m := range sm.Metrics {
			out[m.Name] = m
		}
	}
	return out
}

// point is one data point of any instrument of ours.
type point struct {
	bounds []float64
	count  uint64
	sum    float64
	attrs  map[attribute.Key]any
}

func points(t *testing.T, m metricdata.Metrics) (out []point) {
	t.Helper()
	add := func(bounds []float64, count uint64, sum float64, set attribute.Set) {
		p := point{bounds, count, sum, map[attribute.Key]any{}}
		for _, kv := range set.ToSlice() {
			p.attrs[kv.Key] = kv.Value.AsInterface()
		}
		out = append(out, p)
	}
	switch d := m.Data.(type) {
	case metricdata.Histogram[float64]:
		for _, p := range d.DataPoints {
			add(p.Bounds, p.Count, p.Sum, p.Attributes)
		}
	case metricdata.Histogram[int64]:
		for _, p := range d.DataPoints {
			add(p.Bounds, p.Count, float64(p.Sum), p.Attributes)
		}
	case metricdata.Sum[float64]:
		assert.True(t, d.IsMonotonic, m.Name)
		for _, p := range d.DataPoints {
			add(nil, 1, p.Value, p.Attributes)
		}
	case metricdata.Sum[int64]:
		assert.True(t, d.IsMonotonic, m.Name)
		for _, p := range d.DataPoints {
			add(nil, 1, float64(p.Value), p.Attributes)
		}
	case nil:
	default:
		require.Fail(t, "another kind of instrument", "%s: %T", m.Name, d)
	}
	return out
}

type failingProvider struct{ noop.MeterProvider }

func (failingProvider) Meter(string, ...metric.MeterOption) metric.Meter { return failingMeter{} }

type failingMeter struct{ noop.Meter }

var errMeter = errors.New("no instrument today")

func (failingMeter) Float64Histogram(string, ...metric.Float64HistogramOption) (metric.Float64Histogram, error) {
	return nil, errMeter
}

func (failingMeter) Int64Histogram(string, ...metric.Int64HistogramOption) (metric.Int64Histogram, error) {
	return nil, errMeter
}

func (failingMeter) Float64Counter(string, ...metric.Float64CounterOption) (metric.Float64Counter, error) {
	return nil, errMeter
}

func (failingMeter) Int64Counter(string, ...metric.Int64CounterOption) (metric.Int64Counter, error) {
	return nil, errMeter
}
