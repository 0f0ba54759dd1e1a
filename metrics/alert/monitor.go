// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/spanloom/spanloom/metrics"
)

// minSweepInterval keeps a rule with a tiny window from keeping a processor busy.
const minSweepInterval = 10 * time.Millisecond

// Monitor evaluates rules on model calls and retrievals, and sends alerts to sinks.
// It is a metrics.Observer: pass it to metrics.WithObserver.
//
// Rules are evaluated when a call ends and, while a rule holds, also as time passes.
// An alert resolves within a sixtieth of the window after its cause has left the
// window. A rule by model or workflow keeps 128 of them apart, in the order they
// come, and evaluates all others together as "(other)"; so memory is bounded.
//
// Up to 1024 alerts wait for each sink. Of more than that the oldest are dropped, logged
// and counted, see [Monitor.Lost]. A program calls [Monitor.Shutdown] at its end, so
// that the last alerts are sent. A Monitor is safe for concurrent use. A nil *Monitor
// does nothing.
type Monitor struct {
	outboxes      []*outbox // one for each sink
	err           error
	start         time.Time
	sweepInterval time.Duration

	mu           sync.Mutex
	evaluators   []*evaluator
	sweepPending bool
}

var _ metrics.Observer = (*Monitor)(nil)

// NewMonitor returns a Monitor with [DefaultRules], changed by opts. An invalid rule
// is left out, which [Monitor.Err] and metrics.NewRecorder report.
func NewMonitor(opts ...Option) *Monitor {
	c := newConfig(opts)
	m := &Monitor{start: time.Now(), sweepInterval: time.Hour}
	for _, s := range c.sinks {
		m.outboxes = append(m.outboxes, newOutbox(s))
	}
	for _, r := range c.rules {
		if err := r.check(); err != nil {
			m.err = errors.Join(m.err, err)
			continue
		}
		if r.Window == 0 {
			r.Window = c.window
		}
		slot := max(1, r.Window/slots)
		m.evaluators = append(m.evaluators, &evaluator{
			Rule: r, cooldown: c.cooldown, slot: slot, start: m.start, put: m.put, series: map[string]*series{},
		})
		m.sweepInterval = min(m.sweepInterval, slot)
	}
	m.sweepInterval = max(m.sweepInterval, minSweepInterval)
	return m
}

// Rules returns the rules in use, with their windows.
func (m *Monitor) Rules() []Rule {
	if m == nil {
		return nil
	}
	var rules []Rule
	for _, e := range m.evaluators { // the list itself does not change
		rules = append(rules, e.Rule)
	}
	return rules
}

// Err returns what is wrong with the rules that were left out, or nil.
func (m *Monitor) Err() error {
	if m == nil {
		return nil
	}
	return m.err
}

// Observe implements metrics.Observer. It evaluates the rules with one more operation
// and does not wait for sinks.
func (m *Monitor) Observe(_ context.Context, o metrics.Measurement, cost metrics.USD) {
	if m != nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.evaluate(func(e *evaluator, now time.Duration) bool { return e.observe(&o, cost, now) })
	}
}

// put passes an alert to all sinks.
func (m *Monitor) put(a Alert) {
	for _, o := range m.outboxes {
		o.put(a)
	}
}

// Flush waits until the sinks have received all alerts so far. If ctx ends first, it
// returns an error with the cause and the number of alerts that still wait, for each
// sink. A sink must not call it, since it would wait for itself.
func (m *Monitor) Flush(ctx context.Context) error {
	return m.each(func(o *outbox) error { return o.flush(ctx) })
}

// Shutdown is Flush for the end of a program: later alerts are dropped. If ctx ends
// first, the context of running sinks is canceled and what still waits is dropped.
// The dropped alerts are counted, see [Monitor.Lost].
func (m *Monitor) Shutdown(ctx context.Context) error {
	return m.each(func(o *outbox) error { return o.shutdown(ctx) })
}

// Lost returns how many alerts did not reach a sink: dropped from a full outbox,
// dropped by [Monitor.Shutdown], or given up because the sink failed. An alert that
// two sinks missed counts twice.
func (m *Monitor) Lost() (n int) {
	_ = m.each(func(o *outbox) error { n += o.lostCount(); return nil })
	return n
}

func (m *Monitor) each(f func(*outbox) error) (err error) {
	if m == nil {
		return nil
	}
	for _, o := range m.outboxes {
		err = errors.Join(err, f(o))
	}
	return err
}

func (m *Monitor) sweep() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sweepPending = false
	m.evaluate((*evaluator).sweep)
}

// evaluate runs f on each rule and schedules a sweep if time alone may change the
// state of one. Without a timer an unused Monitor is garbage. m.mu must be held.
func (m *Monitor) evaluate(f func(e *evaluator, now time.Duration) (needsSweep bool)) {
	// It is negative where a test's fake clock is behind the start.
	now := max(0, time.Since(m.start))
	needsSweep := false
	for _, e := range m.evaluators {
		needsSweep = f(e, now) || needsSweep
	}
	if needsSweep && !m.sweepPending {
		m.sweepPending = true
		time.AfterFunc(m.sweepInterval, m.sweep)
	}
}
