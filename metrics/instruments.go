// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"go.opentelemetry.io/otel/metric"

	"github.com/spanloom/spanloom/internal/semconv"
)

// maker makes instruments and collects what went wrong. An instrument that a
// failing meter provider did not make is nil.
type maker struct {
	meter   metric.Meter
	buckets map[string][]float64
	err     error
}

func (m *maker) boundaries(d semconv.Metric) metric.HistogramOption {
	if b, ok := m.buckets[d.Name]; ok && increasing(b) {
		return metric.WithExplicitBucketBoundaries(b...)
	}
	return metric.WithExplicitBucketBoundaries(d.Buckets...)
}

func (m *maker) seconds(d semconv.Metric) metric.Float64Histogram {
	h, err := m.meter.Float64Histogram(d.Name, metric.WithUnit(d.Unit), metric.WithDescription(d.Description), m.boundaries(d))
	m.err = errors.Join(m.err, err)
	return h
}

func (m *maker) counts(d semconv.Metric) metric.Int64Histogram {
	h, err := m.meter.Int64Histogram(d.Name, metric.WithUnit(d.Unit), metric.WithDescription(d.Description), m.boundaries(d))
	m.err = errors.Join(m.err, err)
	return h
}

func (m *maker) counter(d semconv.Metric) metric.Int64Counter {
	c, err := m.meter.Int64Counter(d.Name, metric.WithUnit(d.Unit), metric.WithDescription(d.Description))
	m.err = errors.Join(m.err, err)
	return c
}

func (m *maker) amount(d semconv.Metric) metric.Float64Counter {
	c, err := m.meter.Float64Counter(d.Name, metric.WithUnit(d.Unit), metric.WithDescription(d.Description))
	m.err = errors.Join(m.err, err)
	return c
}

type histogram[N int64 | float64] interface {
	Record(ctx context.Context, incr N, options ...metric.RecordOption)
}

// record skips instruments that are not there.
func record[N int64 | float64](ctx context.Context, h histogram[N], v N, labels []metric.RecordOption) {
	if h != nil {
		h.Record(ctx, v, labels...)
	}
}

type counter[N int64 | float64] interface {
	Add(ctx context.Context, incr N, options ...metric.AddOption)
}

func add[N int64 | float64](ctx context.Context, c counter[N], v N, labels []metric.AddOption) {
	if c != nil {
		c.Add(ctx, v, labels...)
	}
}

func checkBuckets(custom map[string][]float64) error {
	var err error
	for _, name := range slices.Sorted(maps.Keys(custom)) {
		b := custom[name]
		known := false
		for _, d := range semconv.Metrics() {
			known = known || d.Name == name && d.Buckets != nil
		}
		if !known {
			err = errors.Join(err, fmt.Errorf("metrics: WithBuckets: there is no histogram %q; see docs/telemetry.md for the names", name))
		} else if !increasing(b) {
			err = errors.Join(err, fmt.Errorf("metrics: WithBuckets: %q needs finite boundaries that increase, got %v; the convention's are used", name, b))
		}
	}
	return err
}

func increasing(b []float64) bool {
	for i := range b {
		if math.IsNaN(b[i]) || math.IsInf(b[i], 0) || i > 0 && b[i] <= b[i-1] {
			return false
		}
	}
	return len(b) > 0
}
