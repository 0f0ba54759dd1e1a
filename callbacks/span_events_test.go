// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
)

func TestContextWithCurrentHasTheParentOfANewOperation(t *testing.T) {
	r := newRig(t)
	current := func(ctx context.Context) *Span {
		s := r.Current(ctx)
		assert.Same(t, s, SpanFromContext(r.ContextWithCurrent(ctx)))
		return s
	}
	var none context.Context
	assert.Nil(t, r.ContextWithCurrent(none))
	assert.Nil(t, r.Current(none))
	assert.Equal(t, context.Background(), (*Handler)(nil).ContextWithCurrent(context.Background()))
	ctx, s := r.Start(context.Background(), KindWorkflow, "outer")
	assert.Same(t, s, current(ctx))
	assert.Nil(t, current(context.Background()))
	suppressed := ContextWithSuppression(ctx)
	assert.Equal(t, suppressed, r.ContextWithCurrent(suppressed))
	require.NoError(t, runChain(ctx, inChain(r, func(ctx context.Context) error {
		chain := current(ctx)
		assert.Equal(t, "execute_task chain", chain.spanName())
		wctx, inner := r.Start(ctx, KindTask, "inner")
		assert.Same(t, inner, current(wctx))
		assert.Same(t, chain, current(context.Background()), "the goroutine knows")
		inner.End(nil)
		return nil
	})))
	assert.Same(t, s, current(ctx), "the chain has ended")
	s.End(nil)
}

func TestAddEvent(t *testing.T) {
	(*Span)(nil).AddEvent("x")
	r := newRig(t, WithStrictSemConv())
	_, s := r.Start(context.Background(), KindTask, "x")
	s.AddEvent("retry", attribute.String("error.type", "429"), attribute.String("mine", "x"))
	s.End(nil)
	s.AddEvent("late")
	events := r.span("execute_task x").Events()
	require.Len(t, events, 1)
	assert.Equal(t, []attribute.KeyValue{attribute.String("error.type", "429")}, events[0].Attributes)
}

// An executor fires chain events like any other chain; only its first action
// tells what it is.
func TestExecutorKnownByItsActions(t *testing.T) {
	r := newRig(t)
	require.NoError(t, runChain(context.Background(), inChain(r, func(ctx context.Context) error {
		return runChain(ctx, inChain(r, func(ctx context.Context) error {
			err := ask(ctx, &provider{h: r, script: "SE", res: answer("use search", tokens)})
			r.HandleAgentAction(ctx, agentAction)
			simTool{h: r.Handler, fn: func() {}}.Call(ctx)
			simTool{h: r.Handler, fn: func() {}}.Call(ctx)
			return errors.Join(err, ask(ctx, &provider{h: r, script: "SE", res: answer("done", tokens)}))
		}))
	})))
	assert.Equal(t, `invoke_workflow chain
└─ invoke_agent
   ├─ chat
   ├─ execute_tool search
   ├─ execute_tool
   └─ chat
`, r.tree(), "an action names one call")
	got := r.attrs("invoke_agent")
	assert.Equal(t, "200", got["spanloom.usage.input_tokens"])
	assert.Equal(t, "2", got["spanloom.agent.iterations"])
	assert.Equal(t, "2", got["spanloom.agent.tool_calls"])
	assert.NotContains(t, r.attrs("invoke_workflow chain"), "gen_ai.usage.input_tokens")
	assert.Equal(t, "200", r.attrs("invoke_workflow chain")["spanloom.usage.input_tokens"])
	assert.Len(t, r.points("gen_ai.invoke_agent.duration"), 1)
}

// A wrapper around the executor is the innermost operation: the chain outside
// must not be taken for the agent.
func TestWrappedExecutorDoesNotRenameTheChainAround(t *testing.T) {
	r := newRig(t)
	require.NoError(t, runChain(context.Background(), inChain(r, func(ctx context.Context) error {
		ctx, s := r.Start(ctx, KindAgent, "helper")
		r.HandleAgentAction(ctx, agentAction)
		r.HandleAgentFinish(ctx, agentFinish)
		s.End(nil)
		return nil
	})))
	assert.Equal(t, "invoke_workflow chain\n└─ invoke_agent helper\n", r.tree())
}

func TestAddRetry(t *testing.T) {
	r := newRig(t)
	_, s := r.Start(context.Background(), KindChat, "m1")
	s.AddRetry(2, 1500*time.Millisecond, "429")
	s.AddRetry(3, 3*time.Second, "503")
	s.End(nil)
	s.AddRetry(4, 0, "late")
	events := r.span("chat m1").Events()
	require.Len(t, events, 2)
	assert.Equal(t, "retry", events[1].Name)
	assert.Equal(t, []attribute.KeyValue{
		attribute.Int("spanloom.retry.attempt", 3), attribute.Float64("spanloom.retry.wait", 3), attribute.String("error.type", "503"),
	}, events[1].Attributes)
	assert.Contains(t, r.everything(), `"Name":"spanloom.retries"`)
	assert.Contains(t, r.everything(), `"Value":2`)
	(*Span)(nil).AddRetry(2, 0, "")
}
