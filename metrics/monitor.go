// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/spanloom/spanloom/internal/semconv"
)

// Alert tells that a rule of a [Monitor] began or ceased to hold.
type Alert struct {
	// Rule is "error_rate", "mean_latency" or "spend".
	Rule string
	// Resolved is false when the rule began to hold, true when it ceased to.
	Resolved bool
	// Value and Threshold are in the rule's unit: a ratio, seconds, US dollars.
	Value, Threshold float64
	Time             time.Time
}

func (a Alert) String() string {
	state := "firing"
	if a.Resolved {
		state = "resolved"
	}
	return fmt.Sprintf("%s %s: %.4g (threshold %.4g)", a.Rule, state, a.Value, a.Threshold)
}

// MonitorOption configures a [Monitor]. A nil MonitorOption is ignored.
type MonitorOption interface {
	applyMonitor(monitorConfig) monitorConfig
}

type monitorOptionFunc func(monitorConfig) monitorConfig

func (f monitorOptionFunc) applyMonitor(c monitorConfig) monitorConfig { return f(c) }

type monitorConfig struct {
	window      time.Duration
	minRequests int
	errorRate   float64
	latency     time.Duration
	spend       float64
	sinks       []func(Alert)
}

// WithWindow sets the sliding window of error rate and spend. Default: 5 minutes.
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
	return monitorOptionFunc(func(c monitorConfig) monitorConfig {
		c.errorRate, c.minRequests = ratio, minRequests
		return c
	})
}

// WithMeanLatency alerts when the last ten model calls took longer than d on
// average. Default: 5 seconds.
func WithMeanLatency(d time.Duration) MonitorOption {
	return monitorOptionFunc(func(c monitorConfig) monitorConfig {
		c.latency = d
		return c
	})
}

// WithSpend alerts when the window's calls cost more than usd. Default: 100.
func WithSpend(usd float64) MonitorOption {
	return monitorOptionFunc(func(c monitorConfig) monitorConfig {
		c.spend = usd
		return c
	})
}

// WithSink adds a receiver of alerts. It is called on the goroutine of the call
// that crossed the threshold, without a lock held: keep it short. A panic in it
// is logged and goes no further. Default: a warning on slog's default logger.
func WithSink(f func(Alert)) MonitorOption {
	return monitorOptionFunc(func(c monitorConfig) monitorConfig {
		if f != nil {
			c.sinks = append(slices.Clip(c.sinks), f)
		}
		return c
	})
}

const (
	monitorSlots = 60
	latencyCalls = 10
)

// Monitor watches model calls for error rate, latency and spend. Give it to
// [WithMonitor]. Rules are judged when a call ends, so an alert resolves with
// the first call after its cause has gone. Its memory is constant, each call costs the same, and it is
// safe for concurrent use. A nil *Monitor watches nothing.
type Monitor struct {
	cfg monitorConfig

	mu        sync.Mutex
	slots     [monitorSlots]monitorSlot
	latencies [latencyCalls]time.Duration
	seen      int
	firing    map[string]bool
}

type monitorSlot struct {
	epoch                  int64
	requests, errors, pico int64
}

// NewMonitor returns a Monitor with the default rules, changed by opts.
func NewMonitor(opts ...MonitorOption) *Monitor {
	c := monitorConfig{window: 5 * time.Minute, minRequests: 10, errorRate: 0.1, latency: 5 * time.Second, spend: 100}
	for _, o := range opts {
		if o != nil {
			c = o.applyMonitor(c)
		}
	}
	if c.sinks == nil {
		c.sinks = []func(Alert){func(a Alert) { slog.Warn("spanloom: " + a.String()) }}
	}
	return &Monitor{cfg: c, firing: make(map[string]bool, 3)}
}

func (m *Monitor) observe(o Measurement, r *Recorder) {
	if m == nil || o.Name != semconv.OperationChat {
		return
	}
	pico, _ := r.price(o)
	for _, a := range m.add(time.Now(), o, pico) {
		for _, sink := range m.cfg.sinks {
			deliver(sink, a)
		}
	}
}

// deliver keeps a sink's panic out of the model call that set off the alert.
func deliver(sink func(Alert), a Alert) {
	defer func() {
		if p := recover(); p != nil {
			slog.Error("spanloom: an alert sink panicked", "panic", p, "alert", a.String())
		}
	}()
	sink(a)
}

func (m *Monitor) add(now time.Time, o Measurement, pico int64) []Alert {
	m.mu.Lock()
	defer m.mu.Unlock()

	epoch := now.UnixNano() / max(1, int64(m.cfg.window)/monitorSlots)
	s := &m.slots[epoch%monitorSlots]
	if s.epoch != epoch {
		*s = monitorSlot{epoch: epoch}
	}
	s.requests++
	s.pico = add(s.pico, pico)
	if o.ErrorType != "" {
		s.errors++
	}
	m.latencies[m.seen%latencyCalls] = o.Duration
	if m.seen++; m.seen == 2*latencyCalls {
		m.seen = latencyCalls // or it overflows, where an int has 32 bits
	}

	var total monitorSlot
	for _, s := range m.slots {
		if s.epoch > epoch-monitorSlots {
			total.requests += s.requests
			total.errors += s.errors
			total.pico = add(total.pico, s.pico)
		}
	}
	var alerts []Alert
	rate := float64(total.errors) / float64(total.requests)
	alerts = m.judge(alerts, now, "error_rate", rate, m.cfg.errorRate, total.requests > int64(m.cfg.minRequests))
	var sum time.Duration
	for _, l := range m.latencies {
		sum += l
	}
	alerts = m.judge(alerts, now, "mean_latency", (sum / latencyCalls).Seconds(), m.cfg.latency.Seconds(), m.seen >= latencyCalls)
	return m.judge(alerts, now, "spend", float64(total.pico)/picoUSD, m.cfg.spend, true)
}

func (m *Monitor) judge(alerts []Alert, now time.Time, rule string, value, threshold float64, enough bool) []Alert {
	holds := enough && value > threshold
	if holds == m.firing[rule] {
		return alerts
	}
	m.firing[rule] = holds
	return append(alerts, Alert{Rule: rule, Resolved: !holds, Value: value, Threshold: threshold, Time: now})
}
