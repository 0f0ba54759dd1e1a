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

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/internal/oteltest"
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
