// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/metrics"
)

// Signal is what a [Rule] measures.
type Signal string

// The signals. All but the last count calls of chat models; spend and token rate also
// count embeddings.
const (
	// SignalErrorRate is the share of calls that failed, from 0 to 1. Calls that the
	// program canceled count as failed.
	SignalErrorRate Signal = "error_rate"
	// SignalLatency is the duration of calls in seconds, also of failed ones.
	SignalLatency Signal = "latency"
	// SignalFirstChunk is the time to the first chunk of streamed answers, in seconds.
	SignalFirstChunk Signal = "time_to_first_chunk"
	// SignalSpend is the cost in US dollars. Calls without a price add nothing.
	SignalSpend Signal = "spend"
	// SignalTokenRate is the number of input and output tokens per minute.
	SignalTokenRate Signal = "token_rate"
	// SignalEmptyRetrievals is the number of retrievals, and of searches that are not
	// part of one, that found nothing.
	SignalEmptyRetrievals Signal = "empty_retrievals"
)

var units = map[Signal]string{
	SignalErrorRate: "1", SignalLatency: "s", SignalFirstChunk: "s", SignalSpend: "USD",
	SignalTokenRate: "{token}/min", SignalEmptyRetrievals: "{retrieval}",
}

// Unit is the unit of values and thresholds: "1" for a ratio, "s", "USD",
// "{token}/min" or "{retrieval}"; "" if there is no such signal.
func (s Signal) Unit() string { return units[s] }

func (s Signal) inSeconds() bool { return s.Unit() == "s" }

// value is what the operation adds to the signal: nanoseconds, 1e-12 USD, or a count.
// ok is false if the signal does not count the operation.
func (s Signal) value(m *metrics.Measurement, cost metrics.USD) (v int64, ok bool) {
	chat := m.Name == semconv.OperationChat
	hasTokens := chat || m.Name == semconv.OperationEmbeddings
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
		return int64(cost), hasTokens
	case SignalTokenRate:
		return int64(max(0, m.Usage.Input)) + int64(max(0, m.Usage.Output)), hasTokens
	case SignalEmptyRetrievals:
		return 1, m.Empty
	}
	return 0, false
}

// Scope is the set of operations that a [Rule] evaluates together.
type Scope string

// The scopes. ByModel and ByWorkflow ignore operations without a model or workflow.
const (
	// Overall evaluates all operations together.
	Overall Scope = ""
	// ByModel evaluates each requested model separately.
	ByModel Scope = "model"
	// ByWorkflow evaluates each workflow separately.
	ByWorkflow Scope = "workflow"
)

// name is the model or workflow of the operation. ok is false if the scope does not
// include the operation.
func (s Scope) name(m *metrics.Measurement) (name string, ok bool) {
	switch s {
	case ByModel:
		return m.Model, m.Model != ""
	case ByWorkflow:
		return m.Workflow, m.Workflow != ""
	}
	return "", true
}
