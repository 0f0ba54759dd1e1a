// SPDX-License-Identifier: Apache-2.0

package chains_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/spantree"
)

// sequence is a SequentialChain of LLMChains with the Handler on the first ones.
func sequence(t *testing.T, k *oteltest.Kit, steps, registered int) lcchains.Chain {
	t.Helper()
	keys := []string{"a", "b", "c", "d"}
	parts := make([]lcchains.Chain, steps)
	for i := range parts {
		c := prompted(&oteltest.Model{}, keys[i])
		if c.OutputKey = keys[i+1]; i < registered {
			c.CallbacksHandler = k.Handler
		}
		parts[i] = c
	}
	c, err := lcchains.NewSequentialChain(parts, keys[:1], []string{keys[steps]})
	require.NoError(t, err)
	return c
}

func simpleSequence(t *testing.T, k *oteltest.Kit, steps, registered int) lcchains.Chain {
	t.Helper()
	parts := make([]lcchains.Chain, steps)
	for i := range parts {
		c := prompted(&oteltest.Model{}, "in")
		if i < registered {
			c.CallbacksHandler = k.Handler
		}
		parts[i] = c
	}
	c, err := lcchains.NewSimpleSequentialChain(parts)
	require.NoError(t, err)
	return c
}

func call(ctx context.Context, t *testing.T, c lcchains.Chain, in map[string]any) {
	t.Helper()
	_, err := lcchains.Call(ctx, c, in)
	require.NoError(t, err)
}

// Every chain of langchaingo with the Handler on its parts: where one call makes several
// traces, the Handler says so once, names the chain, and does not say it of others.
func TestSeveralRootsOfOneCallAreReportedOnce(t *testing.T) {
	reported := map[string]string{
		"refine_qa": "RefineDocuments", "refine_summary": "RefineDocuments", "retrieval_qa": "RetrievalQA",
		"conversational_retrieval_qa": "ConversationalRetrievalQA", "api": "APIChain", "sql_database": "SQLDatabaseChain",
		"constitution": "Constitutional",
	}
	for _, tc := range chainCases() {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := oteltest.New(t, callbacks.WithPrices(nil))
				c := register(tc.build(t, tc.model(k.Handler)), k)
				got := reports(t, func() {
					for range 3 {
						call(t.Context(), t, c, tc.in)
					}
				})
				want, several := reported[tc.name]
				if !several {
					assert.Empty(t, got)
					return
				}
				assert.Greater(t, len(spantree.Build(k.Spans.Spans())), 3, "the test must have several roots")
				require.Len(t, got, 1)
				assert.True(t, strings.HasPrefix(got[0], "callbacks: "+want+" of langchaingo takes no callback handler"), got[0])
				assert.Contains(t, got[0], "chains.Instrument(chain, handler)")
				assert.Contains(t, got[0], "chains.Workflow(ctx, handler, name")
			})
		})
	}
}

func TestRootsOfSequencesAreReportedOnce(t *testing.T) {
	for name, build := range map[string]func(*testing.T, *oteltest.Kit, int, int) lcchains.Chain{
		"SequentialChain": sequence, "SimpleSequentialChain": simpleSequence,
	} {
		t.Run(name, func(t *testing.T) {
			in := map[string]any{"a": "x", "input": "x"}
			k := oteltest.New(t, callbacks.WithPrices(nil))
			got := reports(t, func() {
				call(t.Context(), t, build(t, k, 3, 3), in)
				call(t.Context(), t, build(t, k, 3, 3), in)
			})
			require.Len(t, got, 1)
			assert.Contains(t, got[0], "callbacks: "+name+" of langchaingo")
			assert.Len(t, spantree.Build(k.Spans.Spans()), 6, "the Handler opens no span that nobody asked for")
		})
	}
}

func TestSeparateRootsAreNotReported(t *testing.T) {
	qa := func(k *oteltest.Kit) lcchains.Chain {
		return register(lcchains.NewRetrievalQAFromLLM(&oteltest.Model{}, vectorstores.ToRetriever(newStore(), 2)), k)
	}
	query := map[string]any{"query": "q"}
	for name, run := range map[string]func(*testing.T, *oteltest.Kit){
		"two requests on one goroutine": func(t *testing.T, k *oteltest.Kit) {
			c := prompted(&oteltest.Model{}, "q")
			c.CallbacksHandler = k.Handler
			call(t.Context(), t, c, map[string]any{"q": "1"})
			call(t.Context(), t, c, map[string]any{"q": "2"})
		},
		"a loop over sequences with one root each": func(t *testing.T, k *oteltest.Kit) {
			for range 10 {
				call(t.Context(), t, sequence(t, k, 3, 1), map[string]any{"a": "x"})
				call(t.Context(), t, simpleSequence(t, k, 3, 1), map[string]any{"input": "x"})
			}
		},
		"results that are the next request": func(t *testing.T, k *oteltest.Kit) {
			c, in := sequence(t, k, 1, 1), map[string]any{"a": "x"}
			for range 10 {
				out, err := lcchains.Call(t.Context(), c, in)
				require.NoError(t, err)
				in = out
				in["a"] = in["b"]
			}
		},
		"in a workflow": func(t *testing.T, k *oteltest.Kit) {
			require.NoError(t, chains.DoWorkflow(t.Context(), k.Handler, "ask", func(ctx context.Context) error {
				call(ctx, t, qa(k), query)
				return nil
			}))
		},
		"instrumented": func(t *testing.T, k *oteltest.Kit) { call(t.Context(), t, chains.Instrument(qa(k), k.Handler), query) },
		"in a span of the user's": func(t *testing.T, k *oteltest.Kit) {
			ctx, span := k.Provider.Tracer("user").Start(t.Context(), "GET /ask")
			defer span.End()
			call(ctx, t, qa(k), query)
		},
		"a router of the user's": func(t *testing.T, k *oteltest.Kit) {
			a, b := prompted(&oteltest.Model{}, "in"), prompted(&oteltest.Model{}, "in")
			a.CallbacksHandler, b.CallbacksHandler = k.Handler, k.Handler
			n := 0
			router := own{memory: a.Memory, call: func(ctx context.Context, in map[string]any) (map[string]any, error) {
				if n++; n%2 == 1 {
					return map[string]any{"out": ""}, lastError(lcchains.Call(ctx, a, in))
				}
				return map[string]any{"out": ""}, lastError(lcchains.Call(ctx, b, in))
			}}
			for range 4 {
				call(t.Context(), t, router, map[string]any{"in": "x"})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := oteltest.New(t, callbacks.WithPrices(nil))
			assert.Empty(t, reports(t, func() { run(t, k) }))
			assert.NotEmpty(t, k.Spans.Spans())
		})
	}
}

func lastError(_ map[string]any, err error) error { return err }
