// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"log/slog"
	"slices"
	"time"
)

// Option configures a [Monitor]. A nil Option is ignored.
type Option interface{ apply(config) config }

type optionFunc func(config) config

func (f optionFunc) apply(c config) config { return f(c) }

type config struct {
	rules            []Rule
	window, cooldown time.Duration
	sinks            []Sink
}

func newConfig(opts []Option) config {
	c := config{rules: DefaultRules(), window: defaultWindow, cooldown: time.Minute}
	for _, o := range opts {
		if o != nil {
			c = o.apply(c)
		}
	}
	if c.sinks == nil {
		c.sinks = []Sink{logTo(nil)}
	}
	return c
}

// WithWindow sets the sliding window of the rules that have none of their own.
// Default: 5 minutes.
func WithWindow(d time.Duration) Option {
	return optionFunc(func(c config) config {
		if d > 0 {
			c.window = d
		}
		return c
	})
}

// WithErrorRate alerts when more than ratio of the model calls in the window failed,
// and there were more than minRequests. Default: 0.1 and 10.
func WithErrorRate(ratio float64, minRequests int) Option {
	return WithRule(Rule{Name: "error_rate", Signal: SignalErrorRate, Threshold: ratio, MinCount: minRequests})
}

// WithMeanLatency alerts when the last ten model calls took longer than d on
// average. Default: 5 seconds.
func WithMeanLatency(d time.Duration) Option {
	return WithRule(Rule{Name: "mean_latency", Signal: SignalLatency, Threshold: d.Seconds(), Last: 10})
}

// WithSpend alerts when the calls in the window cost more than usd. Default: 100.
func WithSpend(usd float64) Option {
	return WithRule(Rule{Name: "spend", Signal: SignalSpend, Threshold: usd})
}

// WithRule adds rules. A rule replaces an earlier one of the same name, also one of
// [DefaultRules].
func WithRule(rules ...Rule) Option {
	rules = slices.Clone(rules)
	return optionFunc(func(c config) config {
		for _, r := range rules {
			c.rules = slices.DeleteFunc(slices.Clone(c.rules), func(old Rule) bool { return old.Name == r.Name })
			c.rules = append(c.rules, r)
		}
		return c
	})
}

// WithoutDefaultRules removes all rules of [DefaultRules] and of earlier options.
func WithoutDefaultRules() Option {
	return optionFunc(func(c config) config {
		c.rules = nil
		return c
	})
}

// WithCooldown sets the least time between two firing alerts of one rule for the same
// model or workflow. If the rule holds again sooner and still holds after the time,
// the alert is sent then. Zero sends every alert. Default: 1 minute.
func WithCooldown(d time.Duration) Option {
	return optionFunc(func(c config) config {
		if d >= 0 {
			c.cooldown = d
		}
		return c
	})
}

// Sink receives alerts. It returns when the alert has arrived, or with an error when
// it never will; the error is logged and counted. It should return soon after ctx is
// canceled, which [Monitor.Shutdown] does. A panic in it counts as an error.
type Sink func(ctx context.Context, a Alert) error

// WithSink adds a sink. It is called with one alert at a time, in order. It may block:
// neither model calls nor other sinks wait for it. Default: slog's default logger.
func WithSink(s Sink) Option {
	return optionFunc(func(c config) config {
		if s != nil {
			c.sinks = append(slices.Clip(c.sinks), s)
		}
		return c
	})
}

// WithLogger adds a logger as a sink: a warning when a rule begins to hold, an info
// when it ceases to. A nil logger is slog's default one.
func WithLogger(l *slog.Logger) Option { return WithSink(logTo(l)) }
