// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// Monitor watches model calls for error rate, latency, spend and what else its
// rules say. Give it to [WithMonitor]; it measures nothing of its own.
//
// Rules are judged when a call ends and, while one holds, when time passes: an
// alert resolves within a sixtieth of the window after its cause has left it,
// even if nothing is called any more. A rule by model or workflow tells 128 of
// them apart at a time, in the order they come; those beyond are judged together
// as "(other)". The memory of a Monitor is bounded by that, and each call costs
// the same. It is safe for concurrent use, and nothing is to be closed: a
// program that ends calls [Monitor.Flush] so that the last alerts are told. A nil
// *Monitor watches nothing.
type Monitor struct {
	watches []*watch
	sinks   sinks
	err     error
	start   time.Time
	pace    time.Duration
	paced   atomic.Bool // a sweep is ahead
}

// NewMonitor returns a Monitor with the default rules, changed by opts. A rule
// that cannot be is left out, which [Monitor.Err] and NewRecorder report.
func NewMonitor(opts ...MonitorOption) *Monitor {
	c := newMonitorConfig(opts)
	m := &Monitor{start: time.Now(), pace: time.Hour}
	for _, f := range c.sinks {
		m.sinks = append(m.sinks, &outbox{sink: f})
	}
	for _, r := range c.rules {
		if err := r.check(); err != nil {
			m.err = errors.Join(m.err, err)
			continue
		}
		if r.Window == 0 {
			r.Window = c.window
		}
		w := newWatch(r, c.cooldown, m.sinks)
		m.watches = append(m.watches, w)
		m.pace = min(m.pace, w.slot)
	}
	m.pace = max(m.pace, minPace)
	return m
}

// minPace keeps a tiny window from keeping a processor busy.
const minPace = 10 * time.Millisecond

// Rules returns the rules that are watched, with their windows.
func (m *Monitor) Rules() []Rule {
	if m == nil {
		return nil
	}
	rules := make([]Rule, len(m.watches))
	for i, w := range m.watches {
		rules[i] = w.Rule
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

func (m *Monitor) observe(o *Measurement, cost USD) {
	if m == nil {
		return
	}
	now := m.now()
	m.each(func(w *watch) bool { return w.observe(o, cost, m.start, now) })
}

// Flush returns when the sinks have been told of all alerts, or when ctx ends,
// and then with the cause of that. It is for the end of a program, and not for
// sinks, which would wait for themselves.
func (m *Monitor) Flush(ctx context.Context) error {
	if m == nil {
		return nil
	}
	return m.sinks.wait(ctx)
}

// now is the time since the start, which a clock that is set does not move. A
// test's fake clock may be behind the start.
func (m *Monitor) now() time.Duration { return max(0, time.Since(m.start)) }

func (m *Monitor) sweep() {
	m.paced.Store(false)
	now := m.now()
	m.each(func(w *watch) bool { return w.sweep(m.start, now) })
}

// each lets the rules judge. A timer runs only while there is an alert that time
// alone may end, so that a Monitor nobody uses any more is garbage.
func (m *Monitor) each(judge func(*watch) (open bool)) {
	open := false
	for _, w := range m.watches {
		open = judge(w) || open
	}
	if open && m.paced.CompareAndSwap(false, true) {
		time.AfterFunc(m.pace, m.sweep)
	}
}
