// SPDX-License-Identifier: Apache-2.0

package chains_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lccallbacks "github.com/tmc/langchaingo/callbacks"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/spantree"
)

// streams is a model that notes which of its calls were to stream.
func streams(asked *[]bool) *oteltest.Model {
	return &oteltest.Model{Respond: func(ctx context.Context, _ []llms.MessageContent, o llms.CallOptions) (*llms.ContentResponse, error) {
		*asked = append(*asked, o.StreamingFunc != nil)
		if o.StreamingFunc != nil {
			if err := o.StreamingFunc(ctx, []byte("ok")); err != nil {
				return nil, err
			}
		}
		return oteltest.Answer("ok", 10, 2), nil
	}}
}

// chunks is a user's handler that wants to hear of chunks.
type chunks struct {
	lccallbacks.SimpleHandler
	n int
}

func (c *chunks) HandleStreamingFunc(context.Context, []byte) { c.n++ }

// langchaingo's own functions give a handler among the options only the chunks.
func TestCallbackOptionOfLangchaingo(t *testing.T) {
	k := oteltest.New(t)
	var asked []bool
	messages := reports(t, func() {
		for range 2 {
			_, err := lcchains.Run(t.Context(), prompted(streams(&asked), "q"), "x", lcchains.WithCallback(k.Handler))
			require.NoError(t, err)
		}
	})
	assert.Empty(t, k.Spans.Spans())
	require.Len(t, messages, 1)
	assert.Contains(t, messages[0], "chains.Instrument")
}

func TestCallbackOptionMakesOneTree(t *testing.T) {
	const want = "invoke_workflow SequentialChain\n├─ execute_task LLMChain\n│  └─ chat\n└─ execute_task LLMChain\n   └─ chat\n"
	for name, run := range map[string]func(*oteltest.Kit, lcchains.Chain, ...lcchains.ChainCallOption) error{
		"Run": func(_ *oteltest.Kit, c lcchains.Chain, o ...lcchains.ChainCallOption) error {
			_, err := chains.Run(t.Context(), c, "x", o...)
			return err
		},
		"Call": func(_ *oteltest.Kit, c lcchains.Chain, o ...lcchains.ChainCallOption) error {
			_, err := chains.Call(t.Context(), c, map[string]any{"in": "x"}, o...)
			return err
		},
		"Predict": func(_ *oteltest.Kit, c lcchains.Chain, o ...lcchains.ChainCallOption) error {
			_, err := chains.Predict(t.Context(), c, map[string]any{"in": "x"}, o...)
			return err
		},
		"Apply": func(_ *oteltest.Kit, c lcchains.Chain, o ...lcchains.ChainCallOption) error {
			_, err := chains.Apply(t.Context(), c, []map[string]any{{"in": "x"}}, 1, o...)
			return err
		},
		"an instrumented chain": func(k *oteltest.Kit, c lcchains.Chain, o ...lcchains.ChainCallOption) error {
			_, err := lcchains.Run(t.Context(), chains.Instrument(c, k.Handler), "x", o...)
			return err
		},
		"both": func(k *oteltest.Kit, c lcchains.Chain, o ...lcchains.ChainCallOption) error {
			_, err := chains.Run(t.Context(), chains.Instrument(c, k.Handler), "x", o...)
			return err
		},
	} {
		for _, theirs := range []*chunks{nil, {}} {
			t.Run(name, func(t *testing.T) {
				k := oteltest.New(t, callbacks.WithPrices(nil))
				var asked []bool
				first := prompted(streams(&asked), "in")
				first.OutputKey = "between"
				c, err := lcchains.NewSequentialChain([]lcchains.Chain{first, prompted(streams(&asked), "between")}, []string{"in"}, []string{"text"})
				require.NoError(t, err)
				handler := lccallbacks.Handler(k.Handler)
				if theirs != nil {
					handler = lccallbacks.CombiningHandler{Callbacks: []lccallbacks.Handler{k.Handler, theirs}}
				}
				assert.Empty(t, reports(t, func() { require.NoError(t, run(k, c, lcchains.WithTemperature(0.5), lcchains.WithCallback(handler))) }))
				assert.Equal(t, want, tree(k))
				assert.Equal(t, []bool{theirs != nil, theirs != nil}, asked, "only the user's own handler turns streaming on")
				if theirs != nil {
					assert.Equal(t, 2, theirs.n)
				}
			})
		}
	}
}

func TestCallbackOptionLeavesOthersAlone(t *testing.T) {
	var asked []bool
	theirs := &chunks{}
	_, err := chains.Run(t.Context(), prompted(streams(&asked), "q"), "x", lcchains.WithCallback(theirs))
	require.NoError(t, err)
	assert.Equal(t, 1, theirs.n)
	assert.Panics(t, func() {
		_, _ = chains.Run(t.Context(), prompted(streams(&asked), "q"), "x", nil)
	}, "a nil option is langchaingo's to meet")
}

// A chain without a handler around those with one leaves a request in several traces.
func TestSeveralRootsAreReported(t *testing.T) {
	run := func(k *oteltest.Kit, ctx context.Context) []string {
		m := &oteltest.Model{Handler: k.Handler}
		qa := register(lcchains.NewRetrievalQAFromLLM(m, vectorstores.ToRetriever(newStore(), 2)), k)
		return reports(t, func() {
			for range 2 {
				_, err := lcchains.Run(ctx, qa, "q")
				require.NoError(t, err)
			}
		})
	}
	k := oteltest.New(t, callbacks.WithPrices(nil))
	said := run(k, t.Context())
	require.Len(t, said, 1, "once")
	assert.Contains(t, said[0], "langchaingo's RetrievalQA takes no handler")
	assert.Contains(t, said[0], "chains.Instrument(chain, handler)")
	assert.Len(t, spantree.Build(k.Spans.Spans()), 4, "which is true:\n%s", k.Tree())

	k = oteltest.New(t, callbacks.WithPrices(nil))
	ctx, request := k.Provider.Tracer("user").Start(t.Context(), "request")
	assert.Empty(t, run(k, ctx), "a span of the user's holds them together")
	request.End()
	assert.Empty(t, run(k, callbacks.ContextWithSuppression(t.Context())))
	require.NoError(t, chains.DoWorkflow(t.Context(), k.Handler, "request", func(ctx context.Context) error {
		assert.Empty(t, run(k, ctx))
		return nil
	}))

	k = oteltest.New(t, callbacks.WithPrices(nil))
	c := prompted(&oteltest.Model{Handler: k.Handler}, "q")
	c.CallbacksHandler = k.Handler
	assert.Empty(t, reports(t, func() {
		_, err := lcchains.Run(t.Context(), c, "q")
		require.NoError(t, err)
	}), "one chain is one tree")
}
