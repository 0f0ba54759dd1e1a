// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/spanloom/spanloom/internal/semconv"
)

// Recorder holds the instruments. It is safe for concurrent use, and a nil
// *Recorder records nothing.
type Recorder struct {
	pricing  pricing
	monitor  *Monitor
	tutorial *tutorial
	labels   labelCache

	tokens, inferenceCalls, agentToolCalls    metric.Int64Histogram
	operation, workflow, agent, tool, dbQuery metric.Float64Histogram
	firstChunk, outputChunk                   metric.Float64Histogram
	empty, retries                            metric.Int64Counter
}

// NewRecorder creates the instruments on mp; a nil mp means none are exported
// and only prices and monitor work. The Recorder is usable even when the error
// is not nil: what could not be created is not recorded. Errors come from the
// meter provider, name a bucket list of WithBuckets whose boundaries are
// missing, not finite or do not increase, or whose instrument does not exist, or
// a rule that the Monitor left out.
func NewRecorder(mp metric.MeterProvider, opts ...Option) (*Recorder, error) {
	if mp == nil {
		mp = noop.NewMeterProvider()
	}
	cfg := newConfig(opts)
	m := &maker{
		meter:   mp.Meter(semconv.ScopeName, metric.WithSchemaURL(semconv.SchemaURL)),
		buckets: cfg.buckets,
		err:     errors.Join(checkBuckets(cfg.buckets), cfg.monitor.Err()),
	}
	r := &Recorder{
		monitor:        cfg.monitor,
		tokens:         m.counts(semconv.TokenUsage),
		inferenceCalls: m.counts(semconv.AgentInferenceCalls),
		agentToolCalls: m.counts(semconv.AgentToolCallCount),
		operation:      m.seconds(semconv.OperationDuration),
		firstChunk:     m.seconds(semconv.FirstChunk),
		outputChunk:    m.seconds(semconv.OutputChunk),
		workflow:       m.seconds(semconv.WorkflowDuration),
		agent:          m.seconds(semconv.AgentDuration),
		tool:           m.seconds(semconv.ToolDuration),
		dbQuery:        m.seconds(semconv.DBOperationDuration),
		empty:          m.counter(semconv.EmptyRetrievals),
		retries:        m.counter(semconv.Retries),
	}
	if cfg.prices != nil {
		r.pricing = newPricing(m, cfg.prices)
	}
	if cfg.tutorial {
		r.tutorial = newTutorial(m)
	}
	return r, m.err
}

// Enabled reports whether anything would come of recording: an instrument that
// is read, or a monitor. A program without a meter provider has neither.
func (r *Recorder) Enabled(ctx context.Context) bool {
	if r == nil {
		return false
	}
	if r.monitor != nil {
		return true
	}
	for _, h := range [...]metric.Float64Histogram{r.operation, r.workflow, r.agent, r.tool, r.dbQuery, r.firstChunk, r.outputChunk} {
		if h != nil && h.Enabled(ctx) {
			return true
		}
	}
	for _, h := range [...]metric.Int64Histogram{r.tokens, r.inferenceCalls, r.agentToolCalls} {
		if h != nil && h.Enabled(ctx) {
			return true
		}
	}
	return r.empty != nil && r.empty.Enabled(ctx) || r.retries != nil && r.retries.Enabled(ctx) || r.pricing.enabled(ctx) || r.tutorial.enabled(ctx)
}

// Record records one finished operation; failed ones too, with ErrorType set.
// Token counts of zero are unknown and leave no point.
func (r *Recorder) Record(ctx context.Context, m Measurement) {
	if r == nil {
		return
	}
	l := r.labels.get(m.Operation).beside(m.Attributes)
	seconds := m.Duration.Seconds()
	var cost USD
	switch m.Name {
	case semconv.OperationChat, semconv.OperationEmbeddings, semconv.OperationRetrieval:
		record(ctx, r.operation, seconds, l.duration)
		if m.Usage.Input > 0 {
			record(ctx, r.tokens, int64(m.Usage.Input), l.input)
		}
		if m.Usage.Output > 0 {
			record(ctx, r.tokens, int64(m.Usage.Output), l.output)
		}
		if m.TimeToFirstChunk > 0 {
			record(ctx, r.firstChunk, m.TimeToFirstChunk.Seconds(), l.plain)
		}
		cost = r.pricing.record(ctx, &m, l)
		r.tutorial.record(ctx, &m)
	case semconv.OperationInvokeWorkflow:
		record(ctx, r.workflow, seconds, l.duration)
	case semconv.OperationInvokeAgent:
		record(ctx, r.agent, seconds, l.duration)
		record(ctx, r.inferenceCalls, int64(m.InferenceCalls), l.duration)
		record(ctx, r.agentToolCalls, int64(m.ToolCalls), l.duration)
	case semconv.OperationExecuteTool:
		record(ctx, r.tool, seconds, l.duration)
	default:
		if m.DBOperation != "" {
			record(ctx, r.dbQuery, seconds, l.duration)
		}
	}
	if m.Empty {
		add(ctx, r.empty, 1, l.add)
	}
	r.monitor.observe(&m, cost)
}

// RecordChunk records the time between two chunks of a streamed answer, while it
// streams. attrs are as in [Measurement].Attributes.
func (r *Recorder) RecordChunk(ctx context.Context, op Operation, gap time.Duration, attrs ...attribute.KeyValue) {
	if r != nil {
		record(ctx, r.outputChunk, gap.Seconds(), r.labels.get(op).beside(attrs).plain)
	}
}

// RecordRetry counts a further attempt of a call. attrs are as in
// [Measurement].Attributes.
func (r *Recorder) RecordRetry(ctx context.Context, op Operation, attrs ...attribute.KeyValue) {
	if r != nil {
		add(ctx, r.retries, 1, r.labels.get(op).beside(attrs).add)
	}
}

// Cost prices a call, by the response model if it has a price of its own, else
// by the requested one. ok is false without a price or without usage. See
// [Recorder.Amount] for sums.
func (r *Recorder) Cost(op Operation, u Usage) (usd float64, ok bool) {
	c, ok := r.Amount(op, u)
	return c.Float64(), ok
}

// HasPrices reports whether the Recorder has a list of prices, so that a call that
// Amount knows nothing of is missing in sums.
func (r *Recorder) HasPrices() bool { return r != nil && r.pricing.prices != nil }

// Amount is Cost as an exact amount.
func (r *Recorder) Amount(op Operation, u Usage) (USD, bool) {
	if r == nil {
		return 0, false
	}
	return r.pricing.amount(&op, u)
}
