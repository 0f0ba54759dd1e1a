// SPDX-License-Identifier: Apache-2.0

package agents_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lcagents "github.com/tmc/langchaingo/agents"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
	lctools "github.com/tmc/langchaingo/tools"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/agents"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/privacy"
)

// thinking answers like a ReAct model: first the calculator, then the end.
func thinking(t *testing.T) *oteltest.Model {
	calls := 0
	return &oteltest.Model{Respond: func(_ context.Context, _ []llms.MessageContent, o llms.CallOptions) (*llms.ContentResponse, error) {
		assert.Nil(t, o.StreamingFunc, "attaching us must not switch streaming on")
		if calls++; calls == 1 {
			return oteltest.Answer("Thought: compute\nAction: calculator\nAction Input: 6*7", 20, 5), nil
		}
		return oteltest.Answer("Thought: done\nFinal Answer: 42", 30, 4), nil
	}}
}

func TestInstrument(t *testing.T) {
	k := oteltest.New(t, callbacks.WithContent(privacy.Verbatim))
	// The calculator has the Handler as well: still one span a call.
	tool := lctools.Calculator{CallbacksHandler: k.Handler}
	agent := lcagents.NewOneShotAgent(thinking(t), []lctools.Tool{tool})
	inner := lcagents.NewExecutor(agent)
	e := agents.Instrument(inner, k.Handler, agents.WithName("mathematician"))

	out, err := lcchains.Run(t.Context(), e, "What is 6*7?")
	require.NoError(t, err)
	assert.Equal(t, "42", strings.TrimSpace(out))
	assert.Equal(t, `invoke_agent mathematician
├─ chat
├─ execute_tool calculator
└─ chat
`, spantree.Render(k.Spans.Spans(), spantree.Options{}))
	span := k.Span(t, "invoke_agent mathematician")
	assert.Equal(t, "50", oteltest.Value(span, semconv.TotalInputTokens), "the agent sums its calls")
	assert.Equal(t, "9", oteltest.Value(span, semconv.TotalOutputTokens))
	assert.Equal(t, "2", oteltest.Value(span, semconv.AgentIterations))
	call := k.Span(t, "execute_tool calculator")
	assert.Equal(t, "6*7", oteltest.Value(call, semconv.ToolCallArguments))
	assert.Equal(t, "42", oteltest.Value(call, semconv.ToolCallResult))
	assert.Equal(t, "mathematician", oteltest.Value(call, semconv.AgentName))

	assert.Nil(t, inner.CallbacksHandler, "the user's executor stays as it is")
	assert.Same(t, agent, inner.Agent)
}

// wandering is a user's agent: its Plan opens a span and asks the model on
// another goroutine.
type wandering struct {
	lcagents.Agent
	tracer trace.Tracer
}

func (w wandering) Plan(ctx context.Context, steps []schema.AgentStep, in map[string]string, o ...lcchains.ChainCallOption) (actions []schema.AgentAction, finish *schema.AgentFinish, err error) {
	ctx, span := w.tracer.Start(ctx, "user-plan")
	defer span.End()
	done := make(chan struct{})
	go func() {
		defer close(done)
		actions, finish, err = w.Agent.Plan(ctx, steps, in, o...)
	}()
	<-done
	return actions, finish, err
}

func TestPlanThatLeavesItsGoroutine(t *testing.T) {
	k := oteltest.New(t)
	inner := agents.WrapAgent(lcagents.NewOneShotAgent(thinking(t), []lctools.Tool{lctools.Calculator{}}), k.Handler)
	e := agents.Instrument(lcagents.NewExecutor(wandering{inner, k.Provider.Tracer("user")}), k.Handler, agents.WithName("w"))
	_, err := lcchains.Run(t.Context(), e, "What is 6*7?")
	require.NoError(t, err)
	assert.Equal(t, `invoke_agent w
├─ user-plan
│  └─ chat
├─ execute_tool calculator
└─ user-plan
   └─ chat
`, spantree.Render(k.Spans.Spans(), spantree.Options{}))
	assert.Equal(t, "50", oteltest.Value(k.Span(t, "invoke_agent w"), semconv.TotalInputTokens))
}

// An instrumented executor as a part of a chain stays an agent.
func TestExecutorInsideAChain(t *testing.T) {
	k := oteltest.New(t)
	e := agents.Instrument(lcagents.NewExecutor(lcagents.NewOneShotAgent(thinking(t), []lctools.Tool{lctools.Calculator{}})), k.Handler, agents.WithName("w"))
	pass := lcchains.NewTransform(func(_ context.Context, in map[string]any, _ ...lcchains.ChainCallOption) (map[string]any, error) {
		return map[string]any{"input": in["q"]}, nil
	}, []string{"q"}, []string{"input"})
	sequence, err := lcchains.NewSequentialChain([]lcchains.Chain{chains.Wrap(pass, k.Handler), chains.Instrument(e, k.Handler)}, []string{"q"}, []string{"output"})
	require.NoError(t, err)
	_, err = lcchains.Call(t.Context(), chains.Instrument(sequence, k.Handler), map[string]any{"q": "What is 6*7?"})
	require.NoError(t, err)
	assert.Equal(t, `invoke_workflow SequentialChain
├─ execute_task Transform
└─ invoke_agent w
   ├─ chat
   ├─ execute_tool calculator
   └─ chat
`, spantree.Render(k.Spans.Spans(), spantree.Options{}))
}

func TestNilAgents(t *testing.T) {
	k := oteltest.New(t)
	assert.NotPanics(t, func() {
		agents.Instrument(&lcagents.Executor{Agent: (*lcagents.OneShotZeroAgent)(nil)}, k.Handler)
		agents.Instrument(&lcagents.Executor{}, k.Handler)
	})
	assert.Nil(t, agents.Instrument(nil, k.Handler))
}

func TestToolErrorsAndPanics(t *testing.T) {
	boom := errors.New("boom")
	k := oteltest.New(t)
	tool := &oteltest.Tool{Called: "t", Do: func(context.Context, string) (string, error) { return "", boom }}
	w := agents.WrapTool(tool, k.Handler)
	_, err := w.Call(t.Context(), "in")
	require.ErrorIs(t, err, boom)
	assert.Equal(t, "_OTHER: *errors.errorString", k.Span(t, "execute_tool t").Status().Description)

	k.Spans.Reset()
	tool.Do = func(context.Context, string) (string, error) { panic("p") }
	assert.PanicsWithValue(t, "p", func() { _, _ = w.Call(t.Context(), "in") })
	assert.Equal(t, "panic", oteltest.Value(k.Span(t, "execute_tool t"), semconv.ErrorType))

	assert.Equal(t, "t", w.Name())
	assert.Equal(t, "a fake", w.Description())
	assert.Same(t, w, agents.WrapTool(w, k.Handler))
	assert.Same(t, tool, agents.WrapTool(tool, nil))
}

func TestToolDescriptionIsContent(t *testing.T) {
	for want, policy := range map[string]privacy.Policy{"": privacy.None, "a fake": privacy.Verbatim} {
		k := oteltest.New(t, callbacks.WithContent(policy), callbacks.WithStrictSemConv())
		tool := &oteltest.Tool{Called: "t", Do: func(context.Context, string) (string, error) { return "", nil }}
		_, err := agents.WrapTool(tool, k.Handler).Call(t.Context(), "in")
		require.NoError(t, err)
		span := k.Span(t, "execute_tool t")
		assert.Equal(t, want, oteltest.Value(span, semconv.ToolDescription))
		assert.Equal(t, want != "", oteltest.Value(span, semconv.ToolCallArguments) == "in", "both are there")
	}
}

func TestExecutorErrorIsOnTheAgent(t *testing.T) {
	k := oteltest.New(t)
	model := &oteltest.Model{Respond: func(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
		return oteltest.Answer("no action here", 1, 1), nil
	}}
	e := agents.Instrument(lcagents.NewExecutor(lcagents.NewOneShotAgent(model, nil)), k.Handler)
	_, err := lcchains.Run(t.Context(), e, "q")
	require.ErrorIs(t, err, lcagents.ErrUnableToParseOutput)
	span := k.Span(t, "invoke_agent OneShotZeroAgent")
	assert.NotEmpty(t, oteltest.Value(span, semconv.ErrorType))
	assert.NotContains(t, span.Status().Description, "no action here", "the model's output is content")
}

// decorated are models that users write around others.
var decorated = map[string]func(m llms.Model) llms.Model{
	"a logger":                  func(m llms.Model) llms.Model { return logged{m} },
	"a logger around a logger":  func(m llms.Model) llms.Model { return logged{logged{m}} },
	"a router":                  func(m llms.Model) llms.Model { return router{nil, m} },
	"a fallback after an error": func(m llms.Model) llms.Model { return fallback{&oteltest.Model{Respond: down}, m} },
}

type logged struct{ llms.Model }

// router asks the last of its models.
type router []llms.Model

func (r router) GenerateContent(ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption) (*llms.ContentResponse, error) {
	return r[len(r)-1].GenerateContent(ctx, messages, options...)
}

func (r router) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, r, prompt, options...)
}

// fallback asks its models in turn.
type fallback []llms.Model

func (f fallback) GenerateContent(ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption) (res *llms.ContentResponse, err error) {
	for _, m := range f {
		if res, err = m.GenerateContent(ctx, messages, options...); err == nil {
			return res, nil
		}
	}
	return nil, err
}

func (f fallback) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, f, prompt, options...)
}

func down(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
	return nil, errors.New("down")
}

// The model that Instrument wraps has wrapped models inside: each request counts
// once, and both spans stay.
func TestDecoratedModelCountsEachRequestOnce(t *testing.T) {
	for name, decorate := range decorated {
		t.Run(name, func(t *testing.T) {
			k := oteltest.New(t)
			said := []string{"Action: calculator\nAction Input: 6*7", "Final Answer: 42"}
			client := &oteltest.Model{Respond: func(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
				text := said[0]
				said = said[1:]
				return oteltest.Answer(text, 1000, 100), nil
			}}
			m := decorate(models.Wrap(client, k.Handler))
			e := agents.Instrument(lcagents.NewExecutor(lcagents.NewOneShotAgent(m, []lctools.Tool{lctools.Calculator{}})), k.Handler)
			answer, err := lcchains.Run(t.Context(), e, "6*7?")
			require.NoError(t, err)
			assert.Equal(t, "42", answer)
			assert.Equal(t, `invoke_agent OneShotZeroAgent
├─ chat
│  └─ chat
├─ execute_tool calculator
└─ chat
   └─ chat
`, spantree.Render(k.Spans.Spans(), spantree.Options{}))
			span := k.Span(t, "invoke_agent OneShotZeroAgent")
			assert.Equal(t, "2000", oteltest.Value(span, semconv.TotalInputTokens))
			assert.Equal(t, "200", oteltest.Value(span, semconv.TotalOutputTokens))
			assert.Equal(t, "2", oteltest.Value(span, semconv.AgentIterations))
		})
	}
}

// circle is an error whose Unwrap leads back to it.
type circle struct{}

func (circle) Error() string { return "circle" }
func (circle) Unwrap() error { return circle{} }

type failing struct{ lcagents.Agent }

func (failing) Plan(context.Context, []schema.AgentStep, map[string]string, ...lcchains.ChainCallOption) ([]schema.AgentAction, *schema.AgentFinish, error) {
	return nil, nil, circle{}
}

// errors.Is does not end with such an error, and neither would the agent.
func TestEndlessErrorEndsThePlan(t *testing.T) {
	h, err := callbacks.NewHandler()
	require.NoError(t, err)
	_, _, err = agents.WrapAgent(failing{lcagents.NewOneShotAgent(thinking(t), nil)}, h).Plan(t.Context(), nil, nil)
	assert.Equal(t, circle{}, err)
}

type weather struct{}

func (weather) Name() string                                 { return "weather" }
func (weather) Description() string                          { return "tells the weather" }
func (weather) Call(context.Context, string) (string, error) { return "sunny", nil }

// Two calls of one answer can be told apart, also with the same input.
func TestToolCallIDs(t *testing.T) {
	k := oteltest.New(t)
	asked := 0
	m := &oteltest.Model{Respond: func(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
		if asked++; asked > 1 {
			return oteltest.Answer("done", 1, 1), nil
		}
		res := oteltest.Answer("", 1, 1)
		for _, id := range []string{"call_1", "call_2"} {
			res.Choices[0].ToolCalls = append(res.Choices[0].ToolCalls, llms.ToolCall{
				ID: id, Type: "function", FunctionCall: &llms.FunctionCall{Name: "weather", Arguments: `{"__arg1":"Ulm"}`},
			})
		}
		return res, nil
	}}
	executor := lcagents.NewExecutor(lcagents.NewOpenAIFunctionsAgent(m, []lctools.Tool{weather{}}))
	_, err := lcchains.Run(t.Context(), agents.Instrument(executor, k.Handler), "weather?")
	require.NoError(t, err)
	var ids []string
	for _, s := range k.Spans.Spans() {
		if id := oteltest.Value(s, semconv.ToolCallID); id != "" {
			ids = append(ids, id)
		}
	}
	assert.ElementsMatch(t, []string{"call_1", "call_2"}, ids)
}
