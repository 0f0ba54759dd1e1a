// SPDX-License-Identifier: Apache-2.0

package metrics

import "maps"

// Option configures a [Recorder]. A nil Option is ignored.
type Option interface{ apply(config) config }

type optionFunc func(config) config

func (f optionFunc) apply(c config) config { return f(c) }

type config struct {
	prices   *Prices
	monitor  *Monitor
	tutorial bool
	buckets  map[string][]float64
}

func newConfig(opts []Option) config {
	var c config
	for _, o := range opts {
		if o != nil {
			c = o.apply(c)
		}
	}
	return c
}

// WithPrices turns cost on: the gen_ai.usage.cost counter, and the attribute of
// the same name on spans. A call that p has no price for is counted in
// spanloom.cost.unpriced instead, and the log is told of each such model once.
// Default: no prices, no cost.
func WithPrices(p *Prices) Option {
	return optionFunc(func(c config) config {
		c.prices = p
		return c
	})
}

// WithMonitor feeds every recorded operation to m as well.
func WithMonitor(m *Monitor) Option {
	return optionFunc(func(c config) config {
		c.monitor = m
		return c
	})
}

// WithBuckets replaces the bucket boundaries of one histogram, for example
// WithBuckets("gen_ai.client.operation.duration", 0.1, 1, 10). Boundaries are
// in the instrument's unit. The default is what the convention recommends.
func WithBuckets(instrument string, boundaries ...float64) Option {
	return optionFunc(func(c config) config {
		next := make(map[string][]float64, len(c.buckets)+1)
		maps.Copy(next, c.buckets)
		next[instrument] = append([]float64(nil), boundaries...)
		c.buckets = next
		return c
	})
}
