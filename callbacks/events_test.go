// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lccallbacks "github.com/tmc/langchaingo/callbacks"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/tools"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/privacy"
)

var (
	agentAction = schema.AgentAction{Tool: "search", ToolInput: "x"}
	agentFinish = schema.AgentFinish{}
)

// fireAll calls every method of a handler with every empty value there is.
func fireAll(t *testing.T, h lccallbacks.Handler) {
	t.Helper()
	require.NotPanics(t, func() {
		ctx := context.Background()
		h.HandleText(ctx, "")
		h.HandleLLMStart(ctx, nil)
		h.HandleLLMGenerateContentStart(ctx, nil)
		h.HandleLLMGenerateContentEnd(ctx, nil)
		h.HandleLLMGenerateContentEnd(ctx, &llms.ContentResponse{Choices: []*llms.ContentChoice{nil}})
		h.HandleLLMError(ctx, nil)
		h.HandleChainStart(ctx, nil)
		h.HandleToolStart(ctx, "")
		h.HandleToolEnd(ctx, "")
		h.HandleToolError(ctx, nil)
		h.HandleAgentAction(ctx, schema.AgentAction{})
		h.HandleAgentFinish(ctx, schema.AgentFinish{})
		h.HandleRetrieverStart(ctx, "")
		h.HandleRetrieverEnd(ctx, "", nil)
		h.HandleStreamingFunc(ctx, nil)
		h.HandleChainEnd(ctx, nil)
		h.HandleChainError(ctx, nil)
	})
}

func TestEveryEventWithNothingInIt(t *testing.T) {
	r := newRig(t)
	fireAll(t, r)
	fireAll(t, r.As(KindAgent, ""))
	assert.Zero(t, r.rec.Open())
}

// All events of one function: its depth never changes, only its place does.
func TestHandFedEvents(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	r.HandleChainStart(ctx, map[string]any{"q": 1})
	r.HandleRetrieverStart(ctx, "q")
	r.HandleRetrieverEnd(ctx, "q", []schema.Document{{Score: 0.9}, {Score: 0.3}})
	r.HandleChainStart(ctx, nil)
	r.HandleLLMGenerateContentStart(ctx, nil)
	r.HandleLLMGenerateContentEnd(ctx, answer("ok", tokens))
	r.HandleChainEnd(ctx, nil)
	r.HandleToolStart(ctx, "in")
	r.HandleToolError(ctx, errBoom)
	r.HandleChainError(ctx, errBoom)
	assert.Equal(t, `invoke_workflow chain  ERROR _OTHER: *errors.errorString
├─ retrieval
├─ execute_task chain
│  └─ chat
└─ execute_tool  ERROR _OTHER: *errors.errorString
`, r.tree())
	got := r.attrs("retrieval")
	assert.Equal(t, "2", got["spanloom.retrieval.document_count"])
	assert.Equal(t, "0.8999999761581421", got["spanloom.retrieval.best_score"])
	assert.Equal(t, "chat", r.attrs("chat")["gen_ai.operation.name"])
	assert.Equal(t, "20", r.attrs("chat")["gen_ai.usage.output_tokens"])
	assert.Equal(t, `["stop"]`, r.attrs("chat")["gen_ai.response.finish_reasons"])
	assert.Equal(t, "unknown", r.attrs("chat")["gen_ai.provider.name"])
	assert.Len(t, r.points("gen_ai.client.token.usage"), 2)
}

func TestEventsOfRealLangchaingo(t *testing.T) {
	r := newRig(t)
	ctx, user := r.tp.Tracer("user").Start(context.Background(), "GET /ask")
	calc := tools.Calculator{CallbacksHandler: r}
	require.NoError(t, runChain(ctx, inChain(r.As(KindAgent, "math"), func(ctx context.Context) error {
		r.HandleAgentAction(ctx, agentAction)
		_, err := calc.Call(ctx, "1+1")
		r.HandleAgentFinish(ctx, schema.AgentFinish{})
		return errors.Join(err, runChain(ctx, llmChain(&provider{h: r, script: "SE"}, r)))
	})))
	user.End()
	assert.Equal(t, `GET /ask
└─ invoke_agent math
   ├─ execute_tool search
   └─ execute_task chain
      └─ chat
`, r.tree())
	assert.Equal(t, "1", r.attrs("invoke_agent math")["spanloom.agent.tool_calls"])
}

// langchaingo gives all its workers one context, and they run side by side: by
// the context nothing tells whose chat is whose.
func TestConcurrentChainsOnOneContext(t *testing.T) {
	const n, workers = 512, 64
	for name, fresh := range map[string]bool{"one chain": false, "combined": true} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, WithContent(privacy.Verbatim))
			var h lccallbacks.Handler = r.Handler
			if fresh {
				h = lccallbacks.CombiningHandler{Callbacks: []lccallbacks.Handler{r, lccallbacks.SimpleHandler{}}}
			}
			inputs := make([]map[string]any, n)
			for i := range inputs {
				inputs[i] = map[string]any{"q": fmt.Sprintf("id-%04d", i)}
			}
			// Nobody finishes before all workers are inside: they overlap.
			gate := newBarrier(workers)
			p := &provider{h: h, script: "SE", during: func(context.Context) { gate.wait() }}
			_, err := lcchains.Apply(context.Background(), llmChain(p, h), inputs, workers)
			require.NoError(t, err)

			roots := spantree.Build(r.rec.Spans())
			require.Len(t, roots, n)
			for _, root := range roots {
				in, _ := spantree.Attribute(root.Span, semconv.TraceloopEntityInput)
				id := in.AsString()[len(`{"q":"`):][:len("id-0000")]
				require.Len(t, root.Children, 1, id)
				messages, _ := spantree.Attribute(root.Children[0].Span, semconv.InputMessages)
				assert.Contains(t, messages.AsString(), id)
			}
			assert.Zero(t, r.rec.Open())
			assert.Zero(t, r.open.Len())
		})
	}
}

// barrier holds its callers until n are there; then it stays open.
type barrier struct {
	mu   sync.Mutex
	left int
	open chan struct{}
}

func newBarrier(n int) *barrier { return &barrier{left: n, open: make(chan struct{})} }

func (b *barrier) wait() {
	b.mu.Lock()
	if b.left--; b.left == 0 {
		close(b.open)
	}
	b.mu.Unlock()
	<-b.open
}

func TestWrapperOwnsTheCallAndEventsEnrichNothingTwice(t *testing.T) {
	r := newRig(t)
	wrapped := func(ctx context.Context, script string) error {
		ctx, s := r.Start(ctx, KindChat, "m1")
		s.SetUsage(metrics.Usage{Input: 1})
		err := ask(ctx, &provider{h: r, script: script})
		s.End(err)
		return err
	}
	ctx := context.Background()
	require.NoError(t, wrapped(ctx, "SE"))
	require.NoError(t, wrapped(ctx, "S"))
	require.NoError(t, wrapped(ctx, "SnE"))
	require.ErrorIs(t, wrapped(ctx, "SX"), errBoom)
	require.ErrorIs(t, wrapped(ctx, "Snx"), errBoom)
	require.NoError(t, runChain(ctx, inChain(r, func(ctx context.Context) error { return wrapped(ctx, "SE") })))
	assert.Equal(t, `chat m1
chat m1
chat m1
chat m1  ERROR _OTHER: *errors.errorString
chat m1  ERROR _OTHER: *errors.errorString
invoke_workflow chain
└─ chat m1
`, r.tree())
	var count uint64
	for _, p := range r.points("gen_ai.client.operation.duration") {
		count += p.count
	}
	assert.EqualValues(t, 6, count, "one call, one duration")
}

// A context outlives its span: what runs with it later is a call of its own.
func TestEndedWrapperOwnsNothing(t *testing.T) {
	r := newRig(t)
	ctx, s := r.Start(context.Background(), KindChat, "m1")
	s.End(nil)
	require.NoError(t, ask(ctx, &provider{h: r, script: "SE"}))
	assert.Equal(t, "chat m1\n└─ chat\n", r.tree())
}

// Two Handlers, two backends: each sees every call.
func TestWrapperOfAnotherHandlerOwnsNothing(t *testing.T) {
	a, b := newRig(t), newRig(t)
	ctx, s := a.Start(context.Background(), KindChat, "m1")
	require.NoError(t, ask(ctx, &provider{h: b, script: "SE"}))
	s.End(nil)
	assert.Equal(t, "chat m1\n", a.tree())
	assert.Equal(t, "chat\n", b.tree())
}

func TestRemoteParent(t *testing.T) {
	r := newRig(t)
	sc := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled, Remote: true})
	ctx := trace.ContextWithRemoteSpanContext(context.Background(), sc)
	require.NoError(t, runChain(ctx, llmChain(&provider{h: r, script: "SE"}, r)))
	_, s := r.Start(ctx, KindWorkflow, "wrapped")
	s.End(nil)
	assert.Equal(t, sc.SpanID(), r.span("invoke_workflow chain").Parent().SpanID())
	assert.Equal(t, sc.SpanID(), r.span("invoke_workflow wrapped").Parent().SpanID())
	for _, s := range r.rec.Spans() {
		assert.Equal(t, sc.TraceID(), s.SpanContext().TraceID(), s.Name())
	}
}

func TestUsersSpansKeepTheirPlace(t *testing.T) {
	r := newRig(t)
	tracer := r.tp.Tracer("user")
	p := &provider{h: r, script: "SE", during: func(ctx context.Context) {
		_, below := tracer.Start(ctx, "below")
		below.End()
	}}
	ctx, above := tracer.Start(context.Background(), "above")
	require.NoError(t, runChain(ctx, inChain(r, func(ctx context.Context) error {
		between, span := tracer.Start(ctx, "between")
		err := runChain(between, llmChain(p, r))
		wctx, w := r.Start(between, KindTask, "wrapped")
		err = errors.Join(err, ask(wctx, p))
		w.End(nil)
		span.End()
		return errors.Join(err, ask(ctx, p))
	})))
	above.End()
	// Events give no context, so a user's span below one is where the user's
	// own context says, beside it; and what runs in it stays in it.
	assert.Equal(t, `above
├─ invoke_workflow chain
│  └─ chat
├─ between
│  ├─ execute_task chain
│  │  └─ chat
│  ├─ below
│  └─ execute_task wrapped
│     ├─ chat
│     └─ below
└─ below
`, r.tree())
}
