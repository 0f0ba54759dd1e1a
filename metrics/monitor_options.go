// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"log/slog"
	"slices"
	"time"
)

// MonitorOption configures a [Monitor]. A nil MonitorOption is ignored.
type MonitorOption interface {
	applyMonitor(monitorConfig) monitorConfig
}

type monitorOptionFunc func(monitorConfig) monitorConfig

func (f monitorOptionFunc) applyMonitor(c monitorConfig) monitorConfig { return f(c) }

type monitorConfig struct {
	rules            []Rule
	window, cooldown time.Duration
	sinks            []func(Alert)
}

func newMonitorConfig(opts []MonitorOption) monitorConfig {
	c := monitorConfig{rules: DefaultRules(), window: defaultWindow, cooldown: time.Minute}
	for _, o := range opts {
		if o != nil {
			c = o.applyMonitor(c)
		}
	}
	if c.sinks == nil {
		c.sinks = []func(Alert){func(a Alert) { logAlert(nil, a) }}
	}
	return c
}

// with replaces the rule of the same name, or adds one.
func (c monitorConfig) with(rules ...Rule) monitorConfig {
	c.rules = slices.Clone(c.rules)
	for _, r := range rules {
		i := slices.IndexFunc(c.rules, func(old Rule) bool { return old.Name == r.Name })
		if i < 0 {
			c.rules = append(c.rules, r)
		} else {
			c.rules[i] = r
		}
	}
	return c
}

// WithWindow sets the sliding window of the rules that have none of their own.
// Default: 5 minutes.
func WithWindow(d time.Duration) MonitorOption {
	return monitorOptionFunc(func(c monitorConfig) monitorConfig {
		if d > 0 {
			c.window = d
		}
		return c
	})
}

// WithErrorRate alerts when more than ratio of the model calls in the window
// failed, once there are more than minRequests. Default: 0.1 and 10.
func WithErrorRate(ratio float64, minRequests int) MonitorOption {
	return WithRule(errorRate(ratio, minRequests))
}

// WithMeanLatency alerts when the last ten model calls took longer than d on
// average. Default: 5 seconds.
func WithMeanLatency(d time.Duration) MonitorOption { return WithRule(meanLatency(d)) }

// WithSpend alerts when the window's calls cost more than usd. Default: 100.
func WithSpend(usd float64) MonitorOption { return WithRule(spend(usd)) }

// WithRule adds rules. One replaces an earlier one of its name, which may be a
// default one: see [DefaultRules].
func WithRule(rules ...Rule) MonitorOption {
	rules = slices.Clone(rules)
	return monitorOptionFunc(func(c monitorConfig) monitorConfig { return c.with(rules...) })
}

// WithoutDefaultRules leaves only the rules of the options after it.
func WithoutDefaultRules() MonitorOption {
	return monitorOptionFunc(func(c monitorConfig) monitorConfig {
		c.rules = nil
		return c
	})
}

// WithCooldown sets the least time between two firing alerts of one rule for the
// same model or workflow. What begins to hold again sooner is told when the time
// is over, if it still holds then. Zero tells everything. Default: 1 minute.
func WithCooldown(d time.Duration) MonitorOption {
	return monitorOptionFunc(func(c monitorConfig) monitorConfig {
		if d >= 0 {
			c.cooldown = d
		}
		return c
	})
}

// WithSink adds a receiver of alerts. Alerts reach it one at a time and in order,
// on a goroutine of its own that lives while there are some: no call waits for a
// sink, and no sink for another. While one does not return, 1024 alerts wait for
// it; of more than that the oldest are dropped, and the log tells how many. A
// panic in it is logged and goes no further. Default: slog's default logger.
func WithSink(f func(Alert)) MonitorOption {
	return monitorOptionFunc(func(c monitorConfig) monitorConfig {
		if f != nil {
			c.sinks = append(slices.Clip(c.sinks), f)
		}
		return c
	})
}

// WithLogger adds a logger as a sink: a warning when a rule begins to hold, an
// info when it ceases to. A nil logger is slog's default one.
func WithLogger(l *slog.Logger) MonitorOption {
	return WithSink(func(a Alert) { logAlert(l, a) })
}
