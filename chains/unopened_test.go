// SPDX-License-Identifier: Apache-2.0

package chains_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lcagents "github.com/tmc/langchaingo/agents"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/cache"
	"github.com/tmc/langchaingo/llms/fake"
	"github.com/tmc/langchaingo/memory"
	"github.com/tmc/langchaingo/schema"
	lctools "github.com/tmc/langchaingo/tools"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel"

	"github.com/spanloom/spanloom/agents"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/retrieval"
	"github.com/spanloom/spanloom/vectorstore"
)

// chainBase makes a chain of each type below, of which each has its own message.
type chainBase struct{}

func (chainBase) Call(context.Context, map[string]any, ...lcchains.ChainCallOption) (map[string]any, error) {
	return map[string]any{}, nil
}
func (chainBase) GetMemory() schema.Memory { return memory.NewSimple() }
func (chainBase) GetInputKeys() []string   { return nil }
func (chainBase) GetOutputKeys() []string  { return nil }

// router is a user's model around others.
type router struct {
	llms.Model
	others map[string]llms.Model
}

type (
	ofModel struct {
		chainBase
		llm llms.Model
	}
	ofRouter struct {
		chainBase
		LLM llms.Model
	}
	ofClient struct {
		chainBase
		llm *fake.LLM
	}
	ofChains struct {
		chainBase
		steps []lcchains.Chain
	}
	ofParts struct {
		chainBase
		deps struct {
			executor  *lcagents.Executor
			llmChain  *lcchains.LLMChain
			retriever schema.Retriever
			store     vectorstores.VectorStore
			tools     map[string]lctools.Tool
		}
	}
	linked struct {
		chainBase
		*embedded
		next    *linked
		history schema.Memory
		f       func()
		n       []float64
	}
	embedded struct{ llm llms.Model }
	extended struct{ *lcchains.LLMChain }
	ofCache  struct {
		chainBase
		llm llms.Model
	}
)

// reports returns what OpenTelemetry's error handler gets during f, but for prices.
func reports(t *testing.T, f func()) (messages []string) {
	t.Helper()
	old := otel.GetErrorHandler()
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		if !strings.HasPrefix(err.Error(), "spanloom: ") { // those are about prices
			messages = append(messages, err.Error())
		}
	}))
	defer otel.SetErrorHandler(old)
	f()
	return messages
}

func client() llms.Model { return fake.NewFakeLLM([]string{"ok"}) }

func TestWhatCannotBeOpenedIsReported(t *testing.T) {
	k := oteltest.New(t)
	store := vectorstores.ToRetriever(newVectorStore(), 1)
	parts := func(change func(*ofParts)) lcchains.Chain {
		c := &ofParts{}
		change(c)
		return c
	}
	for _, tc := range []struct {
		chain lcchains.Chain
		want  string // "": silent
	}{
		{&ofModel{llm: models.Wrap(client(), k.Handler)}, ""},
		{&ofModel{llm: client()}, "chains: Instrument does not open *chains_test.ofModel: there is no span of its part llm (*fake.LLM); wrap that by models.Wrap before you build the chain"},
		{&ofModel{llm: client()}, ""}, // once for each type
		{ofRouter{LLM: router{models.Wrap(client(), k.Handler), nil}}, ""},
		{ofRouter{LLM: router{Model: client()}}, "part LLM.Model (*fake.LLM); wrap that by models.Wrap"},
		{&ofRouter{LLM: router{models.Wrap(client(), k.Handler), map[string]llms.Model{"b": client()}}}, "part LLM.others[...] (*fake.LLM); wrap that by models.Wrap"},
		{ofClient{}, ""},
		{ofClient{llm: fake.NewFakeLLM(nil)}, "part llm (*fake.LLM)"},
		{ofChains{steps: []lcchains.Chain{chains.Wrap(chainBase{}, k.Handler), prompted(client(), "q")}}, "part steps[1] (*chains.LLMChain); wrap that by chains.Instrument"},
		{parts(func(c *ofParts) { c.deps.executor = agents.Instrument(executor(client()), k.Handler) }), ""},
		{parts(func(c *ofParts) { c.deps.retriever = retrieval.Wrap(store, k.Handler) }), ""},
		{parts(func(c *ofParts) { c.deps.store = vectorstore.Wrap(newVectorStore(), k.Handler) }), ""},
		{parts(func(c *ofParts) {
			c.deps.tools = map[string]lctools.Tool{"a": agents.WrapTool(lctools.Calculator{}, k.Handler)}
		}), ""},
		{parts(func(c *ofParts) { c.deps.tools = map[string]lctools.Tool{"a": lctools.Calculator{}} }), "part deps.tools[...] (tools.Calculator); wrap that by agents.WrapTool"},
		{extended{prompted(client(), "q")}, "part LLM (*fake.LLM); wrap that by models.Wrap"},
		{ofCache{llm: cache.New(models.Wrap(client(), k.Handler), nil)}, ""},
		{ofCache{llm: cache.New(client(), nil)}, "part llm (*cache.Cacher); wrap that by models.Wrap"},
		{linked{history: memory.NewConversationTokenBuffer(client(), 10), f: func() {}}, ""},
		{&linked{embedded: &embedded{client()}}, "part llm (*fake.LLM)"},
	} {
		messages := reports(t, func() { chains.Instrument(tc.chain, k.Handler) })
		if tc.want == "" {
			assert.Empty(t, messages, "%T", tc.chain)
		} else if assert.Len(t, messages, 1, "%T", tc.chain) {
			assert.Contains(t, messages[0], tc.want)
		}
	}

	c := &linked{n: make([]float64, 1e6)}
	c.next = c
	assert.Empty(t, reports(t, func() { chains.Instrument(c, k.Handler) }), "a search ends")
}

// newVectorStore is a store of the program's own.
func newVectorStore() vectorstores.VectorStore { return struct{ vectorstores.VectorStore }{} }

// Every chain type of langchaingo is opened: none of their parts is without a span.
func TestLangchaingoIsOpened(t *testing.T) {
	for _, tc := range chainCases() {
		k := oteltest.New(t)
		c := tc.build(t, client())
		assert.Empty(t, reports(t, func() { chains.Instrument(c, k.Handler) }), tc.name)
	}
}

func TestInstrumentExecutor(t *testing.T) {
	k := oteltest.New(t)
	m := &oteltest.Model{Respond: func(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
		return oteltest.Answer("Final Answer: ok", 10, 2), nil
	}}
	e := executor(m)
	c := chains.Instrument(e, k.Handler, chains.WithName("helper"))
	assert.Same(t, c, chains.Instrument(c, k.Handler))
	answer, err := lcchains.Run(t.Context(), c, "q")
	require.NoError(t, err)
	assert.Equal(t, "ok", answer)
	assert.Equal(t, "invoke_agent helper\n└─ chat\n", tree(k))
	assert.Nil(t, e.CallbacksHandler, "the user's executor stays as it is")
	assert.NotPanics(t, func() { chains.Instrument((*lcagents.Executor)(nil), k.Handler) })
}
