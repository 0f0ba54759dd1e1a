// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"context"
	"maps"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/spanloom/spanloom/internal/testenv"
	"github.com/spanloom/spanloom/metrics"
)

// The boundaries of the convention, copied by hand from its pages.
var (
	durations = []float64{0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92}
	tokens    = []float64{1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864}
	workflows = []float64{1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200}
	agents    = []float64{0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6}
	calls     = []float64{1, 2, 4, 8, 16, 32, 64, 128}
	databases = []float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10}
)

// steps are ours, of workflows, tasks, agents and tools.
var steps = []float64{
	0.0005, 0.00075, 0.001, 0.0015, 0.0022, 0.0033, 0.005, 0.0075, 0.01, 0.015, 0.022, 0.033, 0.05, 0.075,
	0.1, 0.15, 0.22, 0.33, 0.5, 0.75, 1, 1.5, 2.2, 3.3, 5, 7.5, 10, 15, 22, 33, 50, 75,
	100, 150, 220, 330, 500, 750, 1000, 1500, 2200, 3600,
}

var (
	chat = metrics.Operation{
		Name: "chat", Provider: "openai", Model: "gpt-4o", ResponseModel: "gpt-4o-2024", ServerAddress: "api.openai.com", ServerPort: 443,
	}
	everyKind = []metrics.Measurement{
		{Operation: chat, Duration: 2 * time.Second, Usage: metrics.Usage{Input: 100, Output: 20}},
		{Operation: metrics.Operation{Name: "embeddings", Provider: "openai", Model: "e"}, Duration: time.Second, Usage: metrics.Usage{Input: 7}},
		{Operation: metrics.Operation{Name: "retrieval", Entity: "ignored"}, Duration: time.Second, HasScore: true, BestScore: 0.75},
		{Operation: metrics.Operation{Name: "invoke_workflow", Entity: "answer"}, Duration: time.Minute},
		{Operation: metrics.Operation{Name: "invoke_agent", Entity: "clerk"}, Duration: time.Second, InferenceCalls: 3, ToolCalls: 2},
		{Operation: metrics.Operation{Name: "execute_tool", Entity: "calculator"}, Duration: time.Millisecond},
		{Operation: metrics.Operation{DBSystem: "qdrant", DBOperation: "search", DBCollection: "docs"}, Duration: time.Millisecond},
		{Operation: metrics.Operation{Entity: "step"}, Duration: time.Second},
	}
)

func TestInstruments(t *testing.T) {
	testenv.CaptureLog(t)
	prices, err := metrics.NewPrices(metrics.Price{Model: "gpt-4o", Input: 10, Output: 20})
	require.NoError(t, err)
	r, read := newRecorder(t, metrics.WithPrices(prices), metrics.WithTutorialMetrics(), nil)
	for _, m := range everyKind {
		r.Record(t.Context(), m)
	}
	got := read()
	tests := []struct {
		name, unit string
		bounds     []float64
		sums       float64
	}{
		{"gen_ai.client.token.usage", "{token}", tokens, 127},
		{"gen_ai.client.operation.duration", "s", durations, 4},
		{"gen_ai.invoke_workflow.duration", "s", steps, 60},
		{"gen_ai.invoke_agent.duration", "s", steps, 1},
		{"gen_ai.invoke_agent.inference_calls", "{inference_call}", calls, 3},
		{"gen_ai.invoke_agent.tool_calls", "{tool_call}", calls, 2},
		{"gen_ai.execute_tool.duration", "s", steps, 0.001},
		{"spanloom.task.duration", "s", steps, 1},
		{"db.client.operation.duration", "s", databases, 0.001},
		{"spanloom.retrieval.best_score", "1", []float64{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1}, 0.75},
		{"gen_ai.usage.cost", "USD", nil, 0.0014},
		{"spanloom.cost.unpriced", "{call}", nil, 1},
		{"llm_requests_total", "{request}", nil, 1},
		{"llm_response_time", "s", durations, 2},
		{"llm_tokens_used", "{token}", nil, 120},
	}
	assert.Len(t, got, len(tests))
	for _, tt := range tests {
		m := got[tt.name]
		assert.Equal(t, tt.unit, m.Unit, tt.name)
		assert.NotEmpty(t, m.Description, tt.name)
		ps := points(t, m)
		require.NotEmpty(t, ps, tt.name)
		sum := 0.0
		for _, p := range ps {
			assert.Equal(t, tt.bounds, p.bounds, "%s: the SDK's own boundaries put every call into one bucket", tt.name)
			sum += p.sum
		}
		assert.InDelta(t, tt.sums, sum, 1e-12, tt.name)
	}
}

func TestMetricAttributes(t *testing.T) {
	type labels = map[attribute.Key]any
	model := labels{
		"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
		"gen_ai.response.model": "gpt-4o-2024", "server.address": "api.openai.com", "server.port": int64(443),
	}
	with := func(base labels, k attribute.Key, v any) labels {
		out := labels{k: v}
		maps.Copy(out, base)
		return out
	}
	failed := chat
	failed.ErrorType = "timeout"
	agent := metrics.Operation{Name: "invoke_agent", Entity: "clerk", ErrorType: "canceled", Provider: "none of its own", Model: "m"}
	usage := metrics.Usage{Input: 10, Output: 20}
	tests := []struct {
		name, metric, reason string
		in                   metrics.Measurement
		want                 []labels
	}{
		{"chat", "gen_ai.client.operation.duration", "", metrics.Measurement{Operation: chat}, []labels{model}},
		{"failed chat", "gen_ai.client.operation.duration", "errors take time, too", metrics.Measurement{Operation: failed}, []labels{with(model, "error.type", "timeout")}},
		{
			"tokens", "gen_ai.client.token.usage", "input and output are one metric",
			metrics.Measurement{Operation: chat, Usage: usage},
			[]labels{with(model, "gen_ai.token.type", "input"), with(model, "gen_ai.token.type", "output")},
		},
		{
			"tokens of a failed chat", "gen_ai.client.token.usage", "the convention has no error.type there",
			metrics.Measurement{Operation: failed, Usage: usage},
			[]labels{with(model, "gen_ai.token.type", "input"), with(model, "gen_ai.token.type", "output")},
		},
		{"only input", "gen_ai.client.token.usage", "zero is unknown", metrics.Measurement{Operation: chat, Usage: metrics.Usage{Input: 10}}, []labels{with(model, "gen_ai.token.type", "input")}},
		{"no usage", "gen_ai.client.token.usage", "zero is unknown", metrics.Measurement{Operation: chat}, nil},
		{"negative usage", "gen_ai.client.token.usage", "a sum must not shrink", metrics.Measurement{Operation: chat, Usage: metrics.Usage{Input: -10, Output: -1}}, nil},
		{"agent's sum", "gen_ai.client.token.usage", "its calls have been counted", metrics.Measurement{Operation: metrics.Operation{Name: "invoke_agent"}, Usage: usage}, nil},
		{"workflow", "gen_ai.invoke_workflow.duration", "", metrics.Measurement{Operation: metrics.Operation{Name: "invoke_workflow", Entity: "answer"}}, []labels{{"gen_ai.workflow.name": "answer"}}},
		{"agent", "gen_ai.invoke_agent.duration", "only its name", metrics.Measurement{Operation: agent}, []labels{{"gen_ai.agent.name": "clerk", "error.type": "canceled"}}},
		{"tool", "gen_ai.execute_tool.duration", "", metrics.Measurement{Operation: metrics.Operation{Name: "execute_tool", Entity: "calculator"}}, []labels{{"gen_ai.tool.name": "calculator"}}},
		{
			"tool of an agent", "gen_ai.execute_tool.duration", "",
			metrics.Measurement{Operation: metrics.Operation{Name: "execute_tool", Entity: "calculator", Agent: "helper", ToolType: "function"}},
			[]labels{{"gen_ai.tool.name": "calculator", "gen_ai.agent.name": "helper", "gen_ai.tool.type": "function"}},
		},
		{
			"vector store", "db.client.operation.duration", "it has no operation name of gen_ai", everyKind[6],
			[]labels{{"db.system.name": "qdrant", "db.operation.name": "search", "db.collection.name": "docs"}},
		},
		{
			"the program's own", "gen_ai.client.operation.duration", "the convention's win over them",
			metrics.Measurement{Operation: failed, Attributes: []attribute.KeyValue{
				attribute.String("plan", "gold"), attribute.String("gen_ai.request.model", "canary"), attribute.String("error.type", "canary"),
			}},
			[]labels{with(with(model, "error.type", "timeout"), "plan", "gold")},
		},
		{
			"score", "spanloom.retrieval.best_score", "of which source",
			metrics.Measurement{Operation: metrics.Operation{Name: "retrieval", Entity: "docs"}, HasScore: true},
			[]labels{{"gen_ai.operation.name": "retrieval", "gen_ai.data_source.id": "docs"}},
		},
		{"task", "spanloom.task.duration", "", metrics.Measurement{Operation: metrics.Operation{Entity: "step", ErrorType: "timeout"}, Workflow: "answer"}, []labels{{"traceloop.entity.name": "step", "error.type": "timeout"}}},
		{"cost", "gen_ai.usage.cost", "", metrics.Measurement{Operation: failed, Usage: usage}, []labels{model}},
		{
			"cost in a workflow", "gen_ai.usage.cost", "who spends the money is the first question",
			metrics.Measurement{Operation: failed, Usage: usage, Workflow: "answer"},
			[]labels{with(model, "gen_ai.workflow.name", "answer")},
		},
		{
			"cost with a label of the program's", "gen_ai.usage.cost", "the convention's win over them",
			metrics.Measurement{Operation: chat, Usage: usage, Workflow: "answer", Attributes: []attribute.KeyValue{
				attribute.String("plan", "gold"), attribute.String("gen_ai.workflow.name", "canary"),
			}},
			[]labels{with(with(model, "gen_ai.workflow.name", "answer"), "plan", "gold")},
		},
		{
			"duration in a workflow", "gen_ai.client.operation.duration", "it would multiply the series of buckets",
			metrics.Measurement{Operation: chat, Workflow: "answer"},
			[]labels{model},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, read := newRecorder(t)
			r.Record(t.Context(), tt.in)
			var got []labels
			for _, p := range points(t, read()[tt.metric]) {
				got = append(got, p.attrs)
			}
			assert.ElementsMatch(t, tt.want, got, "reason: %s", tt.reason)
		})
	}
}

func TestCostByResponseModelFirst(t *testing.T) {
	prices, err := metrics.NewPrices(metrics.Price{Model: "gpt-4o", Input: 1}, metrics.Price{Model: "gpt-4o-2024", Input: 2})
	require.NoError(t, err)
	r, read := newRecorder(t, metrics.WithPrices(prices))
	usage := metrics.Usage{Input: 1_000_000}
	unlisted := chat
	unlisted.ResponseModel = "gpt-4o-mystery"
	tests := []struct {
		reason string
		op     metrics.Operation
		want   float64
	}{
		{"the model that answered is the one that is billed", chat, 2},
		{"the requested one stands in for it", unlisted, 1},
	}
	for _, tt := range tests {
		usd, ok := r.Amount(tt.op, usage)
		require.True(t, ok, "reason: %s", tt.reason)
		assert.InDelta(t, tt.want, usd.Float64(), 0, "reason: %s", tt.reason)
		r.Record(t.Context(), metrics.Measurement{Operation: tt.op, Usage: usage})
	}
	sum := 0.0
	for _, p := range points(t, read()["gen_ai.usage.cost"]) {
		assert.NotContains(t, p.attrs, attribute.Key("error.type"))
		sum += p.sum
	}
	assert.InDelta(t, 3, sum, 0, "span and metric must agree")
	_, ok := r.Amount(chat, metrics.Usage{})
	assert.False(t, ok)
}

func TestNilRecorderAndNilProvider(t *testing.T) {
	var none *metrics.Recorder
	assert.NotPanics(t, func() { none.Record(t.Context(), everyKind[0]) })
	_, ok := none.Amount(chat, metrics.Usage{Input: 1})
	assert.False(t, ok)

	prices, err := metrics.NewPrices(metrics.Price{Model: "gpt-4o", Input: 1})
	require.NoError(t, err)
	testenv.CaptureLog(t)
	r, err := metrics.NewRecorder(nil, metrics.WithPrices(prices))
	require.NoError(t, err)
	for _, m := range everyKind {
		r.Record(t.Context(), m)
	}
	_, ok = r.Amount(chat, metrics.Usage{Input: 1})
	assert.True(t, ok, "prices work without a meter")
}

func TestWithBuckets(t *testing.T) {
	const name = "gen_ai.client.operation.duration"
	tests := []struct {
		reason, instrument, err string
		boundaries, want        []float64
	}{
		{"replaced", name, "", []float64{0.5, 5}, []float64{0.5, 5}},
		{"another one is untouched", "gen_ai.execute_tool.duration", "", []float64{0.5, 5}, durations},
		{"not increasing", name, "increase", []float64{5, 0.5}, durations},
		{"equal", name, "increase", []float64{1, 1}, durations},
		{"none: the SDK would take its own", name, "increase", nil, durations},
		{"NaN, alone", name, "finite", []float64{math.NaN()}, durations},
		{"infinite: the last bucket has no bound anyway", name, "finite", []float64{1, math.Inf(1)}, durations},
		{"misspelt", "gen_ai.duration", `no histogram "gen_ai.duration"`, []float64{1}, durations},
		{"a counter has no buckets", "gen_ai.usage.cost", "no histogram", []float64{1}, durations},
	}
	for _, tt := range tests {
		t.Run(tt.reason, func(t *testing.T) {
			reader := sdkmetric.NewManualReader()
			in := append([]float64(nil), tt.boundaries...)
			r, err := metrics.NewRecorder(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)), metrics.WithBuckets(tt.instrument, in...))
			if tt.err == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tt.err)
				assert.ErrorContains(t, err, tt.instrument)
			}
			clear(in) // the option must have copied it
			r.Record(t.Context(), everyKind[0])
			ps := points(t, collect(t, reader)[name])
			require.Len(t, ps, 1, "the Recorder works in spite of the error")
			assert.Equal(t, tt.want, ps[0].bounds)
		})
	}
}

func TestFailingMeterProvider(t *testing.T) {
	testenv.CaptureLog(t)
	prices, err := metrics.NewPrices(metrics.Price{Model: "gpt-4o", Input: 1})
	require.NoError(t, err)
	r, err := metrics.NewRecorder(failingProvider{}, metrics.WithPrices(prices), metrics.WithTutorialMetrics())
	require.ErrorIs(t, err, errMeter)
	assert.NotPanics(t, func() {
		for _, m := range everyKind {
			m.Empty = true
			r.Record(t.Context(), m)
		}
	})
	assert.False(t, r.Enabled(t.Context()))
}

func TestRecordIsConcurrentSafe(t *testing.T) {
	const workers, each = 8, 100
	r, read := newRecorder(t, metrics.WithPrices(nil))
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range each {
				r.Record(context.Background(), everyKind[i%len(everyKind)])
			}
		})
	}
	wg.Wait()
	var total uint64
	for name, m := range read() {
		if name == "gen_ai.client.token.usage" || name == "spanloom.retrieval.best_score" || name == "gen_ai.invoke_agent.inference_calls" || name == "gen_ai.invoke_agent.tool_calls" {
			continue
		}
		for _, p := range points(t, m) {
			total += p.count
		}
	}
	assert.Equal(t, uint64(workers*each), total)
}

func TestRecordAllocations(t *testing.T) {
	if testenv.Race {
		t.Skip("the race detector allocates on its own account")
	}
	testenv.CaptureLog(t)
	tests := []struct {
		reason   string
		provider metric.MeterProvider
	}{
		{"no provider", nil},
		{"no-op provider", noop.NewMeterProvider()},
		{"SDK, after warm-up", sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))},
	}
	for _, tt := range tests {
		r, err := metrics.NewRecorder(tt.provider, metrics.WithObserver(&adder{}), metrics.WithPrices(metrics.DefaultPrices()), metrics.WithTutorialMetrics())
		require.NoError(t, err)
		for _, m := range everyKind {
			m.Workflow = "answer"
			r.Record(t.Context(), m)
			allocs := testing.AllocsPerRun(200, func() { r.Record(context.Background(), m) })
			assert.Zero(t, allocs, "%s, %s%s: the labels are built once", tt.reason, m.Name, m.DBOperation)
		}
	}
}
