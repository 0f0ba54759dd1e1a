// SPDX-License-Identifier: Apache-2.0

package agents_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lcagents "github.com/tmc/langchaingo/agents"
	lccallbacks "github.com/tmc/langchaingo/callbacks"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/prompts"
	"github.com/tmc/langchaingo/schema"
	lctools "github.com/tmc/langchaingo/tools"
	"github.com/tmc/langchaingo/vectorstores"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/agents"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/privacy"
)

var (
	stressSeed = flag.Uint64("agents.seed", 1, "seed of the stress test")
	stressRuns = flag.Int("agents.runs", 12, "runs per goroutine of the stress test")
)

const stressGoroutines = 64

var errStress = errors.New("stress")

// world is what the runs share: one Handler, one context without any span, and
// the truth that the library is checked against. Every run has an id that stands
// in all its texts, and every document of a run one of its own, so that content
// tells which spans belong together, whatever the library thinks.
type world struct {
	h      *callbacks.Handler
	nextID atomic.Int64

	mu    sync.Mutex
	chats map[string]int // model calls, by the ids in the prompt
	tools map[string]int
}

// run is one program: a chain or an agent, with faults drawn from its own
// random numbers.
type run struct {
	w       *world
	rnd     *rand.Rand
	mu      sync.Mutex // MapReduce draws from several goroutines
	id      string
	handler lccallbacks.Handler
	// calm: no panics, since one in a worker of Apply ends the process.
	calm bool
}

func (r *run) chance(n int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rnd.IntN(n) == 0
}

var ids = regexp.MustCompile(`run-\d+(?:-doc\d+)?x`)

// idsIn lists the distinct ids of a text.
func idsIn(text string) string {
	found := ids.FindAllString(text, -1)
	slices.Sort(found)
	return strings.Join(slices.Compact(found), " ")
}

// GenerateContent is a provider that fails in every way: it forgets events,
// reports errors, and panics.
func (r *run) GenerateContent(ctx context.Context, ms []llms.MessageContent, _ ...llms.CallOption) (*llms.ContentResponse, error) {
	if r.handler != nil {
		r.handler.HandleLLMGenerateContentStart(ctx, ms)
	}
	prompt := fmt.Sprint(ms)
	r.w.mu.Lock()
	r.w.chats[idsIn(prompt)]++
	r.w.mu.Unlock()
	switch {
	case !r.calm && r.chance(15):
		panic(errStress)
	case r.chance(12):
		if r.handler != nil && r.chance(2) {
			r.handler.HandleLLMError(ctx, errStress)
		}
		return nil, errStress
	}
	answer := "Thought: look\nAction: inner\nAction Input: " + r.id
	if strings.Contains(prompt, "Observation: ") || r.chance(3) {
		answer = "Final Answer: " + r.id
	}
	res := oteltest.Answer(answer, 1, 1)
	if r.handler != nil && !r.chance(6) {
		r.handler.HandleLLMGenerateContentEnd(ctx, res)
	}
	return res, nil
}

func (r *run) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, r, prompt, options...)
}

func (r *run) llmChain() *lcchains.LLMChain {
	c := lcchains.NewLLMChain(r, prompts.NewPromptTemplate("{{.input}}", []string{"input"}))
	c.CallbacksHandler = r.handler
	return c
}

// program builds a chain and its input; wrapped ones have no handler inside.
func (r *run) program(wrapped bool) (lcchains.Chain, map[string]any) {
	instrument := func(c lcchains.Chain) lcchains.Chain {
		if wrapped {
			return chains.Instrument(c, r.w.h)
		}
		return c
	}
	switch r.rnd.IntN(5) {
	case 0:
		return instrument(r.llmChain()), map[string]any{"input": r.id}
	case 1:
		r.calm = true
		docs := make([]schema.Document, 12)
		for i := range docs {
			docs[i].PageContent = fmt.Sprintf("%s-doc%dx", strings.TrimSuffix(r.id, "x"), i)
		}
		c := lcchains.LoadMapReduceQA(r)
		c.LLMChain.CallbacksHandler = r.handler
		c.ReduceChain.(lcchains.StuffDocuments).LLMChain.CallbacksHandler = r.handler
		c.MaxNumberOfConcurrent = 8
		return instrument(c), map[string]any{"question": r.id, "input_documents": docs}
	case 2:
		first, second := r.llmChain(), r.llmChain()
		second.Prompt = prompts.NewPromptTemplate("{{.text}} "+r.id, []string{"text"})
		second.OutputKey = "end"
		c, err := lcchains.NewSequentialChain([]lcchains.Chain{instrument(first), instrument(second)}, []string{"input"}, []string{"end"})
		if err != nil {
			panic(err)
		}
		return instrument(c), map[string]any{"input": r.id}
	case 3:
		store := &oteltest.Store{Docs: []schema.Document{{PageContent: r.id}}}
		if r.chance(6) {
			store.Err = errStress
		}
		retriever := vectorstores.ToRetriever(store, 1)
		retriever.CallbacksHandler = r.handler
		qa := lcchains.NewRetrievalQAFromLLM(r, retriever)
		stuff := qa.CombineDocumentsChain.(lcchains.StuffDocuments)
		stuff.LLMChain.CallbacksHandler = r.handler
		return instrument(qa), map[string]any{"query": r.id}
	}
	// An agent whose tool runs another chain.
	tool := &oteltest.Tool{Called: "inner", Do: func(ctx context.Context, input string) (string, error) {
		if r.handler != nil {
			r.handler.HandleToolStart(ctx, input)
		}
		r.w.mu.Lock()
		r.w.tools[idsIn(input)]++
		r.w.mu.Unlock()
		out, err := lcchains.Run(ctx, instrument(r.llmChain()), "from the tool of "+r.id)
		if err == nil && r.handler != nil && !r.chance(6) {
			r.handler.HandleToolEnd(ctx, out)
		}
		return "seen", err
	}}
	agent := lcagents.NewOneShotAgent(r, []lctools.Tool{tool}, lcagents.WithMaxIterations(3))
	e := lcagents.NewExecutor(agent, lcagents.WithMaxIterations(3))
	e.CallbacksHandler = r.handler
	if wrapped {
		e = agents.Instrument(e, r.w.h)
	}
	return e, map[string]any{"input": r.id}
}

func TestStress(t *testing.T) {
	synctest.Test(t, stress)
}

func stress(t *testing.T) {
	k := oteltest.New(t, callbacks.WithContent(privacy.Verbatim))
	w := &world{h: k.Handler, chats: map[string]int{}, tools: map[string]int{}}
	shared := context.Background()

	var workers sync.WaitGroup
	for g := range stressGoroutines {
		workers.Go(func() {
			rnd := rand.New(rand.NewPCG(*stressSeed, uint64(g)))
			for range *stressRuns {
				w.one(shared, rnd)
			}
			// What no event has closed on this goroutine, the next operation does.
			_, last := w.h.Start(shared, callbacks.KindTask, "last")
			last.End(nil)
		})
	}
	workers.Wait()
	// Apply returns at the first error, while its other workers go on.
	synctest.Wait()
	w.check(t, k.Spans.Spans())
}

func (w *world) one(ctx context.Context, rnd *rand.Rand) {
	defer func() {
		if r := recover(); r != nil && r != errStress { //nolint:errorlint // the very value that was thrown
			panic(r)
		}
	}()
	r := &run{w: w, rnd: rand.New(rand.NewPCG(rnd.Uint64(), rnd.Uint64())), id: fmt.Sprintf("run-%dx", w.nextID.Add(1))}
	wrapped := rnd.IntN(2) == 0
	if !wrapped {
		r.handler = w.h
	}
	c, in := r.program(wrapped)
	if rnd.IntN(10) == 0 {
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		ctx = cancelled
	}
	_, _ = lcchains.Call(ctx, c, in)
}

// check compares the spans with the truth.
func (w *world) check(t *testing.T, spans []sdktrace.ReadOnlySpan) {
	t.Helper()
	byID := map[string]sdktrace.ReadOnlySpan{}
	ended := map[string]int{}
	for _, s := range spans {
		byID[s.SpanContext().SpanID().String()] = s
		ended[s.SpanContext().SpanID().String()]++
	}
	runOf := func(text string) string {
		first, _, _ := strings.Cut(ids.FindString(text), "-doc")
		return strings.TrimSuffix(first, "x")
	}
	content := func(s sdktrace.ReadOnlySpan) string {
		var b strings.Builder
		for _, key := range []string{"gen_ai.input.messages", "traceloop.entity.input", "gen_ai.tool.call.arguments", "gen_ai.retrieval.query.text"} {
			for _, a := range s.Attributes() {
				if string(a.Key) == key {
					b.WriteString(a.Value.String())
				}
			}
		}
		return b.String()
	}

	chats, tools := map[string]int{}, map[string]int{}
	traces := map[string]string{}
	wrong, orphans := 0, 0
	for _, s := range spans {
		text := content(s)
		if text == "" {
			continue
		}
		trace := s.SpanContext().TraceID().String()
		if other, ok := traces[trace]; ok && other != runOf(text) {
			wrong++
			t.Errorf("a trace holds spans of %s and %s", other, runOf(text))
		}
		traces[trace] = runOf(text)
		isChat := strings.HasPrefix(s.Name(), "chat")
		if isChat {
			chats[idsIn(text)]++
		}
		if strings.HasPrefix(s.Name(), "execute_tool") {
			tools[idsIn(text)]++
		}
		parent, ok := byID[s.Parent().SpanID().String()]
		switch {
		case !s.Parent().IsValid():
			if isChat {
				orphans++
				t.Errorf("a model call of %s has no chain around it", runOf(text))
			}
			continue
		case !ok:
			t.Errorf("the parent of %q never ended", s.Name())
			continue
		}
		// A model call's own chain is the one that was given the same documents.
		above := content(parent)
		if runOf(above) != runOf(text) || isChat && strings.Contains(idsIn(text), "doc") && !strings.Contains(idsIn(above), idsIn(text)) {
			wrong++
			t.Errorf("%s under %s\n%s\n%s", s.Name(), parent.Name(), idsIn(text), idsIn(above))
		}
	}
	for id, n := range ended {
		if n != 1 {
			t.Errorf("span %s ended %d times", id, n)
		}
	}
	require.NotEmpty(t, chats)
	assert.Empty(t, difference(w.chats, chats), "every model call is one chat span")
	assert.Empty(t, difference(w.tools, tools), "every tool call is one tool span")
	t.Logf("seed %d: %d spans, %d runs, %d model calls, %d wrong parents, %d orphans",
		*stressSeed, len(spans), w.nextID.Load(), sum(w.chats), wrong, orphans)
}

// difference lists what is counted differently, and not what is equal.
func difference(want, got map[string]int) map[string][2]int {
	d := map[string][2]int{}
	for k, n := range want {
		if got[k] != n {
			d[k] = [2]int{n, got[k]}
		}
	}
	for k, n := range got {
		if want[k] != n {
			d[k] = [2]int{want[k], n}
		}
	}
	return d
}

func sum(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}
