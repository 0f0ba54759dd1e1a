// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"errors"
	"slices"
)

// Option configures a [Recorder]. A nil Option is ignored.
type Option interface{ apply(config) config }

type optionFunc func(config) config

func (f optionFunc) apply(c config) config { return f(c) }

type config struct {
	prices    func() *Prices // nil: cost is off
	observers []Observer
	tutorial  bool
	strict    bool
	buckets   map[string][]float64
	err       error
}

func newConfig(opts []Option) config {
	c := config{prices: DefaultPrices}
	for _, o := range opts {
		if o != nil {
			c = o.apply(c)
		}
	}
	return c
}

// WithPrices sets the prices for the counter gen_ai.usage.cost and the span attribute
// of the same name. A call without a price is counted in spanloom.cost.unpriced, and
// OpenTelemetry's error handler is told of its model once. nil switches cost off.
// Default: [DefaultPrices].
func WithPrices(p *Prices) Option {
	return optionFunc(func(c config) config {
		if c.prices = nil; p != nil {
			c.prices = func() *Prices { return p }
		}
		return c
	})
}

// WithObserver passes every recorded operation to o as well, for example to an
// alert.Monitor. Several uses add up. A nil Observer is ignored.
func WithObserver(o Observer) Option {
	return optionFunc(func(c config) config {
		if o != nil {
			c.observers = append(slices.Clip(c.observers), o)
		}
		return c
	})
}

// WithStrictSemConv leaves out every metric that OpenTelemetry's registry does not
// list, cost among them, and takes the bucket boundaries that the convention
// recommends. Observers get the cost all the same.
func WithStrictSemConv() Option {
	return optionFunc(func(c config) config {
		c.strict = true
		return c
	})
}

// WithBuckets replaces the bucket boundaries of one histogram, for example
// WithBuckets("gen_ai.client.operation.duration", 0.1, 1, 10). Boundaries are in
// the instrument's unit. The defaults are in docs/telemetry.md; they have no effect on
// a reader with exponential histograms.
func WithBuckets(instrument string, boundaries ...float64) Option {
	return optionFunc(func(c config) config {
		if err := checkBuckets(instrument, boundaries); err != nil {
			c.err = errors.Join(c.err, err)
			return c
		}
		if c.buckets == nil {
			c.buckets = map[string][]float64{}
		}
		c.buckets[instrument] = slices.Clone(boundaries)
		return c
	})
}
