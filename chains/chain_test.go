// SPDX-License-Identifier: Apache-2.0

package chains_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/memory"
	"github.com/tmc/langchaingo/prompts"
	"github.com/tmc/langchaingo/schema"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/spantree"
)

// tree renders names only.
func tree(k *oteltest.Kit) string { return spantree.Render(k.Spans.Spans(), spantree.Options{}) }

// own is a user's Chain implementation.
type own struct {
	memory schema.Memory
	call   func(ctx context.Context, in map[string]any) (map[string]any, error)
}

func (o own) Call(ctx context.Context, in map[string]any, _ ...lcchains.ChainCallOption) (map[string]any, error) {
	return o.call(ctx, in)
}
func (o own) GetMemory() schema.Memory { return o.memory }
func (own) GetInputKeys() []string     { return []string{"in"} }
func (own) GetOutputKeys() []string    { return []string{"out"} }

func echo(_ context.Context, in map[string]any) (map[string]any, error) {
	return map[string]any{"out": in["in"]}, nil
}

func TestWrapIsTransparent(t *testing.T) {
	cause := errors.New("cause")
	for _, tc := range []struct {
		reason string
		call   func(context.Context, map[string]any) (map[string]any, error)
		in     map[string]any
	}{
		{"a result", echo, map[string]any{"in": "x"}},
		{"an error keeps its identity", func(context.Context, map[string]any) (map[string]any, error) { return nil, cause }, map[string]any{"in": "x"}},
		{"a result beside an error stays", func(context.Context, map[string]any) (map[string]any, error) {
			return map[string]any{"out": 1}, cause
		}, map[string]any{"in": "x"}},
		{"a missing input", echo, map[string]any{}},
		{"a missing output", func(context.Context, map[string]any) (map[string]any, error) { return map[string]any{}, nil }, map[string]any{"in": "x"}},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			k := oteltest.New(t)
			c := own{memory.NewSimple(), tc.call}
			wantOut, wantErr := lcchains.Call(t.Context(), c, tc.in)
			for _, call := range []func(context.Context, lcchains.Chain, map[string]any, ...lcchains.ChainCallOption) (map[string]any, error){
				lcchains.Call, chains.Call,
			} {
				out, err := call(t.Context(), chains.Wrap(c, k.Handler), tc.in)
				assert.Equal(t, wantOut, out)
				assert.Equal(t, wantErr, err)
			}
		})
	}
}

// failingMemory fails where langchaingo reports nothing.
type failingMemory struct {
	schema.Memory
	load, save error
}

func (m failingMemory) LoadMemoryVariables(context.Context, map[string]any) (map[string]any, error) {
	return map[string]any{}, m.load
}

func (m failingMemory) SaveContext(context.Context, map[string]any, map[string]any) error {
	return m.save
}

func TestCallShowsWhatLangchaingoRaisesOutsideTheChain(t *testing.T) {
	boom := errors.New("memory is down")
	for _, tc := range []struct {
		reason string
		memory schema.Memory
		in     map[string]any
	}{
		{"loading memory fails", failingMemory{memory.NewSimple(), boom, nil}, map[string]any{"in": "x"}},
		{"saving memory fails", failingMemory{memory.NewSimple(), nil, boom}, map[string]any{"in": "x"}},
		{"an input is missing", memory.NewSimple(), nil},
	} {
		for name, call := range map[string]func(context.Context, lcchains.Chain, map[string]any) error{
			"Call": func(ctx context.Context, c lcchains.Chain, in map[string]any) error {
				_, err := chains.Call(ctx, c, in)
				return err
			},
			"Predict": func(ctx context.Context, c lcchains.Chain, in map[string]any) error {
				_, err := chains.Predict(ctx, c, in)
				return err
			},
			"Apply": func(ctx context.Context, c lcchains.Chain, in map[string]any) error {
				_, err := chains.Apply(ctx, c, []map[string]any{in}, 1)
				return err
			},
			"Run": func(ctx context.Context, c lcchains.Chain, in map[string]any) error {
				if in == nil {
					// Run makes the inputs itself: nothing can be missing.
					_, err := chains.Call(ctx, c, in)
					return err
				}
				_, err := chains.Run(ctx, c, in["in"])
				return err
			},
		} {
			t.Run(tc.reason+"/"+name, func(t *testing.T) {
				k := oteltest.New(t)
				c := chains.Wrap(own{tc.memory, echo}, k.Handler)
				require.Error(t, call(t.Context(), c, tc.in))
				span := k.Span(t, "invoke_workflow own")
				assert.Equal(t, codes.Error, span.Status().Code)
			})
		}
	}
}

// The user's spans and contexts, above and in between, keep their places, and a
// remote parent is honoured.
func TestMixedWithTheUsersOwnOpenTelemetry(t *testing.T) {
	for _, wrapped := range []bool{true, false} {
		k := oteltest.New(t)
		user := k.Provider.Tracer("user")
		remote := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled, Remote: true})
		ctx := trace.ContextWithRemoteSpanContext(t.Context(), remote)

		m := &oteltest.Model{}
		llm := lcchains.NewLLMChain(m, prompts.NewPromptTemplate("{{.in}}", []string{"in"}))
		var inner lcchains.Chain = llm
		if wrapped {
			inner = chains.Instrument(llm, k.Handler)
		} else {
			m.Handler, llm.CallbacksHandler = k.Handler, k.Handler.As(callbacks.KindTask, "LLMChain")
		}
		outer := chains.Wrap(own{memory.NewSimple(), func(ctx context.Context, in map[string]any) (map[string]any, error) {
			ctx, between := user.Start(ctx, "between")
			defer between.End()
			ctx, cancel := context.WithTimeout(context.WithValue(ctx, contextKey{}, 1), time.Minute)
			defer cancel()
			out, err := lcchains.Call(ctx, inner, in)
			_, below := user.Start(ctx, "beside")
			below.End()
			return map[string]any{"out": out["text"]}, err
		}}, k.Handler)
		ctx, above := user.Start(ctx, "above")
		_, err := lcchains.Call(ctx, outer, map[string]any{"in": "x"})
		require.NoError(t, err)
		above.End()
		assert.Equal(t, `above
└─ invoke_workflow own
   └─ between
      ├─ execute_task LLMChain
      │  └─ chat
      └─ beside
`, tree(k), "wrapped=%t", wrapped)
		for _, s := range k.Spans.Spans() {
			assert.Equal(t, remote.TraceID(), s.SpanContext().TraceID())
		}
	}
}

type contextKey struct{}

func TestRunPredictApply(t *testing.T) {
	k := oteltest.New(t)
	c := chains.Wrap(own{memory.NewSimple(), echo}, k.Handler, chains.WithName("echo"))

	out, err := chains.Run(t.Context(), c, "a")
	require.NoError(t, err)
	assert.Equal(t, "a", out)
	out, err = chains.Predict(t.Context(), c, map[string]any{"in": "b"})
	require.NoError(t, err)
	assert.Equal(t, "b", out)
	outs, err := chains.Apply(t.Context(), c, []map[string]any{{"in": "c"}, {"in": "d"}}, 2)
	require.NoError(t, err)
	assert.Equal(t, []map[string]any{{"out": "c"}, {"out": "d"}}, outs)

	assert.Equal(t, strings.Repeat("invoke_workflow echo\n", 4), tree(k), "one span a call")
}

func TestWorkflowAndTask(t *testing.T) {
	k := oteltest.New(t)
	boom := errors.New("boom")
	n, err := chains.Workflow(t.Context(), k.Handler, "flow", func(ctx context.Context) (int, error) {
		trace.SpanFromContext(ctx).SetAttributes(attribute.String("customer.id", "c-1"))
		one, err := chains.Task(ctx, k.Handler, "one", func(context.Context) (int, error) { return 1, nil })
		require.NoError(t, err)
		_, err = chains.Task(ctx, k.Handler, "two", func(ctx context.Context) (int, error) {
			return chains.Workflow(ctx, k.Handler, "inner", func(context.Context) (int, error) { return 0, boom })
		})
		require.ErrorIs(t, err, boom)
		return one, nil
	})
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	assert.Equal(t, "invoke_workflow flow\n├─ execute_task one\n└─ execute_task two  ERROR _OTHER: *errors.errorString\n   └─ execute_task inner  ERROR _OTHER: *errors.errorString\n", tree(k))
	assert.Equal(t, "c-1", oteltest.Value(k.Span(t, "invoke_workflow flow"), "customer.id"))
	assert.Equal(t, "two", oteltest.Value(k.Span(t, "execute_task inner"), semconv.TraceloopEntityPath))
	assert.Equal(t, "flow", oteltest.Value(k.Span(t, "execute_task inner"), semconv.TraceloopWorkflowName))

	k.Spans.Reset()
	err = chains.DoWorkflow(t.Context(), k.Handler, "flow", func(ctx context.Context) error {
		require.NoError(t, chains.DoTask(ctx, k.Handler, "one", func(context.Context) error { return nil }))
		return chains.DoTask(ctx, k.Handler, "two", func(context.Context) error { return boom })
	})
	require.ErrorIs(t, err, boom)
	assert.Equal(t, "invoke_workflow flow  ERROR _OTHER: *errors.errorString\n├─ execute_task one\n└─ execute_task two  ERROR _OTHER: *errors.errorString\n", tree(k))

	n, err = chains.Workflow(t.Context(), nil, "silent", func(context.Context) (int, error) { return 7, boom })
	require.ErrorIs(t, err, boom)
	assert.Equal(t, 7, n)
}

func TestErrorMessagesAreContent(t *testing.T) {
	const secret = "the patient Ali Hassan has a fever"
	k := oteltest.New(t)
	c := chains.Wrap(own{memory.NewSimple(), func(_ context.Context, in map[string]any) (map[string]any, error) {
		return nil, errors.New("cannot answer: " + in["in"].(string))
	}}, k.Handler)
	_, err := chains.Workflow(t.Context(), k.Handler, "flow", func(ctx context.Context) (map[string]any, error) {
		return lcchains.Call(ctx, c, map[string]any{"in": secret})
	})
	require.Error(t, err)
	assert.Contains(t, err.Error(), secret, "the user's error is the user's")
	assert.NotContains(t, k.Emitted(t), "Ali Hassan")
}

func TestSuppression(t *testing.T) {
	k := oteltest.New(t)
	llm := lcchains.NewLLMChain(&oteltest.Model{Handler: k.Handler}, prompts.NewPromptTemplate("{{.q}}", []string{"q"}))
	_, err := lcchains.Run(callbacks.ContextWithSuppression(t.Context()), chains.Instrument(llm, k.Handler), "q")
	require.NoError(t, err)
	assert.Empty(t, k.Spans.Spans())
	assert.Empty(t, k.Metrics(t))
}

// langchaingo's Call checks the outputs once the chain has returned.
func TestOutputsThatLackAKey(t *testing.T) {
	k := oteltest.New(t)
	c := chains.Wrap(own{memory.NewSimple(), func(context.Context, map[string]any) (map[string]any, error) {
		return map[string]any{"other": "x"}, nil
	}}, k.Handler)
	out, err := lcchains.Call(t.Context(), c, map[string]any{"in": "x"})
	require.ErrorIs(t, err, lcchains.ErrInvalidOutputValues)
	assert.Equal(t, map[string]any{"other": "x"}, out)
	span := k.Span(t, "invoke_workflow own")
	assert.Equal(t, codes.Error, span.Status().Code)
	assert.Equal(t, "invalid_output", oteltest.Value(span, semconv.ErrorType))
}
