// SPDX-License-Identifier: Apache-2.0

package chains_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lcagents "github.com/tmc/langchaingo/agents"
	lccallbacks "github.com/tmc/langchaingo/callbacks"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/chains/constitution"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/memory"
	"github.com/tmc/langchaingo/prompts"
	"github.com/tmc/langchaingo/schema"
	lctools "github.com/tmc/langchaingo/tools"
	"github.com/tmc/langchaingo/tools/sqldatabase"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/models"
)

// chainCase builds one of langchaingo's chains around a model.
type chainCase struct {
	name  string
	build func(t *testing.T, m llms.Model) lcchains.Chain
	in    map[string]any
	// answer makes the model's answer where "ok" will not do.
	answer func(prompt string) string
}

var threeDocs = []schema.Document{{PageContent: "one"}, {PageContent: "two"}, {PageContent: "three"}}

func question(docs bool) map[string]any {
	in := map[string]any{"question": "q"}
	if docs {
		in["input_documents"] = threeDocs
	}
	return in
}

func prompted(m llms.Model, variable string) *lcchains.LLMChain {
	return lcchains.NewLLMChain(m, prompts.NewPromptTemplate("{{."+variable+"}}", []string{variable}))
}

func chainCases() []chainCase {
	return []chainCase{
		{"llm_chain", func(_ *testing.T, m llms.Model) lcchains.Chain { return prompted(m, "q") }, map[string]any{"q": "x"}, nil},
		{"conversation", func(_ *testing.T, m llms.Model) lcchains.Chain {
			return lcchains.NewConversation(m, memory.NewConversationBuffer())
		}, map[string]any{"input": "hi"}, nil},
		{"stuff_qa", func(_ *testing.T, m llms.Model) lcchains.Chain { return lcchains.LoadStuffQA(m) }, question(true), nil},
		{"map_reduce_qa", func(_ *testing.T, m llms.Model) lcchains.Chain { return lcchains.LoadMapReduceQA(m) }, question(true), nil},
		{"refine_qa", func(_ *testing.T, m llms.Model) lcchains.Chain { return lcchains.LoadRefineQA(m) }, question(true), nil},
		{
			"map_rerank_qa", func(_ *testing.T, m llms.Model) lcchains.Chain { return lcchains.LoadMapRerankQA(m) }, question(true),
			func(string) string { return "an answer\nScore: 50" },
		},
		{"stuff_summary", func(_ *testing.T, m llms.Model) lcchains.Chain { return lcchains.LoadStuffSummarization(m) }, map[string]any{"input_documents": threeDocs}, nil},
		{"map_reduce_summary", func(_ *testing.T, m llms.Model) lcchains.Chain { return lcchains.LoadMapReduceSummarization(m) }, map[string]any{"input_documents": threeDocs}, nil},
		{"refine_summary", func(_ *testing.T, m llms.Model) lcchains.Chain { return lcchains.LoadRefineSummarization(m) }, map[string]any{"input_documents": threeDocs}, nil},
		{"retrieval_qa", func(_ *testing.T, m llms.Model) lcchains.Chain {
			return lcchains.NewRetrievalQAFromLLM(m, vectorstores.ToRetriever(newStore(), 2))
		}, map[string]any{"query": "q"}, nil},
		{"conversational_retrieval_qa", func(t *testing.T, m llms.Model) lcchains.Chain {
			history := memory.NewConversationBuffer()
			require.NoError(t, history.ChatHistory.AddUserMessage(t.Context(), "before"))
			history.ReturnMessages, history.MemoryKey = true, "chat_history"
			return lcchains.NewConversationalRetrievalQAFromLLM(m, vectorstores.ToRetriever(newStore(), 2), history)
		}, map[string]any{"question": "and then?"}, nil},
		{
			"api", func(_ *testing.T, m llms.Model) lcchains.Chain { return lcchains.NewAPIChain(m, fakeHTTP{}) },
			map[string]any{"api_docs": "docs", "input": "weather?"},
			func(prompt string) string {
				if strings.Contains(prompt, "api_response") || strings.Contains(prompt, "sunny") {
					return "It is sunny."
				}
				return `{"method":"GET","url":"http://127.0.0.1/weather","headers":{},"body":{}}`
			},
		},
		{
			"sql_database", func(t *testing.T, m llms.Model) lcchains.Chain {
				db, err := sqldatabase.NewSQLDatabase(fakeSQL{}, nil)
				require.NoError(t, err)
				return lcchains.NewSQLDatabaseChain(m, 5, db)
			},
			map[string]any{"query": "how many?"},
			func(string) string { return "SQLQuery: SELECT 1\nSQLResult: 1\nAnswer: one" },
		},
		{
			"llm_math", func(_ *testing.T, m llms.Model) lcchains.Chain { return lcchains.NewLLMMathChain(m) },
			map[string]any{"question": "6*7?"},
			func(string) string { return "```starlark\n6*7\n```" },
		},
		{"transform", func(*testing.T, llms.Model) lcchains.Chain {
			return lcchains.NewTransform(func(ctx context.Context, in map[string]any, _ ...lcchains.ChainCallOption) (map[string]any, error) {
				oteltest.Sleep(ctx, 3*ms)
				return map[string]any{"out": in["in"]}, nil
			}, []string{"in"}, []string{"out"})
		}, map[string]any{"in": "x"}, nil},

		// These keep their parts in unexported fields.
		{"sequence", func(t *testing.T, m llms.Model) lcchains.Chain {
			first := prompted(m, "in")
			first.OutputKey = "between"
			c, err := lcchains.NewSequentialChain([]lcchains.Chain{first, prompted(m, "between")}, []string{"in"}, []string{"text"})
			require.NoError(t, err)
			return c
		}, map[string]any{"in": "x"}, nil},
		{"simple_sequence", func(t *testing.T, m llms.Model) lcchains.Chain {
			c, err := lcchains.NewSimpleSequentialChain([]lcchains.Chain{prompted(m, "in"), executor(m)})
			require.NoError(t, err)
			return c
		}, map[string]any{"input": "x"}, func(string) string { return "Final Answer: ok" }},
		{"constitution", func(_ *testing.T, m llms.Model) lcchains.Chain {
			return constitution.NewConstitutional(m, *prompted(m, "in"), []constitution.ConstitutionalPrinciple{
				constitution.NewConstitutionalPrinciple("Is it kind?", "Make it kind."),
			}, nil)
		}, map[string]any{"in": "x"}, nil},
		{"executor", func(_ *testing.T, m llms.Model) lcchains.Chain { return executor(m) }, map[string]any{"input": "x"}, func(prompt string) string {
			if strings.Contains(prompt, "Observation: 42") {
				return "Final Answer: 42"
			}
			return "Action: calculator\nAction Input: 6*7"
		}},
	}
}

func executor(m llms.Model) *lcagents.Executor {
	return lcagents.NewExecutor(lcagents.NewOneShotAgent(m, []lctools.Tool{lctools.Calculator{}}))
}

type fakeHTTP struct{}

func (fakeHTTP) Do(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewBufferString("sunny"))}, nil
}

type fakeSQL struct{}

func (fakeSQL) Dialect() string { return "fake" }
func (fakeSQL) Query(context.Context, string, ...any) ([]string, [][]string, error) {
	return []string{"n"}, [][]string{{"1"}}, nil
}
func (fakeSQL) TableNames(context.Context) ([]string, error)      { return []string{"t"}, nil }
func (fakeSQL) TableInfo(context.Context, string) (string, error) { return "t(n)", nil }
func (fakeSQL) Close() error                                      { return nil }

// model answers after 10 ms, one millisecond later for each call: siblings that
// run at once have their order in the tree.
func (c chainCase) model(h lccallbacks.Handler) *oteltest.Model {
	return &oteltest.Model{Handler: h, Respond: func(ctx context.Context, msgs []llms.MessageContent, _ llms.CallOptions) (*llms.ContentResponse, error) {
		oteltest.Sleep(ctx, 10*ms)
		text := "ok"
		if c.answer != nil {
			text = c.answer(msgs[len(msgs)-1].Parts[0].(llms.TextContent).Text)
		}
		return oteltest.Answer(text, 10, 2), nil
	}}
}

// Each chain type, wrapped: the tree with durations, and the same result as
// without us.
func TestInstrumentEveryChain(t *testing.T) {
	for _, tc := range chainCases() {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				want, err := lcchains.Call(t.Context(), tc.build(t, tc.model(nil)), tc.in)
				require.NoError(t, err)
				k := oteltest.New(t)
				c := chains.Instrument(tc.build(t, tc.model(nil)), k.Handler)
				got, err := chains.Call(t.Context(), c, tc.in)
				require.NoError(t, err)
				assert.Equal(t, want, got)
				oteltest.Golden(t, "wrapped_"+tc.name, k.Tree(semconv.UsageInputTokens, semconv.TotalInputTokens, semconv.TraceloopEntityPath))
				oneTree(t, k)
			})
		})
	}
}

// Each chain type with nothing but the Handler registered where langchaingo
// lets it be: on the LLMChains, the provider and the retriever. Chains that fire
// no events have no span; a span of the user's own holds the trace together.
func TestHandlerOnlyEveryChain(t *testing.T) {
	for _, tc := range chainCases() {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := oteltest.New(t)
				c := tc.build(t, tc.model(k.Handler))
				ctx, request := k.Provider.Tracer("user").Start(t.Context(), "request")
				_, err := lcchains.Call(ctx, register(c, k), tc.in)
				require.NoError(t, err)
				request.End()
				oteltest.Golden(t, "handler_"+tc.name, k.Tree(semconv.UsageInputTokens, semconv.TotalInputTokens))
				oneTree(t, k)
				for _, s := range k.Spans.Spans() {
					assert.Empty(t, oteltest.Value(s, semconv.Incomplete), s.Name())
				}
			})
		})
	}
}

// register sets the Handler on every LLMChain and retriever inside c, in place.
func register(c lcchains.Chain, k *oteltest.Kit) lcchains.Chain {
	v := reflect.ValueOf(c)
	if v.Kind() != reflect.Pointer {
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		v = p
	}
	e := v.Elem()
	if f := e.FieldByName("CallbacksHandler"); f.IsValid() {
		f.Set(reflect.ValueOf(k.Handler))
	}
	for i := range e.NumField() {
		if !e.Type().Field(i).IsExported() || e.Field(i).IsZero() {
			continue
		}
		switch part := e.Field(i).Interface().(type) {
		case lcchains.Chain:
			registered := register(part, k)
			if reflect.TypeOf(registered).AssignableTo(e.Field(i).Type()) {
				e.Field(i).Set(reflect.ValueOf(registered))
			}
		case vectorstores.Retriever:
			part.CallbacksHandler = k.Handler
			e.Field(i).Set(reflect.ValueOf(part))
		}
	}
	return v.Interface().(lcchains.Chain)
}

func oneTree(t *testing.T, k *oteltest.Kit) {
	t.Helper()
	assert.Len(t, spantree.Build(k.Spans.Spans()), 1, "one root:\n%s", k.Tree())
	spans := k.Spans.Spans()
	for _, s := range spans {
		assert.Equal(t, spans[0].SpanContext().TraceID(), s.SpanContext().TraceID(), "one trace")
	}
}

// The parts of these are private: instrumented, or given the Handler, before
// they are built in, they are there.
func TestChainsWithPrivateParts(t *testing.T) {
	for _, mode := range []string{"wrapped", "handler"} {
		wrapped := mode == "wrapped"
		prepare := func(k *oteltest.Kit, m *oteltest.Model, name, input, output string) lcchains.Chain {
			c := prompted(m, input)
			c.OutputKey = output
			if wrapped {
				return chains.Instrument(c, k.Handler, chains.WithName(name))
			}
			c.CallbacksHandler = k.Handler.As(callbacks.KindTask, name)
			return c
		}
		for name, build := range map[string]func(k *oteltest.Kit, m *oteltest.Model) (lcchains.Chain, map[string]any){
			"simple_sequential": func(k *oteltest.Kit, m *oteltest.Model) (lcchains.Chain, map[string]any) {
				c, err := lcchains.NewSimpleSequentialChain([]lcchains.Chain{prepare(k, m, "synopsis", "text", "text"), prepare(k, m, "review", "text", "text")})
				require.NoError(t, err)
				return c, map[string]any{"input": "x"}
			},
			"sequential": func(k *oteltest.Kit, m *oteltest.Model) (lcchains.Chain, map[string]any) {
				c, err := lcchains.NewSequentialChain([]lcchains.Chain{prepare(k, m, "synopsis", "text", "first"), prepare(k, m, "review", "first", "end")},
					[]string{"text"}, []string{"end"})
				require.NoError(t, err)
				return c, map[string]any{"text": "x"}
			},
			// Constitutional calls its chain directly, past events and memory: only
			// the model can be seen.
			"constitutional": func(k *oteltest.Kit, m *oteltest.Model) (lcchains.Chain, map[string]any) {
				var model llms.Model = m
				if wrapped {
					model = models.Wrap(m, k.Handler)
				}
				return lcchains.NewConstitutional(model, lcchains.NewConversation(model, memory.NewSimple()), []lcchains.ConstitutionalPrinciple{
					lcchains.NewConstitutionalPrinciple("Is it kind?", "Make it kind."),
				}, nil), map[string]any{"input": "x", "history": ""}
			},
		} {
			t.Run(mode+"_"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					k := oteltest.New(t)
					m := &oteltest.Model{Latency: 10 * time.Millisecond}
					ctx, c, in := t.Context(), lcchains.Chain(nil), map[string]any(nil)
					end := func() {}
					if wrapped {
						c, in = build(k, m)
						c = chains.Instrument(c, k.Handler)
					} else {
						m.Handler = k.Handler
						c, in = build(k, m)
						var request trace.Span
						ctx, request = k.Provider.Tracer("user").Start(ctx, "request")
						end = func() { request.End() }
					}
					_, err := lcchains.Call(ctx, c, in)
					end()
					require.NoError(t, err)
					oteltest.Golden(t, mode+"_"+name, k.Tree())
					oneTree(t, k)
				})
			})
		}
	}
}
