// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/spanloom/spanloom/internal/semconv"
)

// Operation identifies what was measured. Its fields become metric attributes;
// empty ones are left out.
type Operation struct {
	// Name is gen_ai.operation.name; empty for vector-store operations.
	Name string
	// Provider, Model and ResponseModel describe model and embedding calls.
	Provider, Model, ResponseModel string
	ServerAddress                  string
	ServerPort                     int
	// Entity is the name of the workflow, agent or tool, or of what is retrieved
	// from.
	Entity string
	// DBSystem, DBOperation and DBCollection describe vector-store operations.
	DBSystem, DBOperation, DBCollection string
	// ErrorType is error.type; empty on success.
	ErrorType string
}

// Measurement is one finished operation.
type Measurement struct {
	Operation
	Duration time.Duration
	Usage    Usage
	// TimeToFirstChunk is the latency of a streamed answer; zero without one.
	TimeToFirstChunk time.Duration
	// InferenceCalls and ToolCalls are counts of an agent run.
	InferenceCalls, ToolCalls int
	// Empty says that a retrieval or a search succeeded and found nothing.
	Empty bool
}

// Recorder holds the instruments. It is safe for concurrent use, and a nil
// *Recorder records nothing.
type Recorder struct {
	prices  *Prices
	monitor *Monitor
	labels  labelCache

	tokens, inferenceCalls, agentToolCalls    metric.Int64Histogram
	operation, workflow, agent, tool, dbQuery metric.Float64Histogram
	firstChunk, outputChunk                   metric.Float64Histogram
	cost                                      metric.Float64Counter
	empty                                     metric.Int64Counter
}

// NewRecorder creates the instruments on mp; a nil mp means none are exported
// and only prices and monitor work. The Recorder is usable even when the error
// is not nil: what could not be created is not recorded. Errors come from the
// meter provider, or name a bucket list of WithBuckets whose boundaries are
// missing, not finite or do not increase, or whose instrument does not exist.
func NewRecorder(mp metric.MeterProvider, opts ...Option) (*Recorder, error) {
	if mp == nil {
		mp = noop.NewMeterProvider()
	}
	cfg := newConfig(opts)
	r := &Recorder{prices: cfg.prices, monitor: cfg.monitor}
	m := mp.Meter(semconv.ScopeName, metric.WithSchemaURL(semconv.SchemaURL))

	err := checkBuckets(cfg.buckets)
	buckets := func(d semconv.Metric) []float64 {
		if b, ok := cfg.buckets[d.Name]; ok && increasing(b) {
			return b
		}
		return d.Buckets
	}
	seconds := func(d semconv.Metric) metric.Float64Histogram {
		h, e := m.Float64Histogram(d.Name, metric.WithUnit(d.Unit), metric.WithDescription(d.Description),
			metric.WithExplicitBucketBoundaries(buckets(d)...))
		err = errors.Join(err, e)
		return h
	}
	counts := func(d semconv.Metric) metric.Int64Histogram {
		h, e := m.Int64Histogram(d.Name, metric.WithUnit(d.Unit), metric.WithDescription(d.Description),
			metric.WithExplicitBucketBoundaries(buckets(d)...))
		err = errors.Join(err, e)
		return h
	}
	r.tokens = counts(semconv.TokenUsage)
	r.inferenceCalls = counts(semconv.AgentInferenceCalls)
	r.agentToolCalls = counts(semconv.AgentToolCallCount)
	r.operation = seconds(semconv.OperationDuration)
	r.firstChunk = seconds(semconv.FirstChunk)
	r.outputChunk = seconds(semconv.OutputChunk)
	r.workflow = seconds(semconv.WorkflowDuration)
	r.agent = seconds(semconv.AgentDuration)
	r.tool = seconds(semconv.ToolDuration)
	r.dbQuery = seconds(semconv.DBOperationDuration)
	var e error
	r.empty, e = m.Int64Counter(semconv.EmptyRetrievals.Name, metric.WithUnit(semconv.EmptyRetrievals.Unit),
		metric.WithDescription(semconv.EmptyRetrievals.Description))
	err = errors.Join(err, e)
	if cfg.prices != nil {
		r.cost, e = m.Float64Counter(semconv.Cost.Name, metric.WithUnit(semconv.Cost.Unit),
			metric.WithDescription(semconv.Cost.Description))
		err = errors.Join(err, e)
	}
	return r, err
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
	return r.empty != nil && r.empty.Enabled(ctx) || r.cost != nil && r.cost.Enabled(ctx)
}

// Record records one finished operation; failed ones too, with ErrorType set.
// Token counts of zero are unknown and leave no point.
func (r *Recorder) Record(ctx context.Context, m Measurement) {
	if r == nil {
		return
	}
	l := r.labels.get(m.Operation)
	seconds := m.Duration.Seconds()
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
		if pico, ok := r.price(m); ok && r.cost != nil {
			r.cost.Add(ctx, float64(pico)/picoUSD, l.add...)
		}
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
	if m.Empty && r.empty != nil {
		r.empty.Add(ctx, 1, l.add...)
	}
	r.monitor.observe(m, r)
}

// RecordChunk records the time between two chunks of a streamed answer, while it
// streams.
func (r *Recorder) RecordChunk(ctx context.Context, op Operation, gap time.Duration) {
	if r != nil {
		record(ctx, r.outputChunk, gap.Seconds(), r.labels.get(op).plain)
	}
}

// Cost prices a call, by the response model if it has a price of its own, else
// by the requested one. ok is false without a price or without usage.
func (r *Recorder) Cost(op Operation, u Usage) (usd float64, ok bool) {
	if r == nil {
		return 0, false
	}
	pico, ok := r.price(Measurement{Operation: op, Usage: u})
	return float64(pico) / picoUSD, ok
}

func (r *Recorder) price(m Measurement) (int64, bool) {
	if r.prices == nil {
		return 0, false
	}
	if m.ResponseModel != "" {
		if c, ok := r.prices.pico(m.Provider, m.ResponseModel, m.Usage); ok {
			return c, true
		}
	}
	return r.prices.pico(m.Provider, m.Model, m.Usage)
}

type histogram[N int64 | float64] interface {
	Record(ctx context.Context, incr N, options ...metric.RecordOption)
}

// record skips instruments a failing meter provider did not create.
func record[N int64 | float64](ctx context.Context, h histogram[N], v N, labels []metric.RecordOption) {
	if h != nil {
		h.Record(ctx, v, labels...)
	}
}

func checkBuckets(custom map[string][]float64) error {
	var err error
	for _, name := range slices.Sorted(maps.Keys(custom)) {
		b := custom[name]
		known := false
		for _, d := range semconv.Metrics() {
			known = known || d.Name == name && d.Buckets != nil
		}
		if !known {
			err = errors.Join(err, fmt.Errorf("metrics: WithBuckets: there is no histogram %q; see docs/telemetry.md for the names", name))
		} else if !increasing(b) {
			err = errors.Join(err, fmt.Errorf("metrics: WithBuckets: %q needs finite boundaries that increase, got %v; the convention's are used", name, b))
		}
	}
	return err
}

func increasing(b []float64) bool {
	for i := range b {
		if math.IsNaN(b[i]) || math.IsInf(b[i], 0) || i > 0 && b[i] <= b[i-1] {
			return false
		}
	}
	return len(b) > 0
}
