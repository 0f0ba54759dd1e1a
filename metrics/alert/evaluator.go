// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"time"

	"github.com/spanloom/spanloom/metrics"
)

const (
	// maxSeries bounds the models or workflows that a rule keeps apart.
	maxSeries = 128
	// otherName is the name of the series of all others.
	otherName = "(other)"
)

// evaluator is a rule with its state. Times are durations since start. Monitor.mu must
// be held.
type evaluator struct {
	Rule
	cooldown  time.Duration
	slot      time.Duration // of the window
	start     time.Time
	put       func(Alert)
	series    map[string]*series // by model or workflow
	lastPrune int64              // epoch
}

// series is a rule's state for one model or workflow, or for all operations.
type series struct {
	window
	name string
	// firing means that an alert was sent and not resolved. pending means that the rule
	// holds and the cooldown delays its alert.
	firing, pending bool
	since           time.Duration // when the rule began to hold
	lastFired       time.Duration
}

// observe adds an operation. needsSweep reports whether time alone may change the
// state from now on.
func (e *evaluator) observe(m *metrics.Measurement, cost metrics.USD, now time.Duration) (needsSweep bool) {
	v, counts := e.Signal.value(m, cost)
	name, inScope := e.Scope.name(m)
	if !counts || !inScope {
		return false
	}
	epoch := e.epoch(now)
	s := e.get(name, epoch)
	s.advance(epoch)
	s.add(v, e.Threshold)
	return e.update(s, now)
}

// sweep updates the series that time alone may have changed.
func (e *evaluator) sweep(now time.Duration) (needsSweep bool) {
	for _, s := range e.series {
		if s.firing || s.pending {
			s.advance(e.epoch(now))
			needsSweep = e.update(s, now) || needsSweep
		}
	}
	return needsSweep
}

func (e *evaluator) epoch(now time.Duration) int64 { return int64(now / e.slot) }

// get returns the series of a name, or of all others if there are too many.
func (e *evaluator) get(name string, epoch int64) *series {
	if s := e.series[name]; s != nil {
		return s
	}
	e.prune(epoch)
	if len(e.series) >= maxSeries {
		if s := e.series[otherName]; s != nil {
			return s
		}
		name = otherName
	}
	s := &series{name: name, lastFired: -e.cooldown}
	s.epoch = epoch
	if e.Percentile > 0 {
		s.histogram = &histogram{}
	}
	if e.Last > 0 {
		s.latest = &ring{values: make([]int64, e.Last)}
	}
	e.series[name] = s
	return s
}

// prune deletes the series with an empty window if there are too many. It does so at
// most once per slot, so that a flood of names does not make calls slow.
func (e *evaluator) prune(epoch int64) {
	if len(e.series) < maxSeries || epoch == e.lastPrune {
		return
	}
	e.lastPrune = epoch
	for name, s := range e.series {
		if epoch-s.epoch >= slots && !s.firing && !s.pending {
			delete(e.series, name)
		}
	}
}

// value returns what the rule compares with its threshold. ok is false if there are
// too few operations. For a firing series any number is enough: few calls that all
// fail are no recovery.
func (e *evaluator) value(s *series) (v float64, ok bool) {
	count, sum := float64(s.total.count), float64(s.total.sum)
	if count == 0 {
		return 0, false
	}
	enough := s.firing || s.total.count > int64(e.MinCount)
	switch {
	case s.latest != nil:
		return float64(s.latest.sum) / float64(e.Last) / 1e9, enough && s.latest.full
	case s.histogram != nil:
		return s.histogram.percentile(e.Percentile, e.Threshold, s.total.count), enough
	}
	switch e.Signal {
	case SignalErrorRate:
		return sum / count, enough
	case SignalLatency, SignalFirstChunk:
		return sum / count / 1e9, enough
	case SignalSpend:
		return metrics.USD(s.total.sum).Float64(), enough
	case SignalTokenRate:
		return sum / e.Window.Minutes(), enough
	}
	return sum, enough
}

// update sends an alert if the series begins or ceases to fire. needsSweep is that of
// observe.
func (e *evaluator) update(s *series, now time.Duration) (needsSweep bool) {
	value, enough := e.value(s)
	holds := enough && value > e.Threshold
	if holds == s.firing {
		s.pending = false
		return s.firing
	}
	if holds {
		if !s.pending {
			s.since = now
		}
		s.pending = now-s.lastFired < e.cooldown
		if s.pending {
			return true
		}
		s.lastFired = now
	}
	s.firing = holds
	a := Alert{
		Rule: e.Name, Signal: e.Signal, Resolved: !holds, Value: value, Threshold: e.Threshold,
		Time: e.start.Add(now), Since: e.start.Add(s.since),
	}
	switch e.Scope {
	case ByModel:
		a.Model = s.name
	case ByWorkflow:
		a.Workflow = s.name
	}
	e.put(a)
	return s.firing
}
