// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/spanloom/spanloom/metrics"
)

// durationsOf are the histograms of what a program calls its own steps.
var durationsOf = map[string]metrics.Operation{
	"gen_ai.invoke_workflow.duration": {Name: "invoke_workflow", Entity: "answer"},
	"gen_ai.invoke_agent.duration":    {Name: "invoke_agent", Entity: "clerk"},
	"gen_ai.execute_tool.duration":    {Name: "execute_tool", Entity: "calculator"},
	"spanloom.task.duration":          {Entity: "step"},
}

// quantile is what Prometheus' histogram_quantile computes: it interpolates between
// the boundaries of the bucket that the rank falls into.
func quantile(q float64, p metricdata.HistogramDataPoint[float64]) float64 {
	rank, below := q*float64(p.Count), 0.0
	for i, n := range p.BucketCounts {
		if below+float64(n) < rank || n == 0 {
			below += float64(n)
			continue
		}
		if i == len(p.Bounds) {
			return p.Bounds[i-1]
		}
		lower := 0.0
		if i > 0 {
			lower = p.Bounds[i-1]
		}
		return lower + (p.Bounds[i]-lower)*(rank-below)/float64(n)
	}
	return 0
}

func TestPercentilesAreRight(t *testing.T) {
	values := []time.Duration{
		time.Millisecond, 7 * time.Millisecond, 70 * time.Millisecond, 700 * time.Millisecond,
		7 * time.Second, 70 * time.Second,
	}
	for v := 1.03 * float64(time.Millisecond); v < float64(30*time.Minute); v *= 1.1 {
		values = append(values, time.Duration(v))
	}
	for name, op := range durationsOf {
		for _, d := range values {
			r, read := newRecorder(t)
			for range 20 {
				r.Record(t.Context(), metrics.Measurement{Operation: op, Duration: d})
			}
			h, ok := read()[name].Data.(metricdata.Histogram[float64])
			require.True(t, ok, name)
			require.Len(t, h.DataPoints, 1)
			for _, q := range []float64{0.5, 0.95, 0.99} {
				assert.InEpsilon(t, d.Seconds(), quantile(q, h.DataPoints[0]), 0.5, "%s: p%v of twenty runs of %v", name, 100*q, d)
			}
		}
	}
}

// OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION sets such a reader up. The
// boundaries that an instrument recommends must not win over it.
func TestExponentialHistogramsWhereTheReaderAsksForThem(t *testing.T) {
	reader := sdkmetric.NewManualReader(sdkmetric.WithAggregationSelector(func(k sdkmetric.InstrumentKind) sdkmetric.Aggregation {
		if k == sdkmetric.InstrumentKindHistogram {
			return sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: 20}
		}
		return sdkmetric.DefaultAggregationSelector(k)
	}))
	r, err := metrics.NewRecorder(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))
	require.NoError(t, err)
	for name, op := range durationsOf {
		r.Record(t.Context(), metrics.Measurement{Operation: op, Duration: 70 * time.Millisecond})
		h, ok := collect(t, reader)[name].Data.(metricdata.ExponentialHistogram[float64])
		require.True(t, ok, name)
		assert.EqualValues(t, 1, h.DataPoints[0].Count)
	}
}

func TestStrictSemConv(t *testing.T) {
	r, read := newRecorder(t, metrics.WithStrictSemConv(), metrics.WithTutorialMetrics(), metrics.WithPrices(metrics.DefaultPrices()))
	unpriced := chat
	unpriced.Model, unpriced.ResponseModel = "mystery", ""
	for _, m := range append(everyKind,
		metrics.Measurement{Operation: metrics.Operation{Entity: "step"}, Duration: time.Second},
		metrics.Measurement{Operation: unpriced, Usage: metrics.Usage{Input: 1}, Workflow: "answer"},
		metrics.Measurement{Operation: metrics.Operation{Name: "retrieval", Entity: "docs"}, Empty: true, HasScore: true, BestScore: 0.5},
	) {
		r.Record(t.Context(), m)
	}
	r.RecordRetry(t.Context(), chat)
	want := map[string][]float64{
		"gen_ai.client.token.usage":           tokens,
		"gen_ai.client.operation.duration":    durations,
		"gen_ai.invoke_workflow.duration":     workflows,
		"gen_ai.invoke_agent.duration":        agents,
		"gen_ai.invoke_agent.inference_calls": calls,
		"gen_ai.invoke_agent.tool_calls":      calls,
		"gen_ai.execute_tool.duration":        durations,
		"db.client.operation.duration":        databases,
	}
	got := map[string][]float64{}
	for name, m := range read() {
		got[name] = points(t, m)[0].bounds
	}
	assert.Equal(t, want, got)
}
