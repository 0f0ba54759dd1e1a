// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/spanloom/spanloom/internal/semconv"
)

// instrument is what all instruments have in common.
type instrument interface {
	Enabled(ctx context.Context) bool
}

// builder creates instruments and collects the errors.
type builder struct {
	meter   metric.Meter
	buckets map[string][]float64
	strict  bool
	created []instrument
	err     error
}

// keep returns the instrument, or the fallback if the meter provider failed to create
// one.
func keep[I instrument](b *builder, i I, err error, fallback I) I {
	b.err = errors.Join(b.err, err)
	if any(i) == nil {
		return fallback
	}
	b.created = append(b.created, i)
	return i
}

func (b *builder) floatHistogram(d semconv.Metric) metric.Float64Histogram {
	if b.leavesOut(d) {
		return noop.Float64Histogram{}
	}
	h, err := b.meter.Float64Histogram(d.Name, metric.WithUnit(d.Unit), metric.WithDescription(d.Description), b.boundaries(d))
	return keep[metric.Float64Histogram](b, h, err, noop.Float64Histogram{})
}

func (b *builder) intHistogram(d semconv.Metric) metric.Int64Histogram {
	h, err := b.meter.Int64Histogram(d.Name, metric.WithUnit(d.Unit), metric.WithDescription(d.Description), b.boundaries(d))
	return keep[metric.Int64Histogram](b, h, err, noop.Int64Histogram{})
}

func (b *builder) intCounter(d semconv.Metric) metric.Int64Counter {
	if b.leavesOut(d) {
		return noop.Int64Counter{}
	}
	c, err := b.meter.Int64Counter(d.Name, metric.WithUnit(d.Unit), metric.WithDescription(d.Description))
	return keep[metric.Int64Counter](b, c, err, noop.Int64Counter{})
}

func (b *builder) floatCounter(d semconv.Metric) metric.Float64Counter {
	if b.leavesOut(d) {
		return noop.Float64Counter{}
	}
	c, err := b.meter.Float64Counter(d.Name, metric.WithUnit(d.Unit), metric.WithDescription(d.Description))
	return keep[metric.Float64Counter](b, c, err, noop.Float64Counter{})
}

func (b *builder) leavesOut(d semconv.Metric) bool { return b.strict && !d.Registry }

func (b *builder) boundaries(d semconv.Metric) metric.HistogramOption {
	if custom, ok := b.buckets[d.Name]; ok {
		return metric.WithExplicitBucketBoundaries(custom...)
	}
	return metric.WithExplicitBucketBoundaries(d.Boundaries(b.strict)...)
}

func checkBuckets(name string, boundaries []float64) error {
	isHistogram := func(d semconv.Metric) bool { return d.Name == name && d.Buckets != nil }
	if !slices.ContainsFunc(semconv.Metrics(), isHistogram) {
		return fmt.Errorf("metrics: WithBuckets: there is no histogram %q; see docs/telemetry.md for the names", name)
	}
	ok := len(boundaries) > 0
	for i, b := range boundaries {
		ok = ok && !math.IsNaN(b) && !math.IsInf(b, 0) && (i == 0 || b > boundaries[i-1])
	}
	if !ok {
		return fmt.Errorf("metrics: WithBuckets: %q needs finite boundaries that increase, got %v; the default ones are used", name, boundaries)
	}
	return nil
}
