// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	lccallbacks "github.com/tmc/langchaingo/callbacks"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/tools"
	"github.com/tmc/langchaingo/vectorstores"
)

// A quirk is one way in which langchaingo, or a program, departs from a start
// and an end for each call. Each cost somebody a wrong tree or a leak.
type quirk struct {
	name string
	// why it matters, and where upstream it comes from: printed on failure.
	why, upstream string
	run           func(r *rig, ctx context.Context)
	tree          string
	// durations is the number of points in gen_ai.client.operation.duration:
	// what has no end of its own has no duration either.
	durations uint64
}

const program = "the program"

var quirks = []quirk{
	{
		"a provider that never ends, in a chain",
		"the chain closes the call; its tokens and duration are unknown", "llms/anthropic/anthropicllm.go:86",
		func(r *rig, ctx context.Context) {
			_ = runChain(ctx, llmChain(&provider{h: r, script: "S"}, r))
		},
		"invoke_workflow chain\n└─ chat  (incomplete)\n", 0,
	},
	{
		"a provider that never ends, twice in a chain",
		"siblings, not one inside the other", "llms/anthropic/anthropicllm.go:86",
		func(r *rig, ctx context.Context) {
			p := &provider{h: r, script: "S"}
			_ = runChain(ctx, inChain(r, func(ctx context.Context) error { return errors.Join(ask(ctx, p), ask(ctx, p)) }))
		},
		"invoke_workflow chain\n├─ chat  (incomplete)\n└─ chat  (incomplete)\n", 0,
	},
	{
		"a provider that never ends, in a loop, without a chain",
		"five calls are five roots, not a staircase", "llms/anthropic/anthropicllm.go:86",
		func(r *rig, ctx context.Context) {
			for range 5 {
				_ = ask(ctx, &provider{h: r, script: "S"})
			}
			ended(r, ctx)
		},
		"chat  (incomplete)\nchat  (incomplete)\nchat  (incomplete)\nchat  (incomplete)\nchat  (incomplete)\ninvoke_workflow end\n", 0,
	},
	{
		"a provider that never ends, called from two places",
		"the second call comes from another line of the same function", "llms/anthropic/anthropicllm.go:86",
		func(r *rig, ctx context.Context) {
			a, b := &provider{h: r, script: "S"}, &provider{h: r, script: "SE"}
			_ = ask(ctx, a)
			_ = ask(ctx, b)
		},
		"chat  (incomplete)\nchat\n", 1,
	},
	{
		"a provider that reports no error, in a chain",
		"the chain's error closes the call, whose own outcome is unknown", "llms/openai/openaillm.go:106",
		func(r *rig, ctx context.Context) {
			_ = runChain(ctx, llmChain(&provider{h: r, script: "SR"}, r))
		},
		"invoke_workflow chain  ERROR _OTHER: *errors.errorString\n└─ chat  (incomplete)\n", 0,
	},
	{
		"a provider that reports no error, then a retry",
		"the retry is no child of the failed call", "llms/openai/openaillm.go:106",
		func(r *rig, ctx context.Context) {
			_ = runChain(ctx, inChain(r, func(ctx context.Context) error {
				for _, script := range []string{"SR", "SR", "SE"} {
					_ = ask(ctx, &provider{h: r, script: script})
				}
				return nil
			}))
		},
		"invoke_workflow chain\n├─ chat  (incomplete)\n├─ chat  (incomplete)\n└─ chat\n", 1,
	},
	{
		"an early return before the request",
		"bad roles or parts leave the start open in most providers", "llms/anthropic/anthropicllm.go:141",
		func(r *rig, ctx context.Context) {
			_ = ask(ctx, &provider{h: r, script: "SR"})
			_ = runChain(ctx, llmChain(&provider{h: r, script: "SE"}, r))
		},
		"chat  (incomplete)\ninvoke_workflow chain\n└─ chat\n", 1,
	},
	{
		"an end with nil before the end",
		"nil is not an end, and not a crash", "llms/mistral/mistralmodel.go:148",
		func(r *rig, ctx context.Context) { _ = ask(ctx, &provider{h: r, script: "SnE"}) },
		"chat\n", 1,
	},
	{
		"an end with nil before an error that is nil",
		"a failure all the same", "llms/mistral/mistralmodel.go:155",
		func(r *rig, ctx context.Context) { _ = ask(ctx, &provider{h: r, script: "Snx"}) },
		"chat  ERROR the provider reported an error without saying which\n", 1,
	},
	{
		"an error without a start",
		"Mistral's Call and llamafile's CreateEmbedding do this: it must not become the error of another call", "llms/mistral/mistralmodel.go:57",
		func(r *rig, ctx context.Context) {
			_ = ask(ctx, &provider{h: r, script: "X"})
			_ = ask(ctx, &provider{h: r, script: "S"})
			_ = ask(ctx, &provider{h: r, script: "X"})
			_ = ask(ctx, &provider{h: r, script: "x"})
			ended(r, ctx)
		},
		"chat  (incomplete)\ninvoke_workflow end\n", 0,
	},
	{
		"an end without a start",
		"a handler that was registered halfway", program,
		func(r *rig, ctx context.Context) {
			_ = ask(ctx, &provider{h: r, script: "E"})
			_ = runChain(ctx, llmChain(&provider{h: r, script: "E"}, r))
			r.HandleChainEnd(ctx, nil)
			r.HandleToolEnd(ctx, "")
			r.HandleRetrieverEnd(ctx, "", nil)
		},
		"invoke_workflow chain\n", 0,
	},
	{
		"two ends",
		"forks end a call once per content block", "vxcontrol/langchaingo, llms/anthropic",
		func(r *rig, ctx context.Context) {
			outer := &provider{h: r, script: "SE", during: func(ctx context.Context) {
				_ = ask(ctx, &provider{h: r, script: "SEE"})
				_ = ask(ctx, &provider{h: r, script: "SEX"})
			}}
			_ = runChain(ctx, llmChain(outer, r))
		},
		"invoke_workflow chain\n└─ chat\n   ├─ chat\n   └─ chat\n", 3,
	},
	{
		"two ends of a chain",
		"a handler registered twice ends each chain twice, and must not end the chain around it", program,
		func(r *rig, ctx context.Context) {
			_ = runChain(ctx, inChain(r, func(ctx context.Context) error {
				_ = runChain(ctx, inChain(endsTwice{r.Handler}, func(context.Context) error { return nil }))
				return ask(ctx, &provider{h: r, script: "SE"})
			}))
		},
		"invoke_workflow chain\n├─ execute_task chain\n└─ chat\n", 1,
	},
	{
		"a retriever that fails",
		"there is no event for it", "vectorstores/vectorstores.go:33",
		func(r *rig, ctx context.Context) {
			_ = runChain(ctx, inChain(r, func(ctx context.Context) error {
				ret := vectorstores.ToRetriever(brokenStore{}, 3)
				ret.CallbacksHandler = r
				_, _ = ret.GetRelevantDocuments(ctx, "q")
				_, _ = ret.GetRelevantDocuments(ctx, "q")
				return ask(ctx, &provider{h: r, script: "SE"})
			}))
		},
		"invoke_workflow chain\n├─ retrieval  (incomplete)\n├─ retrieval  (incomplete)\n└─ chat\n", 1,
	},
	{
		"a calculator that cannot parse",
		"it returns text and no error, and leaves its start open: the next model call is no child of it", "tools/calculator.go:38",
		func(r *rig, ctx context.Context) {
			_ = runChain(ctx, inChain(r.As(KindAgent, "math"), func(ctx context.Context) error {
				c := tools.Calculator{CallbacksHandler: r}
				_, _ = c.Call(ctx, "one plus one")
				_ = ask(ctx, &provider{h: r, script: "SE"})
				_, _ = c.Call(ctx, "1+1")
				return nil
			}))
		},
		"invoke_agent math\n├─ execute_tool  (incomplete)\n├─ chat\n└─ execute_tool\n", 1,
	},
	{
		"a panic in a chain, recovered by its caller",
		"no event tells of a panic", "chains/chains.go:50",
		func(r *rig, ctx context.Context) {
			for range 2 {
				recovered(func() { _ = runChain(ctx, llmChain(&provider{h: r, script: "SP"}, r)) })
			}
			ended(r, ctx)
		},
		"invoke_workflow chain  (incomplete)\n└─ chat  (incomplete)\ninvoke_workflow chain  (incomplete)\n└─ chat  (incomplete)\ninvoke_workflow end\n", 0,
	},
	{
		"a panic in a chain, recovered inside another chain",
		"the outer chain's end must not be taken for the inner one's", "chains/chains.go:50",
		func(r *rig, ctx context.Context) {
			_ = runChain(ctx, inChain(r.As(KindTask, "outer"), func(ctx context.Context) error {
				recovered(func() { _ = runChain(ctx, llmChain(&provider{h: r, script: "SP"}, r)) })
				return nil
			}))
		},
		"invoke_workflow outer\n└─ execute_task chain  (incomplete)\n   └─ chat  (incomplete)\n", 0,
	},
	{
		"an executor that gives up",
		"AgentFinish comes before the error: it is no success", "agents/executor.go:68",
		func(r *rig, ctx context.Context) {
			_ = runChain(ctx, inChain(r.As(KindAgent, "a"), func(ctx context.Context) error {
				r.HandleAgentFinish(ctx, schema.AgentFinish{})
				return errBoom
			}))
		},
		"invoke_agent a  ERROR _OTHER: *errors.errorString\n", 0,
	},
	{
		"a nil handler in an interface",
		"WithCallback((*Handler)(nil)) passes every nil check", "chains/llm.go:45",
		func(_ *rig, ctx context.Context) {
			var none *Handler
			_ = runChain(ctx, llmChain(&provider{h: none, script: "SE"}, none))
			_ = runChain(ctx, llmChain(&provider{h: none, script: "SX"}, none.As(KindAgent, "a")))
		},
		"", 0,
	},
	{
		"an end on another goroutine",
		"nothing ties it to its start; it must not close what that goroutine is doing", program,
		func(r *rig, ctx context.Context) {
			_ = runChain(ctx, inChain(r, func(ctx context.Context) error {
				r.HandleLLMStart(ctx, nil)
				done := make(chan struct{})
				go func() {
					defer close(done)
					r.HandleLLMGenerateContentEnd(ctx, answer("ok", nil))
					_ = runChain(ctx, llmChain(&provider{h: r, script: "SE"}, r.As(KindTask, "elsewhere")))
				}()
				<-done
				return nil
			}))
		},
		"invoke_workflow chain\n└─ chat  (incomplete)\ninvoke_workflow elsewhere\n└─ chat\n", 1,
	},
	{
		"a cancelled context",
		"the events still come, with the context that has ended", program,
		func(r *rig, ctx context.Context) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			_ = runChain(ctx, llmChain(&provider{h: r, script: "SX"}, r))
		},
		"invoke_workflow chain  ERROR canceled\n└─ chat  ERROR canceled\n", 1,
	},
	{
		"a context that cannot be hashed",
		"handlers that keep spans in a map by context panic", program,
		func(r *rig, ctx context.Context) {
			ctx = sliceContext{ctx, []int{1}}
			_ = runChain(ctx, llmChain(&provider{h: r, script: "SE"}, r))
			wctx, s := r.Start(ctx, KindTask, "wrapped")
			_ = ask(sliceContext{wctx, nil}, &provider{h: r, script: "SE"})
			s.End(nil)
		},
		"invoke_workflow chain\n└─ chat\nexecute_task wrapped\n└─ chat\n", 2,
	},
	{
		"one handler for unrelated programs",
		"two requests on one background context are two trees", program,
		func(r *rig, _ context.Context) {
			for range 2 {
				_ = runChain(context.Background(), llmChain(&provider{h: r, script: "SE"}, r))
			}
		},
		"invoke_workflow chain\n└─ chat\ninvoke_workflow chain\n└─ chat\n", 2,
	},
	{
		"a tool that runs a chain with an older context",
		"the goroutine tells that the chain runs inside the tool", program,
		func(r *rig, ctx context.Context) {
			_ = runChain(ctx, inChain(r.As(KindAgent, "a"), func(inner context.Context) error {
				r.HandleToolStart(inner, "in")
				_ = runChain(ctx, llmChain(&provider{h: r, script: "SE"}, r))
				wctx, s := r.Start(ctx, KindWorkflow, "wrapped")
				_ = ask(wctx, &provider{h: r, script: "SE"})
				s.End(nil)
				r.HandleToolEnd(inner, "out")
				return nil
			}))
		},
		"invoke_agent a\n└─ execute_tool\n   ├─ execute_task chain\n   │  └─ chat\n   └─ execute_task wrapped\n      └─ chat\n", 2,
	},
	{
		"a wrapper around a provider that never ends",
		"the wrapper owns the call; what the events opened inside other kinds is closed by what follows", "llms/anthropic/anthropicllm.go:86",
		func(r *rig, ctx context.Context) {
			for range 2 {
				wctx, s := r.Start(ctx, KindTask, "wrapped")
				_ = ask(wctx, &provider{h: r, script: "S"})
				s.End(nil)
			}
			ended(r, ctx)
		},
		"execute_task wrapped\n└─ chat  (incomplete)\nexecute_task wrapped\n└─ chat  (incomplete)\ninvoke_workflow end\n", 0,
	},
}

func TestQuirks(t *testing.T) {
	for _, q := range quirks {
		t.Run(q.name, func(t *testing.T) {
			r := newRig(t)
			q.run(r, context.Background())
			assert.Equal(t, q.tree, r.tree(), "%s (%s)", q.why, q.upstream)
			assert.Zero(t, r.open.Len(), "%s (%s)", q.why, q.upstream)
			var n uint64
			for _, p := range r.points("gen_ai.client.operation.duration") {
				n += p.count
			}
			assert.Equal(t, q.durations, n, "durations: %s (%s)", q.why, q.upstream)
			assert.Empty(t, r.points("gen_ai.client.token.usage"), "no response told of tokens")
		})
	}
}

// ended lets a next operation prove that what is open has returned.
func ended(r *rig, ctx context.Context) {
	_, s := r.Start(ctx, KindWorkflow, "end")
	s.End(nil)
}

type endsTwice struct{ *Handler }

func (e endsTwice) HandleChainEnd(ctx context.Context, out map[string]any) {
	e.Handler.HandleChainEnd(ctx, out)
	e.Handler.HandleChainEnd(ctx, out)
	e.HandleChainError(ctx, errBoom)
}

var _ lccallbacks.Handler = endsTwice{}

type brokenStore struct{ vectorstores.VectorStore }

func (brokenStore) SimilaritySearch(context.Context, string, int, ...vectorstores.Option) ([]schema.Document, error) {
	return nil, errBoom
}

type sliceContext struct {
	context.Context //nolint:containedctx // it is a context
	unhashable      []int
}

// The incomplete call inside a chain: tokens a response had before the end was
// lost are not made up, and the agent still counts the call.
func TestIncompleteCallHasNoTokensAndCounts(t *testing.T) {
	r := newRig(t)
	_ = runChain(context.Background(), inChain(r.As(KindAgent, "a"), func(ctx context.Context) error {
		return errors.Join(
			ask(ctx, &provider{h: r, script: "S", res: answer("ok", tokens)}),
			ask(ctx, &provider{h: r, script: "SE", res: answer("ok", tokens)}),
		)
	}))
	got := r.attrs("invoke_agent a")
	assert.Equal(t, "2", got["spanloom.agent.iterations"])
	assert.Equal(t, "100", got["spanloom.usage.input_tokens"])
	for _, s := range r.rec.Spans()[:1] {
		for _, a := range s.Attributes() {
			assert.NotContains(t, string(a.Key), "gen_ai.usage")
		}
	}
	assert.Len(t, r.points("gen_ai.client.token.usage"), 2)
}

// Google's usage comes as int32, Mistral's as a struct, Anthropic's once per
// content block: the handler reads them all, once.
func TestUsageOfEvents(t *testing.T) {
	type mistralUsage struct{ PromptTokens, TotalTokens, CompletionTokens int }
	for name, info := range map[string]map[string]any{
		"int": tokens, "int32": {"input_tokens": int32(100), "output_tokens": int32(20)},
		"struct": {"usage": mistralUsage{100, 120, 20}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			res := answer("a", info)
			res.Choices = append(res.Choices, &llms.ContentChoice{GenerationInfo: info})
			_ = ask(context.Background(), &provider{h: r, script: "SE", res: res})
			assert.Equal(t, "100", r.attrs("chat")["gen_ai.usage.input_tokens"])
			assert.Equal(t, "20", r.attrs("chat")["gen_ai.usage.output_tokens"])
		})
	}
}
