// SPDX-License-Identifier: Apache-2.0

package chains_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lccallbacks "github.com/tmc/langchaingo/callbacks"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/prompts"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/privacy"
	"github.com/spanloom/spanloom/vectorstore"
)

const ms = time.Millisecond

func newStore() *oteltest.Store {
	return &oteltest.Store{
		Latency: 5 * ms,
		Docs: []schema.Document{
			{PageContent: "Lamps have two years of warranty.", Score: 0.9, Metadata: map[string]any{"source": "a.md"}},
			{PageContent: "Returns within 30 days.", Score: 0.4},
		},
	}
}

// rag builds the tree of the RAG road: RetrievalQA, StuffDocuments, LLMChain.
func rag(k *oteltest.Kit, model llms.Model, store vectorstores.VectorStore) lcchains.Chain {
	store = vectorstore.Wrap(store, k.Handler, vectorstore.WithSystem("fake"), vectorstore.WithCollection("docs"))
	return chains.Instrument(lcchains.NewRetrievalQAFromLLM(model, vectorstores.ToRetriever(store, 2)), k.Handler)
}

func TestInstrumentRetrievalQA(t *testing.T) {
	for name, policy := range map[string]privacy.Policy{
		"none": privacy.None, "verbatim": privacy.Verbatim, "hash": privacy.Hash,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := oteltest.New(t, callbacks.WithContent(policy))
				ctx := callbacks.ContextWithAssociation(t.Context(), attribute.String("user.id", "u1"), attribute.String("session.id", "s1"))
				answer, err := lcchains.Run(ctx, rag(k, &oteltest.Model{Latency: 50 * ms}, newStore()), "How long is the warranty?")
				require.NoError(t, err)
				assert.Equal(t, "ok", answer)
				oteltest.Golden(t, "retrievalqa_"+name, k.Full())
			})
		})
	}
}

// An error on any level is on its span and on every span around it, each with
// its duration, and nothing else is marked.
func TestErrorsRise(t *testing.T) {
	boom := errors.New("boom")
	for _, tc := range []struct {
		name  string
		build func(k *oteltest.Kit) lcchains.Chain
	}{
		{"model", func(k *oteltest.Kit) lcchains.Chain {
			return rag(k, &oteltest.Model{Latency: ms, Respond: failing(boom)}, newStore())
		}},
		{"store", func(k *oteltest.Kit) lcchains.Chain {
			s := newStore()
			s.Err = boom
			return rag(k, &oteltest.Model{}, s)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := oteltest.New(t)
				_, err := lcchains.Run(t.Context(), tc.build(k), "q")
				require.ErrorIs(t, err, boom)
				oteltest.Golden(t, "error_"+tc.name, k.Tree(semconv.ErrorType))
				for name, data := range k.Metrics(t) {
					assert.NotContains(t, fmt.Sprint(data), "boom", "%s must not carry an error's text", name)
				}
			})
		})
	}
}

func failing(err error) func(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
	return func(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
		return nil, err
	}
}

func TestPanicsPassAndSpansEnd(t *testing.T) {
	k := oteltest.New(t)
	value := &struct{ int }{42}
	model := &oteltest.Model{Respond: func(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
		panic(value)
	}}
	chain := rag(k, model, newStore())
	func() {
		defer func() { assert.Same(t, value, recover(), "the panic is the user's own") }()
		_, _ = lcchains.Run(t.Context(), chain, "q")
	}()
	// The LLMChain's span came from an event, and no event tells of the panic:
	// the next one on the goroutine proves that it is over.
	model.Respond = nil
	_, err := lcchains.Run(t.Context(), chain, "q")
	require.NoError(t, err)
	assert.Zero(t, k.Spans.Open())
	panicked := 0
	for _, s := range k.Spans.Spans() {
		if s.Status().Code == codes.Error {
			assert.Equal(t, "panic", oteltest.Value(s, semconv.ErrorType))
			panicked++
		}
	}
	assert.Equal(t, 3, panicked, "RetrievalQA, StuffDocuments and chat:\n%s", k.Tree())
}

// recording is a user's handler; it must keep hearing of its chain.
type recording struct {
	lccallbacks.SimpleHandler
	starts, ends int
}

func (r *recording) HandleChainStart(context.Context, map[string]any) { r.starts++ }
func (r *recording) HandleChainEnd(context.Context, map[string]any)   { r.ends++ }

func TestInstrumentLeavesTheUsersValuesUntouched(t *testing.T) {
	k := oteltest.New(t)
	model, theirs := &oteltest.Model{}, &recording{}
	llm := lcchains.NewLLMChain(model, prompts.NewPromptTemplate("{{.context}} {{.question}}", []string{"context", "question"}),
		lcchains.WithCallback(theirs))
	stuff := lcchains.NewStuffDocuments(llm)
	retriever := vectorstores.ToRetriever(newStore(), 2)
	qa := lcchains.NewRetrievalQA(stuff, retriever)

	c := chains.Instrument(qa, k.Handler)
	_, err := lcchains.Run(t.Context(), c, "q")
	require.NoError(t, err)

	assert.Same(t, model, llm.LLM)
	assert.Same(t, theirs, llm.CallbacksHandler)
	assert.Same(t, llm, qa.CombineDocumentsChain.(lcchains.StuffDocuments).LLMChain)
	assert.IsType(t, vectorstores.Retriever{}, qa.Retriever)
	assert.Equal(t, [2]int{1, 1}, [2]int{theirs.starts, theirs.ends}, "the user's own handler hears each event once")
	assert.Equal(t, qa.GetInputKeys(), c.GetInputKeys())
	assert.Equal(t, qa.GetOutputKeys(), c.GetOutputKeys())
}

// A handler on the chain and a wrapper around it make one span.
func TestWrapperAndHandlerMakeOneSpan(t *testing.T) {
	k := oteltest.New(t)
	theirs := &recording{}
	model := &oteltest.Model{Handler: k.Handler}
	llm := lcchains.NewLLMChain(model, prompts.NewPromptTemplate("{{.q}}", []string{"q"}))
	llm.CallbacksHandler = lccallbacks.CombiningHandler{Callbacks: []lccallbacks.Handler{k.Handler, theirs}}

	_, err := lcchains.Run(t.Context(), chains.Instrument(llm, k.Handler, chains.WithName("ask")), "q")
	require.NoError(t, err)
	assert.Equal(t, "invoke_workflow ask\n└─ chat\n", tree(k))
	assert.Equal(t, 1, theirs.starts)
	assert.Equal(t, "10", oteltest.Value(k.Span(t, "chat"), semconv.UsageInputTokens))
}

func TestNilHandlerAndNilChain(t *testing.T) {
	qa := lcchains.NewRetrievalQAFromLLM(&oteltest.Model{}, vectorstores.ToRetriever(newStore(), 2))
	assert.Equal(t, lcchains.Chain(qa), chains.Instrument(qa, nil))
	assert.Equal(t, lcchains.Chain(qa), chains.Wrap(qa, nil))
	k := oteltest.New(t)
	assert.Nil(t, chains.Instrument(nil, k.Handler))
	assert.NotPanics(t, func() { chains.Instrument((*lcchains.LLMChain)(nil), k.Handler) })
	once := chains.Wrap(qa, k.Handler)
	assert.Same(t, once, chains.Wrap(once, k.Handler), "wrapping twice makes one span")
}
