// SPDX-License-Identifier: Apache-2.0

package agents

import (
	"context"
	"strings"

	lcagents "github.com/tmc/langchaingo/agents"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/schema"
	lctools "github.com/tmc/langchaingo/tools"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/models"
)

// Names of the events on an agent's span.
const (
	eventParseError  = "agent.parse_error"
	eventUnknownTool = "agent.unknown_tool"
)

// Option configures [Instrument]. A nil Option is ignored.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct{ name string }

// WithName names the agent in its span and in gen_ai.agent.name. Default: the
// name of the agent's type.
func WithName(name string) Option {
	return optionFunc(func(c *config) { c.name = name })
}

// Instrument returns an instrumented copy of an executor, to be run with
// langchaingo's chains.Call and Run: the run is one "invoke_agent {name}" span,
// with the tokens of its model calls summed, the last finish reason, and the
// number of iterations and tool calls. Output that could not be parsed and
// calls of tools that do not exist are the events agent.parse_error and
// agent.unknown_tool on it. The agent's model and tools are
// instrumented as [WrapAgent] does. e stays as it is. With a nil handler or a
// nil e it returns e.
//
// The agent itself is given no callback handler: langchaingo's agents turn
// streaming on as soon as they have one.
func Instrument(e *lcagents.Executor, h *callbacks.Handler, opts ...Option) *lcagents.Executor {
	if e == nil || h == nil {
		return e
	}
	c := config{name: genai.TypeName(unwrap(e.Agent))}
	for _, o := range opts {
		if o != nil {
			o.apply(&c)
		}
	}
	cp := *e
	cp.Agent = WrapAgent(e.Agent, h)
	cp.CallbacksHandler = h.As(callbacks.KindAgent, c.name, e.CallbacksHandler)
	return &cp
}

// WrapAgent returns an agent that does what a does, with its tools wrapped by
// [WrapTool] and, for the agents of langchaingo, its model wrapped by
// models.Wrap. Use it for an agent that something other than langchaingo's
// executor runs; [Instrument] includes it. An agent has no span of its own. With a
// nil handler or a nil a it returns a.
func WrapAgent(a lcagents.Agent, h *callbacks.Handler) lcagents.Agent {
	if a == nil || h == nil {
		return a
	}
	if w, ok := a.(*agent); ok && w.h == h {
		return w
	}
	return &agent{inner: withModel(a, h), h: h}
}

type agent struct {
	inner lcagents.Agent
	h     *callbacks.Handler
}

var _ lcagents.Agent = (*agent)(nil)

// Unwrap returns the agent inside: a copy of the user's, with its model wrapped.
func (a *agent) Unwrap() lcagents.Agent { return a.inner }

// Plan implements agents.Agent. It has no span of its own: it is the model call
// inside that takes the time. What the executor swallows becomes an event on the
// agent's span: output that cannot be parsed, and tools that do not exist.
func (a *agent) Plan(ctx context.Context, steps []schema.AgentStep, inputs map[string]string, options ...lcchains.ChainCallOption) ([]schema.AgentAction, *schema.AgentFinish, error) {
	// The agent's span is known by the goroutine only, and a Plan of the user's
	// may leave it, or open spans of its own.
	ctx = a.h.ContextWithCurrent(ctx)
	actions, finish, err := a.inner.Plan(ctx, steps, inputs, options...)
	if genai.Is(err, lcagents.ErrUnableToParseOutput) {
		a.h.Current(ctx).AddEvent(eventParseError)
	}
	plan(a.h.Current(ctx), actions)
	for _, action := range actions {
		if !a.hasTool(action.Tool) {
			// The name that does not exist is the model's word, hence content.
			a.h.Current(ctx).AddEvent(eventUnknownTool)
		}
	}
	return actions, finish, err
}

// hasTool looks a tool up as langchaingo's executor does.
func (a *agent) hasTool(name string) bool {
	for _, t := range a.inner.GetTools() {
		if strings.EqualFold(t.Name(), name) {
			return true
		}
	}
	return false
}

// GetInputKeys implements agents.Agent.
func (a *agent) GetInputKeys() []string { return a.inner.GetInputKeys() }

// GetOutputKeys implements agents.Agent.
func (a *agent) GetOutputKeys() []string { return a.inner.GetOutputKeys() }

// GetTools implements agents.Agent.
func (a *agent) GetTools() []lctools.Tool {
	inner := a.inner.GetTools()
	if inner == nil {
		return nil
	}
	wrapped := make([]lctools.Tool, len(inner))
	for i, t := range inner {
		wrapped[i] = WrapTool(t, a.h)
	}
	return wrapped
}

// withModel returns a copy of the agent whose model is wrapped and which has no
// handler of ours.
func withModel(a lcagents.Agent, h *callbacks.Handler) lcagents.Agent {
	if genai.IsNilPointer(a) {
		return a
	}
	switch a := a.(type) {
	case *lcagents.OneShotZeroAgent:
		cp := *a
		cp.Chain = chainWithModel(a.Chain, h)
		cp.CallbacksHandler = h.Strip(a.CallbacksHandler)
		return &cp
	case *lcagents.ConversationalAgent:
		cp := *a
		cp.Chain = chainWithModel(a.Chain, h)
		cp.CallbacksHandler = h.Strip(a.CallbacksHandler)
		return &cp
	case *lcagents.OpenAIFunctionsAgent:
		cp := *a
		cp.LLM = models.Wrap(a.LLM, h)
		cp.CallbacksHandler = h.Strip(a.CallbacksHandler)
		return &cp
	}
	return a
}

func chainWithModel(c lcchains.Chain, h *callbacks.Handler) lcchains.Chain {
	llm, ok := c.(*lcchains.LLMChain)
	if !ok || llm == nil {
		return c
	}
	cp := *llm
	cp.LLM = models.Wrap(llm.LLM, h)
	cp.CallbacksHandler = h.Strip(llm.CallbacksHandler)
	return &cp
}

func unwrap(a lcagents.Agent) lcagents.Agent {
	if w, ok := a.(*agent); ok {
		return w.inner
	}
	return a
}
