// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"errors"
	"fmt"
	"math"
	"time"
)

const (
	// defaultWindow is the window of DefaultRules.
	defaultWindow = 5 * time.Minute
	// maxLast bounds the memory of a rule.
	maxLast = 1000
)

// Rule is a condition: the signal is above the threshold.
type Rule struct {
	// Name identifies the rule in its alerts. A [Monitor] has one rule of a name.
	Name   string
	Signal Signal
	Scope  Scope
	// Threshold is in the signal's unit. A value equal to it is not above it.
	Threshold float64
	// Window is the length of the sliding window, which moves in steps of a sixtieth.
	// Zero means the window of [WithWindow].
	Window time.Duration
	// MinCount is the number of operations in the window that must be exceeded before
	// the rule can begin to hold. A rule that holds ends by its value, or when the
	// window is empty.
	MinCount int
	// Last, for the signals in seconds, evaluates the mean of the last operations, this
	// many, however old they are. The window then only resolves an alert after no
	// operation for so long. At most 1000.
	Last int
	// Percentile, for the signals in seconds, evaluates a percentile instead of the
	// mean: with 0.95 the rule holds if more than 5 % of the operations are above the
	// threshold. That is exact. An alert's value may be up to 9 % too high, and lies
	// between a fifteenth and fifteen times the threshold.
	Percentile float64
}

// DefaultRules returns the rules of a [Monitor] without options. The Prometheus rules
// in docs/alerts are the same.
func DefaultRules() []Rule {
	return []Rule{
		{Name: "error_rate", Signal: SignalErrorRate, Threshold: 0.1, MinCount: 10},
		{Name: "mean_latency", Signal: SignalLatency, Threshold: 5, Last: 10},
		{Name: "spend", Signal: SignalSpend, Threshold: 100},
	}
}

// check returns what is wrong with a rule. A threshold of infinity is valid: it turns
// a rule off.
func (r *Rule) check() error {
	var problem string
	switch {
	case r.Name == "":
		return errors.New("alert: a rule has no name")
	case r.Signal.Unit() == "":
		problem = fmt.Sprintf("there is no signal %q", r.Signal)
	case r.Scope != Overall && r.Scope != ByModel && r.Scope != ByWorkflow:
		problem = fmt.Sprintf("there is no scope %q", r.Scope)
	case r.Signal == SignalEmptyRetrievals && r.Scope == ByModel:
		problem = "a retrieval has no model"
	case math.IsNaN(r.Threshold) || r.Threshold < 0:
		problem = "the threshold must not be negative"
	case r.Window < 0 || r.MinCount < 0:
		problem = "window and minimal count must not be negative"
	case r.Last < 0 || r.Last > maxLast:
		problem = fmt.Sprintf("it can look back on up to %d operations", maxLast)
	case !(r.Percentile >= 0 && r.Percentile < 1):
		problem = "the percentile must be between 0 and 1, as 0.95"
	case (r.Last != 0 || r.Percentile != 0) && !r.Signal.inSeconds():
		problem = "only signals in seconds have a percentile or a mean of the last operations"
	case r.Last != 0 && r.Percentile != 0:
		problem = "it can be for a percentile or for the last operations"
	case r.Percentile != 0 && r.Threshold == 0:
		problem = "a percentile needs a threshold above 0"
	default:
		return nil
	}
	return fmt.Errorf("alert: rule %q: %s", r.Name, problem)
}
