// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/spanloom/spanloom/internal/semconv"
)

// Signal is what a [Rule] judges.
type Signal string

// The signals. Calls of chat models count; spend and token rate are of
// embeddings as well.
const (
	// SignalErrorRate is the share of calls that failed, from 0 to 1. A call that
	// the program itself cancelled is among them.
	SignalErrorRate Signal = "error_rate"
	// SignalLatency is the duration of calls in seconds, of failed ones as well.
	SignalLatency Signal = "latency"
	// SignalFirstChunk is the time to the first chunk of streamed answers, in seconds.
	SignalFirstChunk Signal = "time_to_first_chunk"
	// SignalSpend is the cost in US dollars; calls without a price add nothing.
	SignalSpend Signal = "spend"
	// SignalTokenRate is the number of input and output tokens per minute.
	SignalTokenRate Signal = "token_rate"
	// SignalEmptyRetrievals is the number of retrievals, and of searches outside of
	// one, that found nothing.
	SignalEmptyRetrievals Signal = "empty_retrievals"
)

// Unit is that of values and thresholds: "1" for a ratio, "s", "USD",
// "{token}/min" or "{retrieval}".
func (s Signal) Unit() string {
	switch s {
	case SignalLatency, SignalFirstChunk:
		return "s"
	case SignalSpend:
		return "USD"
	case SignalTokenRate:
		return "{token}/min"
	case SignalEmptyRetrievals:
		return "{retrieval}"
	}
	return "1"
}

func (s Signal) timed() bool { return s == SignalLatency || s == SignalFirstChunk }

// of is what the operation adds to the signal, in nanoseconds, 1e-12 USD or
// pieces. ok is false if it does not belong to it.
func (s Signal) of(m *Measurement, cost USD) (v int64, ok bool) {
	chat := m.Name == semconv.OperationChat
	switch s {
	case SignalErrorRate:
		if m.ErrorType != "" {
			v = 1
		}
		return v, chat
	case SignalLatency:
		return int64(m.Duration), chat
	case SignalFirstChunk:
		return int64(m.TimeToFirstChunk), chat && m.TimeToFirstChunk > 0
	case SignalSpend:
		return int64(cost), chat || m.Name == semconv.OperationEmbeddings
	case SignalTokenRate:
		return int64(max(0, m.Usage.Input)) + int64(max(0, m.Usage.Output)), chat || m.Name == semconv.OperationEmbeddings
	case SignalEmptyRetrievals:
		return 1, m.Empty
	}
	return 0, false
}

// Scope says what a [Rule] is judged for.
type Scope string

// The scopes. An operation without a model or a workflow is in none of that scope.
const (
	// Overall judges all calls together.
	Overall Scope = ""
	// ByModel judges each requested model by itself.
	ByModel Scope = "model"
	// ByWorkflow judges the calls of each workflow by themselves.
	ByWorkflow Scope = "workflow"
)

func (s Scope) of(m *Measurement) (name string, ok bool) {
	switch s {
	case ByModel:
		return m.Model, m.Model != ""
	case ByWorkflow:
		return m.Workflow, m.Workflow != ""
	}
	return "", true
}

// Rule is a condition that a [Monitor] watches: that the signal is above the
// threshold.
type Rule struct {
	// Name tells the rule from the others, and stands in its alerts.
	Name   string
	Signal Signal
	Scope  Scope
	// Threshold is in the signal's unit. A value equal to it is not above it.
	Threshold float64
	// Window is the time that is looked back on, to a sixtieth of it. Zero means
	// that of [WithWindow].
	Window time.Duration
	// MinCount is the number of operations in the window that is too few to begin
	// an alert; it ends by the value, or when the window is empty.
	MinCount int
	// Last, for the signals in seconds, judges the mean of the last so many
	// operations, however long ago they were; of the window that is left is that
	// the alert resolves when nothing has been called for so long. At most 1000.
	Last int
	// Percentile, for the signals in seconds, judges that percentile instead of
	// the mean: 0.95 says that more than 5 % of the operations are above the
	// threshold. That is exact; the value an alert gives may be 9 % too high, and is
	// within a fifteenth and fifteen times the threshold.
	Percentile float64
}

// DefaultRules returns the rules of a [Monitor] that no option has changed. The
// Prometheus rules in docs/alerts say the same.
func DefaultRules() []Rule {
	return []Rule{
		errorRate(0.1, 10),
		meanLatency(5 * time.Second),
		spend(100),
	}
}

// defaultWindow is that of DefaultRules.
const defaultWindow = 5 * time.Minute

func errorRate(ratio float64, minRequests int) Rule {
	return Rule{Name: "error_rate", Signal: SignalErrorRate, Threshold: ratio, MinCount: minRequests}
}

func meanLatency(d time.Duration) Rule {
	return Rule{Name: "mean_latency", Signal: SignalLatency, Threshold: d.Seconds(), Last: 10}
}

func spend(usd float64) Rule { return Rule{Name: "spend", Signal: SignalSpend, Threshold: usd} }

// maxLast bounds the memory of a rule.
const maxLast = 1000

// check says what is wrong with a rule. A threshold that nothing can be above,
// such as an infinite one, is a way to turn a rule off.
func (r *Rule) check() error {
	var what string
	switch {
	case r.Name == "":
		return errors.New("metrics: a rule has no name")
	case r.Scope != Overall && r.Scope != ByModel && r.Scope != ByWorkflow:
		what = fmt.Sprintf("there is no scope %q", r.Scope)
	case r.Signal == SignalEmptyRetrievals && r.Scope == ByModel:
		what = "a retrieval has no model"
	case math.IsNaN(r.Threshold) || r.Threshold < 0:
		what = "the threshold must not be negative"
	case r.Window < 0 || r.MinCount < 0:
		what = "window and minimal count must not be negative"
	case r.Last < 0 || r.Last > maxLast:
		what = fmt.Sprintf("it can look back on up to %d operations", maxLast)
	case !(r.Percentile >= 0 && r.Percentile < 1):
		what = "the percentile must be between 0 and 1, as 0.95"
	case (r.Last != 0 || r.Percentile != 0) && !r.Signal.timed():
		what = "only signals in seconds have a percentile or a mean of the last operations"
	case r.Last != 0 && r.Percentile != 0:
		what = "it can be for a percentile or for the last operations"
	case r.Percentile != 0 && r.Threshold == 0:
		what = "a percentile needs a threshold above 0"
	}
	switch r.Signal {
	case SignalErrorRate, SignalLatency, SignalFirstChunk, SignalSpend, SignalTokenRate, SignalEmptyRetrievals:
	default:
		what = fmt.Sprintf("there is no signal %q", r.Signal)
	}
	if what != "" {
		return fmt.Errorf("metrics: rule %q: %s", r.Name, what)
	}
	return nil
}
