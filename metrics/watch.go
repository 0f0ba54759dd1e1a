// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"sync"
	"time"
)

const (
	// maxSeries bounds the models or workflows that a rule tells apart.
	maxSeries = 128
	// other is the name of all beyond.
	other = "(other)"
)

// watch is a rule with what it has seen. Each has its own lock, held for the time
// of a few additions and never while a sink is called.
type watch struct {
	Rule
	cooldown time.Duration
	slot     time.Duration
	sinks    sinks

	mu     sync.Mutex
	series map[string]*series
	tidied int64 // the epoch in which series were last dropped
}

type series struct {
	window
	name string
	// told says that the sinks know of the alert, held that the rule has begun to
	// hold within the cool-down.
	told, held bool
	since      time.Duration // when it began to hold, after the Monitor's start
	fired      time.Duration // when the sinks were last told so
	everFired  bool
}

func newWatch(r Rule, cooldown time.Duration, sinks sinks) *watch {
	return &watch{Rule: r, cooldown: cooldown, slot: max(1, r.Window/slots), sinks: sinks, series: map[string]*series{}}
}

// observe reports whether time alone may change the state from here on.
func (w *watch) observe(m *Measurement, cost USD, start time.Time, now time.Duration) (open bool) {
	v, ok := w.Signal.of(m, cost)
	if !ok {
		return false
	}
	name, ok := w.Scope.of(m)
	if !ok {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	epoch := w.epoch(now)
	s := w.get(name, epoch)
	s.advance(epoch)
	s.add(v, w.Threshold)
	w.judge(s, start, now)
	return s.told || s.held
}

// sweep judges what time has changed without a call.
func (w *watch) sweep(start time.Time, now time.Duration) (open bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	epoch := w.epoch(now)
	for _, s := range w.series {
		if s.told || s.held {
			s.advance(epoch)
			w.judge(s, start, now)
			open = open || s.told || s.held
		}
	}
	return open
}

func (w *watch) epoch(now time.Duration) int64 { return int64(now / w.slot) }

// get makes room for a new name by dropping names of which the window holds
// nothing, at most once per slot: a flood of names must not make calls slow.
func (w *watch) get(name string, epoch int64) *series {
	if s := w.series[name]; s != nil {
		return s
	}
	if len(w.series) >= maxSeries && epoch != w.tidied {
		w.tidied = epoch
		for k, s := range w.series {
			if epoch-s.epoch >= slots && !s.told && !s.held {
				delete(w.series, k)
			}
		}
	}
	if len(w.series) >= maxSeries {
		if s := w.series[other]; s != nil {
			return s
		}
		name = other
	}
	s := &series{name: name}
	s.epoch = epoch
	if w.Percentile > 0 {
		s.cells = &cells{}
	}
	if w.Last > 0 {
		s.recent = &recent{values: make([]int64, w.Last)}
	}
	w.series[name] = s
	return s
}

// value is what the rule is judged by, and whether there is enough to judge. What
// fires goes on until the value says otherwise or the window is empty: few calls
// that all fail are no recovery.
func (w *watch) value(s *series) (float64, bool) {
	t := s.total
	if t.n == 0 {
		return 0, false
	}
	enough := s.told || t.n > int64(w.MinCount)
	switch {
	case s.recent != nil:
		return float64(s.recent.sum) / float64(w.Last) / 1e9, enough && s.recent.full
	case s.cells != nil:
		return s.cells.percentile(w.Percentile, w.Threshold, t.n), enough
	}
	switch w.Signal {
	case SignalErrorRate:
		return float64(t.sum) / float64(t.n), enough
	case SignalLatency, SignalFirstChunk:
		return float64(t.sum) / float64(t.n) / 1e9, enough
	case SignalSpend:
		return USD(t.sum).Float64(), enough
	case SignalTokenRate:
		return float64(t.sum) / w.Window.Minutes(), enough
	}
	return float64(t.sum), enough
}

// judge tells the sinks if the state has changed.
func (w *watch) judge(s *series, start time.Time, now time.Duration) {
	value, enough := w.value(s)
	holds := enough && value > w.Threshold
	switch {
	case holds == s.told:
		s.held = false
		return
	case holds && s.everFired && now-s.fired < w.cooldown:
		if !s.held {
			s.held, s.since = true, now
		}
		return
	case holds:
		if !s.held {
			s.since = now
		}
		s.everFired, s.fired, s.held = true, now, false
	}
	s.told = holds
	a := Alert{
		Rule: w.Name, Signal: w.Signal, Resolved: !holds, Value: value, Threshold: w.Threshold,
		Time: start.Add(now), Since: start.Add(s.since),
	}
	switch w.Scope {
	case ByModel:
		a.Model = s.name
	case ByWorkflow:
		a.Workflow = s.name
	}
	w.sinks.put(a)
}
