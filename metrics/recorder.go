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
	pricing   pricing
	observers []Observer
	tutorial  *tutorial
	labels    labelCache

	tokens, inferenceCalls, agentToolCalls    metric.Int64Histogram
	operation, workflow, agent, tool, dbQuery metric.Float64Histogram
	task, bestScore                           metric.Float64Histogram
	firstChunk, outputChunk                   metric.Float64Histogram
	empty, retries                            metric.Int64Counter
	instruments                               []instrument // all of them
}

// NewRecorder creates the instruments on mp. With a nil mp nothing is exported,
// and only prices and observers work.
//
// The Recorder is usable even when the error is not nil: what could not be created
// is not recorded. The error joins those of the meter provider, of the bucket lists
// of [WithBuckets], and of observers, such as a rule that an alert.Monitor left out.
func NewRecorder(mp metric.MeterProvider, opts ...Option) (*Recorder, error) {
	if mp == nil {
		mp = noop.NewMeterProvider()
	}
	cfg := newConfig(opts)
	b := &builder{
		meter:   mp.Meter(semconv.ScopeName, metric.WithInstrumentationVersion(semconv.ScopeVersion()), metric.WithSchemaURL(semconv.SchemaURL)),
		buckets: cfg.buckets,
		strict:  cfg.strict,
		err:     cfg.err,
	}
	for _, o := range cfg.observers {
		b.err = errors.Join(b.err, observerErr(o))
	}
	r := &Recorder{
		observers:      cfg.observers,
		tokens:         b.intHistogram(semconv.TokenUsage),
		inferenceCalls: b.intHistogram(semconv.AgentInferenceCalls),
		agentToolCalls: b.intHistogram(semconv.AgentToolCallCount),
		operation:      b.floatHistogram(semconv.OperationDuration),
		firstChunk:     b.floatHistogram(semconv.FirstChunk),
		outputChunk:    b.floatHistogram(semconv.OutputChunk),
		workflow:       b.floatHistogram(semconv.WorkflowDuration),
		agent:          b.floatHistogram(semconv.AgentDuration),
		tool:           b.floatHistogram(semconv.ToolDuration),
		task:           b.floatHistogram(semconv.TaskDuration),
		bestScore:      b.floatHistogram(semconv.BestScore),
		dbQuery:        b.floatHistogram(semconv.DBOperationDuration),
		empty:          b.intCounter(semconv.EmptyRetrievals),
		retries:        b.intCounter(semconv.Retries),
	}
	r.labels.named.Limit = maxNamed
	r.pricing.init(b, cfg.prices)
	if cfg.tutorial {
		r.tutorial = newTutorial(b)
	}
	r.instruments = b.created
	return r, b.err
}

// Enabled reports whether a measurement would reach anything: an instrument that
// is read, or an observer. A program without a meter provider has neither.
func (r *Recorder) Enabled(ctx context.Context) bool {
	if r == nil {
		return false
	}
	if len(r.observers) > 0 {
		return true
	}
	for _, i := range r.instruments {
		if i.Enabled(ctx) {
			return true
		}
	}
	return false
}

// Record records one finished operation, a failed one with its ErrorType. Token
// counts of zero are unknown and leave no point.
func (r *Recorder) Record(ctx context.Context, m Measurement) {
	if r == nil {
		return
	}
	own := r.labels.get(m.Operation)
	l := own.with(m.Attributes)
	seconds := m.Duration.Seconds()
	var cost USD
	switch m.Name {
	case semconv.OperationChat, semconv.OperationEmbeddings, semconv.OperationRetrieval:
		r.operation.Record(ctx, seconds, l.duration...)
		if m.Usage.Input > 0 {
			r.tokens.Record(ctx, int64(m.Usage.Input), l.input...)
		}
		if m.Usage.Output > 0 {
			r.tokens.Record(ctx, int64(m.Usage.Output), l.output...)
		}
		if m.TimeToFirstChunk > 0 {
			r.firstChunk.Record(ctx, m.TimeToFirstChunk.Seconds(), l.withoutError...)
		}
		cost = r.recordCost(ctx, &m, own)
		r.tutorial.record(ctx, &m, l.tutorial)
	case semconv.OperationInvokeWorkflow:
		r.workflow.Record(ctx, seconds, l.duration...)
	case semconv.OperationInvokeAgent:
		r.agent.Record(ctx, seconds, l.duration...)
		r.inferenceCalls.Record(ctx, int64(m.InferenceCalls), l.duration...)
		r.agentToolCalls.Record(ctx, int64(m.ToolCalls), l.duration...)
	case semconv.OperationExecuteTool:
		r.tool.Record(ctx, seconds, l.duration...)
	default:
		if m.DBOperation != "" {
			r.dbQuery.Record(ctx, seconds, l.duration...)
		} else if m.Entity != "" {
			r.task.Record(ctx, seconds, l.duration...)
		}
	}
	if m.HasScore {
		r.bestScore.Record(ctx, m.BestScore, l.score...)
	}
	if m.Empty {
		r.empty.Add(ctx, 1, l.add...)
	}
	for _, o := range r.observers {
		o.Observe(ctx, m, cost)
	}
}

// RecordChunk records the time between two chunks of a streamed answer, while it
// streams. See [Measurement].Attributes for attrs.
func (r *Recorder) RecordChunk(ctx context.Context, op Operation, gap time.Duration, attrs ...attribute.KeyValue) {
	if r != nil {
		r.outputChunk.Record(ctx, gap.Seconds(), r.labels.get(op).with(attrs).withoutError...)
	}
}

// RecordRetry counts a further attempt of a call. See [Measurement].Attributes for
// attrs.
func (r *Recorder) RecordRetry(ctx context.Context, op Operation, attrs ...attribute.KeyValue) {
	if r != nil {
		r.retries.Add(ctx, 1, r.labels.get(op).with(attrs).add...)
	}
}

// Amount is what a call costs: what u says, else by the price of the response model,
// else of the requested one. ok is false without a price or without usage.
func (r *Recorder) Amount(op Operation, u Usage) (USD, bool) {
	if r == nil || u.IsZero() {
		return 0, false
	}
	return r.pricing.amount(&op, u)
}

// HasPrices reports whether the Recorder has a price list. If it has one, a call that
// Amount has no price for is missing in sums.
func (r *Recorder) HasPrices() bool { return r != nil && r.pricing.prices != nil }
