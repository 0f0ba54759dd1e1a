// SPDX-License-Identifier: Apache-2.0

package agents_test

import (
	"context"
	"fmt"
	"strings"

	lcagents "github.com/tmc/langchaingo/agents"
	lccallbacks "github.com/tmc/langchaingo/callbacks"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/prompts"
	"github.com/tmc/langchaingo/schema"
	lctools "github.com/tmc/langchaingo/tools"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/agents"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/retrieval"
)

// program is a chain, an agent, a retriever or a model call. Its id stands in all
// its texts, so that the texts tell which spans belong together. It is the model of
// its own chains.
type program struct {
	*dice
	w       *world
	id      string
	place   place
	depth   int
	wrapped bool                // its parts are instrumented
	handler lccallbacks.Handler // of its parts, unless they are wrapped
	isAgent bool
	// calm programs do not panic: in a worker of Apply that ends the process.
	calm bool
}

// program runs one that is drawn at random. It may panic with errRandom.
func (w *world) program(d *dice, p place, depth int) {
	r := &program{dice: d, w: w, id: w.start(p), place: p, depth: depth, wrapped: d.oneIn(2)}
	if !r.wrapped {
		r.handler = w.h
	}
	ctx := p.ctx
	if d.oneIn(12) {
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		ctx = cancelled
	}
	switch kind := d.roll(8); {
	case kind == 0:
		_, _ = lcchains.Call(ctx, r.instrumented(r.llmChain()), map[string]any{"input": r.id})
	case kind == 1 && depth == 0: // it starts many operations
		_, _ = lcchains.Call(ctx, r.instrumented(r.mapReduce()), r.documents())
	case kind == 2:
		_, _ = lcchains.Call(ctx, r.sequence(), map[string]any{"input": r.id})
	case kind == 3:
		_, _ = lcchains.Call(ctx, r.retrievalQA(), map[string]any{"query": r.id})
	case kind == 4:
		r.ask(ctx)
	case kind == 5:
		_, _ = r.retriever().GetRelevantDocuments(ctx, r.id)
	default:
		_, _ = lcchains.Call(ctx, r.executor(), map[string]any{"input": r.id})
	}
}

func (r *program) instrumented(c lcchains.Chain) lcchains.Chain {
	if r.wrapped {
		return chains.Instrument(c, r.w.h)
	}
	return c
}

func (r *program) llmChain() *lcchains.LLMChain {
	c := lcchains.NewLLMChain(r, prompts.NewPromptTemplate("{{.input}}", []string{"input"}))
	c.CallbacksHandler = r.handler
	return c
}

func (r *program) mapReduce() lcchains.Chain {
	r.calm = true
	c := lcchains.LoadMapReduceQA(r)
	c.LLMChain.CallbacksHandler = r.handler
	c.ReduceChain.(lcchains.StuffDocuments).LLMChain.CallbacksHandler = r.handler
	c.MaxNumberOfConcurrent = 8
	return c
}

func (r *program) documents() map[string]any {
	docs := make([]schema.Document, 12)
	for i := range docs {
		docs[i].PageContent = fmt.Sprintf("%s-doc%dx", strings.TrimSuffix(r.id, "x"), i)
	}
	return map[string]any{"question": r.id, "input_documents": docs}
}

func (r *program) sequence() lcchains.Chain {
	first, second := r.llmChain(), r.llmChain()
	second.Prompt = prompts.NewPromptTemplate("{{.text}} "+r.id, []string{"text"})
	second.OutputKey = "end"
	parts := []lcchains.Chain{r.instrumented(first), r.instrumented(second)}
	c, err := lcchains.NewSequentialChain(parts, []string{"input"}, []string{"end"})
	if err != nil {
		panic(err)
	}
	return r.instrumented(c)
}

func (r *program) retriever() schema.Retriever {
	store := &oteltest.Store{Docs: []schema.Document{{PageContent: r.id}}}
	if r.oneIn(6) {
		store.Err = errRandom
	}
	retriever := vectorstores.ToRetriever(store, 1)
	retriever.CallbacksHandler = r.handler
	if r.wrapped {
		return retrieval.Wrap(retriever, r.w.h)
	}
	return retriever
}

func (r *program) retrievalQA() lcchains.Chain {
	qa := lcchains.NewRetrievalQAFromLLM(r, r.retriever())
	qa.CombineDocumentsChain.(lcchains.StuffDocuments).LLMChain.CallbacksHandler = r.handler
	return r.instrumented(qa)
}

// ask calls the model without anything around it.
func (r *program) ask(ctx context.Context) {
	r.w.mu.Lock()
	r.w.bare[r.id] = true
	r.w.mu.Unlock()
	var m llms.Model = r
	if r.wrapped {
		m = models.Wrap(r, r.w.h)
	}
	_, _ = llms.GenerateFromSinglePrompt(ctx, m, r.id)
}

func (r *program) executor() lcchains.Chain {
	r.isAgent = true
	tools := []lctools.Tool{&oteltest.Tool{Called: "inner", Do: r.tool}}
	agent := lcagents.NewOneShotAgent(r, tools, lcagents.WithMaxIterations(3))
	e := lcagents.NewExecutor(agent, lcagents.WithMaxIterations(3))
	e.CallbacksHandler = r.handler
	if r.wrapped {
		e = agents.Instrument(e, r.w.h)
	}
	return e
}

// tool runs other programs. Its id is the input that the model chose.
func (r *program) tool(ctx context.Context, id string) (string, error) {
	id = strings.TrimSpace(id)
	if r.handler != nil {
		r.handler.HandleToolStart(ctx, id)
	}
	r.w.count(r.w.tools, id)
	inside := place{ctx: ctx, top: id, inCtx: r.place.inCtx}
	if r.wrapped {
		inside.inCtx = id
	}
	for range 1 + r.roll(2) {
		if r.depth < 2 {
			r.w.step(r.dice, inside, r.depth+1)
		}
	}
	if r.oneIn(12) {
		panic(errRandom)
	}
	if r.oneIn(10) {
		return "", errRandom
	}
	if r.handler != nil && !r.oneIn(6) {
		r.handler.HandleToolEnd(ctx, "seen")
	}
	return "seen", nil
}

// GenerateContent is a provider that fails in every way: it forgets events,
// reports errors, and panics.
func (r *program) GenerateContent(ctx context.Context, ms []llms.MessageContent, _ ...llms.CallOption) (*llms.ContentResponse, error) {
	if r.handler != nil {
		r.handler.HandleLLMGenerateContentStart(ctx, ms)
	}
	prompt := fmt.Sprint(ms)
	r.w.count(r.w.chats, prompt)
	switch {
	case !r.calm && r.oneIn(12):
		panic(errRandom)
	case r.oneIn(12):
		if r.handler != nil && r.oneIn(2) {
			r.handler.HandleLLMError(ctx, errRandom)
		}
		return nil, errRandom
	}
	res := oteltest.Answer(r.answer(), 1, 1)
	if r.handler != nil && !r.oneIn(6) {
		r.handler.HandleLLMGenerateContentEnd(ctx, res)
	}
	return res, nil
}

func (r *program) answer() string {
	if !r.isAgent || r.oneIn(3) {
		return "Final Answer: " + r.id
	}
	inside := r.place
	inside.top = r.id
	return "Thought: look\nAction: inner\nAction Input: " + r.w.start(inside)
}

// Call implements llms.Model.
func (r *program) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, r, prompt, options...)
}
