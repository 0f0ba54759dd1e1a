// SPDX-License-Identifier: Apache-2.0

package gettingstarted_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lcagents "github.com/tmc/langchaingo/agents"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/openai"
	"github.com/tmc/langchaingo/prompts"
	"github.com/tmc/langchaingo/tools"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/examples/gettingstarted/fakeopenai"
	"github.com/spanloom/spanloom/spanloomtest"
)

// streams is a model that counts its calls, and those that are to stream.
type streams struct {
	llms.Model
	calls, streaming int
}

func (m *streams) GenerateContent(ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption) (*llms.ContentResponse, error) {
	var o llms.CallOptions
	for _, option := range options {
		option(&o)
	}
	m.calls++
	if o.StreamingFunc != nil {
		m.streaming++
	}
	return m.Model.GenerateContent(ctx, messages, options...)
}

func newModel(t *testing.T, k *spanloomtest.Kit) *streams {
	t.Helper()
	llm, err := fakeopenai.New(openai.WithModel("gpt-4o-mini"), openai.WithCallback(k.Handler))
	require.NoError(t, err)
	return &streams{Model: llm}
}

// TestRowOfAgents: an agent that has the Handler streams, and its LLMChain is a task.
func TestRowOfAgents(t *testing.T) {
	for name, tc := range map[string]struct {
		agentToo  bool
		streaming int
		tree      string
	}{
		"executor only": {false, 0, "invoke_agent  257 → 21 tokens\n├─ chat  122 → 11 tokens\n├─ execute_tool calculator\n└─ chat  135 → 10 tokens\n"},
		"agent, too": {
			true, 2,
			"invoke_agent  257 → 21 tokens\n├─ execute_task chain\n│  └─ chat  122 → 11 tokens\n├─ execute_tool calculator\n" +
				"└─ execute_task chain\n   └─ chat  135 → 10 tokens\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := spanloomtest.New(t, callbacks.WithPrices(nil))
			model, withHandler := newModel(t, k), lcagents.WithCallbacksHandler(k.Handler)
			var options []lcagents.Option
			if tc.agentToo {
				options = append(options, withHandler)
			}
			agent := lcagents.NewOneShotAgent(model, []tools.Tool{tools.Calculator{CallbacksHandler: k.Handler}}, options...)
			answer, err := lcchains.Run(t.Context(), lcagents.NewExecutor(agent, withHandler), "What is 6 * 7?")
			require.NoError(t, err)
			assert.Equal(t, "42", answer)
			assert.Equal(t, 2, model.calls)
			assert.Equal(t, tc.streaming, model.streaming)
			assert.Equal(t, tc.tree, k.Tree())
		})
	}
}

// TestRowOfExecutors: an executor that fails before its first action looks like a chain.
func TestRowOfExecutors(t *testing.T) {
	k := spanloomtest.New(t, callbacks.WithPrices(nil))
	agent := lcagents.NewOneShotAgent(newModel(t, k), nil)
	_, err := lcchains.Run(t.Context(), lcagents.NewExecutor(agent, lcagents.WithCallbacksHandler(k.Handler)), "Say good bye.")
	require.ErrorIs(t, err, lcagents.ErrUnableToParseOutput)
	assert.Regexp(t, `^invoke_workflow chain  ERROR .*\n└─ chat  .*\n$`, k.Tree())
}

// TestOneLineMakesOneTree: chains that no chain with a handler holds are roots, and
// Workflow makes them one tree.
func TestOneLineMakesOneTree(t *testing.T) {
	k := spanloomtest.New(t, callbacks.WithPrices(nil))
	model, withHandler := newModel(t, k), lcchains.WithCallback(k.Handler)
	outline := lcchains.NewLLMChain(model, prompts.NewPromptTemplate("Outline an article about {{.subject}}.", []string{"subject"}), withHandler)
	article := lcchains.NewLLMChain(model, prompts.NewPromptTemplate("Write an article: {{.outline}}", []string{"outline"}), withHandler)
	sequence, err := lcchains.NewSimpleSequentialChain([]lcchains.Chain{outline, article})
	require.NoError(t, err)
	write := func(ctx context.Context) (string, error) { return lcchains.Run(ctx, sequence, "lamps") }

	_, err = write(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "invoke_workflow chain\n└─ chat  5 → 4 tokens\n\ninvoke_workflow chain\n└─ chat  7 → 5 tokens\n", k.Tree())

	k = spanloomtest.New(t, callbacks.WithPrices(nil))
	model.Model = newModel(t, k).Model
	outline.CallbacksHandler, article.CallbacksHandler = k.Handler, k.Handler
	_, err = chains.Workflow(t.Context(), k.Handler, "write", write)
	require.NoError(t, err)
	assert.Equal(t, "invoke_workflow write\n├─ execute_task chain\n│  └─ chat  5 → 4 tokens\n└─ execute_task chain\n   └─ chat  7 → 5 tokens\n", k.Tree())
}
