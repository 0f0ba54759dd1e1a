// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/metrics"
)

// Exact sums: 0.1 and 0.2 are 0.3. The total has a key of its own, since
// backends add gen_ai.usage.cost up over all spans of a trace.
func TestCostsAddUpToTheWorkflow(t *testing.T) {
	prices, err := metrics.NewPrices(metrics.Price{Model: "m", Input: 100_000, Output: 200_000})
	require.NoError(t, err)
	recorder, err := metrics.NewRecorder(nil, metrics.WithPrices(prices))
	require.NoError(t, err)
	r := newRig(t, WithRecorder(recorder))
	ctx, workflow := r.Start(context.Background(), KindWorkflow, "w")
	task, step := r.Start(ctx, KindTask, "t")
	agentCtx, agent := r.Start(task, KindAgent, "a")
	for _, c := range []context.Context{ctx, agentCtx} {
		_, s := r.Start(c, KindChat, "m")
		s.SetUsage(metrics.Usage{Input: 1, Output: 1})
		s.End(nil)
		_, s = r.Start(c, KindChat, "unpriced")
		s.SetUsage(metrics.Usage{Input: 1})
		s.End(nil)
	}
	agent.End(nil)
	step.End(nil)
	workflow.End(nil)
	totals := map[string]float64{}
	for _, s := range r.rec.Spans() {
		if v, ok := spantree.Attribute(s, semconv.CostTotal); ok {
			totals[s.Name()] = v.AsFloat64()
		}
		_, own := spantree.Attribute(s, semconv.UsageCost)
		assert.Equal(t, s.Name() == "chat m", own, s.Name())
	}
	assert.Equal(t, map[string]float64{"invoke_workflow w": 0.6, "invoke_agent a": 0.3}, totals)
	assert.Equal(t, "2", r.attrs("invoke_workflow w")["spanloom.cost.unpriced_calls"], "a sum that lacks something says so")
	assert.Equal(t, "1", r.attrs("invoke_agent a")["spanloom.cost.unpriced_calls"])
	assert.NotContains(t, r.attrs("execute_task t"), "spanloom.cost.unpriced_calls")
}
