// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/metrics"
)

// Two libraries of one program have a Handler each, and a trace pipeline of their own.
func TestTwoHandlersDoNotSeeEachOther(t *testing.T) {
	first, second := newRig(t), newRig(t)
	call := func(r *rig, ctx context.Context, inside func(context.Context)) {
		ctx, s := r.Start(ctx, KindChat, "m1")
		inside(ctx)
		s.SetUsage(metrics.Usage{Input: 1000, Output: 100})
		s.End(nil)
	}
	ctx, workflow := first.Start(context.Background(), KindWorkflow, "ask")
	ctx, agent := first.Start(ctx, KindAgent, "helper")
	ctx, other := second.Start(ctx, KindWorkflow, "other")
	call(first, ctx, func(ctx context.Context) {
		call(second, ctx, func(ctx context.Context) {
			_, tool := first.Start(ctx, KindTool, "inside")
			tool.End(nil)
		})
	})
	other.End(nil)
	agent.End(nil)
	workflow.End(nil)
	assert.Equal(t, "invoke_workflow ask\n└─ invoke_agent helper\n   └─ chat m1\n      └─ execute_tool inside\n", first.tree())
	got := first.attrs("invoke_agent helper")
	assert.Equal(t, "1000", got["spanloom.usage.input_tokens"])
	assert.Equal(t, "1", got["spanloom.agent.iterations"])
	assert.Equal(t, "1", got["spanloom.agent.tool_calls"])
	assert.Equal(t, "ask", first.attrs("chat m1")["traceloop.workflow.name"])
	assert.Equal(t, "other", second.attrs("chat m1")["traceloop.workflow.name"])
	assert.Equal(t, "1000", second.attrs("chat m1")["gen_ai.usage.input_tokens"])
	for _, s := range second.rec.Spans() {
		if s.Name() == "chat m1" {
			assert.Equal(t, second.span("invoke_workflow other").SpanContext().SpanID(), s.Parent().SpanID())
		}
	}
}

func TestTwoHandlersByEvents(t *testing.T) {
	first, second := newRig(t), newRig(t)
	require.NoError(t, runChain(context.Background(), inChain(first, func(ctx context.Context) error {
		ctx, other := second.Start(ctx, KindChat, "m1")
		err := ask(ctx, &provider{h: first, script: "SE", res: answer("ok", tokens)})
		assert.Equal(t, "chain", first.Current(ctx).name)
		assert.Same(t, other, second.Current(ctx))
		other.End(nil)
		return err
	})))
	assert.Equal(t, "invoke_workflow chain\n└─ chat\n", first.tree())
	assert.Equal(t, "100", first.attrs("chat")["gen_ai.usage.input_tokens"])
	assert.NotContains(t, second.attrs("chat m1"), "gen_ai.usage.input_tokens", "the event is of the other Handler")
}

// A router or a logger of the user's is a model around a model, and its answer has the
// usage of the answer that it passes on.
func TestAChatInsideAChatCountsOnce(t *testing.T) {
	r := newRig(t)
	usage := metrics.Usage{Input: 1000, Output: 100, CacheRead: 10}
	ctx, agent := r.Start(context.Background(), KindAgent, "helper")
	routerCtx, router := r.Start(ctx, KindChat, "router")
	loggerCtx, logger := r.Start(routerCtx, KindChat, "logger")
	_, failed := r.Start(loggerCtx, KindChat, "first")
	failed.End(errBoom)
	_, asked := r.Start(loggerCtx, KindChat, "second")
	asked.SetUsage(usage)
	asked.End(nil)
	logger.SetUsage(usage)
	logger.End(nil)
	router.SetUsage(usage.Add(metrics.Usage{Input: 5}))
	router.End(nil)
	agent.End(nil)
	assert.Equal(t, "1000", r.attrs("chat second")["gen_ai.usage.input_tokens"])
	assert.NotContains(t, r.attrs("chat logger"), "gen_ai.usage.input_tokens")
	assert.NotContains(t, r.attrs("chat logger"), "gen_ai.usage.cache_read.input_tokens")
	assert.Equal(t, "5", r.attrs("chat router")["gen_ai.usage.input_tokens"], "a request that nothing else has recorded")
	got := r.attrs("invoke_agent helper")
	assert.Equal(t, "1005", got["spanloom.usage.input_tokens"])
	assert.Equal(t, "100", got["spanloom.usage.output_tokens"])
	assert.Equal(t, "2", got["spanloom.agent.iterations"], "two requests were made")
	var sum float64
	for _, p := range r.points("gen_ai.client.token.usage") {
		sum += p.sum
	}
	assert.InDelta(t, 1105, sum, 0)
}
