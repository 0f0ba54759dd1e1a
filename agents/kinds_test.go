// SPDX-License-Identifier: Apache-2.0

package agents_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lcagents "github.com/tmc/langchaingo/agents"
	lccallbacks "github.com/tmc/langchaingo/callbacks"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/memory"
	lctools "github.com/tmc/langchaingo/tools"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/agents"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/spantree"
)

var errTool = errors.New("the tool broke")

// agentCase is a run of an executor: what the model says at each iteration.
type agentCase struct {
	name   string
	reason string
	agent  func(m llms.Model, tools []lctools.Tool) lcagents.Agent
	says   []*llms.ContentResponse
	opts   []lcagents.Option
	err    error
}

func oneShot(m llms.Model, t []lctools.Tool) lcagents.Agent { return lcagents.NewOneShotAgent(m, t) }

func conversational(m llms.Model, t []lctools.Tool) lcagents.Agent {
	return lcagents.NewConversationalAgent(m, t)
}

func functions(m llms.Model, t []lctools.Tool) lcagents.Agent {
	return lcagents.NewOpenAIFunctionsAgent(m, t)
}

func says(text string) *llms.ContentResponse { return oteltest.Answer(text, 20, 5) }

func calls(names ...string) *llms.ContentResponse {
	res := oteltest.Answer("", 20, 5)
	c := res.Choices[0]
	c.StopReason = "tool_calls"
	for _, n := range names {
		c.ToolCalls = append(c.ToolCalls, llms.ToolCall{
			ID: "call-" + n, Type: "function",
			FunctionCall: &llms.FunctionCall{Name: n, Arguments: `{"__arg1":"6*7"}`},
		})
	}
	if len(names) > 0 {
		c.FuncCall = c.ToolCalls[0].FunctionCall
	}
	return res
}

func action(tool string) *llms.ContentResponse {
	return says("Thought: use it\nAction: " + tool + "\nAction Input: 6*7")
}

func agentCases() []agentCase {
	handled := lcagents.WithParserErrorHandler(lcagents.NewParserErrorHandler(nil))
	return []agentCase{
		{"one_shot", "MRKL: act, then finish", oneShot, []*llms.ContentResponse{action("calculator"), says("Final Answer: 42")}, nil, nil},
		{"conversational", "the same by the conversational agent", conversational, []*llms.ContentResponse{action("calculator"), says("Thought: Do I need to use a tool? No\nAI: 42")}, nil, nil},
		{"openai_functions", "two tool calls in one plan run one after the other, as siblings of the model call", functions, []*llms.ContentResponse{calls("calculator", "broken_once"), says("42")}, nil, nil},
		{"unknown_tool", "langchaingo reports no error for it, the model is told and goes on", oneShot, []*llms.ContentResponse{action("oracle"), says("Final Answer: ?")}, nil, nil},
		{"parse_error", "unparsable output ends the run", oneShot, []*llms.ContentResponse{says("mumble")}, nil, lcagents.ErrUnableToParseOutput},
		{"parse_error_handled", "with an error handler it is swallowed: it must show on the agent", oneShot, []*llms.ContentResponse{says("mumble"), says("Final Answer: 42")}, []lcagents.Option{handled}, nil},
		{"max_iterations", "AgentFinish comes although the run failed", oneShot, []*llms.ContentResponse{action("calculator"), action("calculator")}, []lcagents.Option{lcagents.WithMaxIterations(2)}, lcagents.ErrNotFinished},
		{"tool_error", "a tool's error ends the run", oneShot, []*llms.ContentResponse{action("broken")}, nil, errTool},
	}
}

// tools are a calculator that has the handler, too, and tools that fail.
func tools(h lccallbacks.Handler) []lctools.Tool {
	once := false
	return []lctools.Tool{
		lctools.Calculator{CallbacksHandler: h},
		&oteltest.Tool{Called: "broken", Do: func(ctx context.Context, _ string) (string, error) {
			oteltest.Sleep(ctx, 3*time.Millisecond)
			return "", errTool
		}},
		&oteltest.Tool{Called: "broken_once", Do: func(ctx context.Context, _ string) (string, error) {
			oteltest.Sleep(ctx, 3*time.Millisecond)
			once = !once
			return "fine", nil
		}},
	}
}

func (tc agentCase) executor(t *testing.T, toolHandler, modelHandler lccallbacks.Handler) *lcagents.Executor {
	n := 0
	m := &oteltest.Model{Handler: modelHandler, Respond: func(ctx context.Context, _ []llms.MessageContent, o llms.CallOptions) (*llms.ContentResponse, error) {
		assert.Nil(t, o.StreamingFunc, "attaching us must not switch streaming on")
		oteltest.Sleep(ctx, 10*time.Millisecond)
		n++
		return tc.says[n-1], nil
	}}
	opts := append([]lcagents.Option{lcagents.WithMemory(memory.NewSimple())}, tc.opts...)
	return lcagents.NewExecutor(tc.agent(m, tools(toolHandler)), opts...)
}

var agentKeys = []attribute.Key{
	semconv.UsageInputTokens, semconv.TotalInputTokens, semconv.ResponseFinishReasons, semconv.AgentIterations, semconv.AgentToolCalls, semconv.ErrorType,
}

func execute(t *testing.T, e *lcagents.Executor) (string, error) {
	t.Helper()
	in := map[string]any{"input": "What is 6*7?"}
	for _, k := range e.GetInputKeys() {
		if k == "history" {
			in[k] = ""
		}
	}
	out, err := lcchains.Call(t.Context(), e, in)
	text, _ := out["output"].(string)
	return strings.TrimSpace(text), err
}

func TestEveryAgentWrapped(t *testing.T) {
	for _, tc := range agentCases() {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				want, wantErr := execute(t, tc.executor(t, nil, nil))
				require.ErrorIs(t, wantErr, tc.err, tc.reason)

				k := oteltest.New(t)
				got, err := execute(t, agents.Instrument(tc.executor(t, k.Handler, k.Handler), k.Handler, agents.WithName("math")))
				assert.Equal(t, want, got, tc.reason)
				assert.Equal(t, wantErr, err, tc.reason)
				oteltest.Golden(t, "wrapped_"+tc.name, tree(k))
				assert.Len(t, spantree.Build(k.Spans.Spans()), 1, tc.reason)
			})
		})
	}
}

// With nothing but the Handler, on the executor, the provider and the tools
// that take one.
func TestEveryAgentHandlerOnly(t *testing.T) {
	for _, tc := range agentCases() {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := oteltest.New(t)
				e := tc.executor(t, k.Handler, k.Handler)
				e.CallbacksHandler = k.Handler
				_, err := execute(t, e)
				require.ErrorIs(t, err, tc.err, tc.reason)
				oteltest.Golden(t, "handler_"+tc.name, tree(k))
				assert.Len(t, spantree.Build(k.Spans.Spans()), 1, tc.reason)
			})
		})
	}
}

// tree renders the run with its events: what the agent met on the way.
func tree(k *oteltest.Kit) string {
	return spantree.Render(k.Spans.Spans(), spantree.Options{
		Durations:  func(d time.Duration) string { return d.String() },
		Attributes: agentKeys,
		Note: func(s sdktrace.ReadOnlySpan) string {
			var events []string
			for _, e := range s.Events() {
				if e.Name == "exception" {
					continue // the status says the same
				}
				text := "!" + e.Name
				for _, a := range e.Attributes {
					text += " " + a.Value.String()
				}
				events = append(events, text)
			}
			return strings.Join(events, " ")
		},
	})
}

func TestPanicInATool(t *testing.T) {
	k := oteltest.New(t)
	tool := &oteltest.Tool{Called: "explode", Do: func(context.Context, string) (string, error) { panic("bang") }}
	m := &oteltest.Model{Respond: func(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
		return action("explode"), nil
	}}
	e := agents.Instrument(lcagents.NewExecutor(oneShot(m, []lctools.Tool{tool})), k.Handler)
	for range 2 {
		assert.PanicsWithValue(t, "bang", func() { _, _ = lcchains.Run(t.Context(), e, "q") })
	}
	// No event tells of the panic: what the next operation proves to be over is
	// closed then.
	_, span := k.Handler.Start(t.Context(), 0, "next")
	span.End(nil)
	var agent, tools int
	for _, s := range k.Spans.Spans() {
		switch {
		case strings.HasPrefix(s.Name(), "invoke_agent"):
			agent++
			assert.False(t, s.Parent().IsValid())
		case s.Name() == "execute_tool explode":
			tools++
			assert.Equal(t, "panic", oteltest.Value(s, semconv.ErrorType))
		}
	}
	assert.Equal(t, 2, agent)
	assert.Equal(t, 2, tools)
	assert.False(t, k.Span(t, "execute_task next").Parent().IsValid())
}
