// SPDX-License-Identifier: Apache-2.0

package chains_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/privacy"
)

// documentName finds the documents of TestMapReduceOver200Documents.
var documentName = regexp.MustCompile(`document \d{3}`)

// outcome is all that a caller and the model can tell of a call.
type outcome struct {
	out      map[string]any
	err      error
	panicked any
	calls    []string
}

var (
	errModel = errors.New("model failed")
	errPanic = errors.New("model panicked")
)

// observe runs a chain on a model that behaves as fault says, and records what
// reached it: messages, resolved options, and whether streaming was on.
func (tc chainCase) observe(t *testing.T, fault string, wrap func(lcchains.Chain) lcchains.Chain) (o outcome) {
	t.Helper()
	var mu sync.Mutex
	good := tc.model(nil)
	m := &oteltest.Model{Respond: func(ctx context.Context, ms []llms.MessageContent, opts llms.CallOptions) (*llms.ContentResponse, error) {
		mu.Lock()
		o.calls = append(o.calls, fmt.Sprintf("%v model=%q temperature=%v max=%d stop=%q streaming=%t",
			ms, opts.Model, opts.Temperature, opts.MaxTokens, opts.StopWords, opts.StreamingFunc != nil))
		mu.Unlock()
		switch fault {
		case "error":
			return nil, fmt.Errorf("call: %w", errModel)
		case "panic":
			panic(errPanic)
		case "empty":
			return nil, nil //nolint:nilnil // some clients do
		}
		return good.Respond(ctx, ms, opts)
	}}
	c := wrap(tc.build(t, m))
	defer func() {
		o.panicked = recover()
		// Apply returns at the first error, while its other workers go on.
		synctest.Wait()
		slices.Sort(o.calls)
	}()
	o.out, o.err = lcchains.Call(t.Context(), c, tc.in, lcchains.WithTemperature(0.25), lcchains.WithModel("m"))
	return o
}

// Every chain gives the same results, errors, panics and calls, wrapped and
// unwrapped.
func TestEveryChainIsTransparent(t *testing.T) {
	for _, tc := range chainCases() {
		for _, fault := range []string{"none", "error", "empty", "panic"} {
			// A panic in a worker of Apply ends the process, with us or without.
			concurrent := tc.name == "map_reduce_qa" || tc.name == "map_reduce_summary" || tc.name == "map_rerank_qa"
			if concurrent && (fault == "panic" || fault == "empty") {
				continue
			}
			t.Run(tc.name+"/"+fault, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					want := tc.observe(t, fault, func(c lcchains.Chain) lcchains.Chain { return c })
					k := oteltest.New(t, callbacks.WithContent(privacy.Verbatim))
					got := tc.observe(t, fault, func(c lcchains.Chain) lcchains.Chain { return chains.Instrument(c, k.Handler) })
					// Close what a panic left open.
					_, last := k.Handler.Start(t.Context(), callbacks.KindTask, "last")
					last.End(nil)
					synctest.Wait()

					assert.Equal(t, want.out, got.out)
					assert.Equal(t, want.err, got.err)
					assert.Equal(t, errors.Is(want.err, errModel), errors.Is(got.err, errModel))
					if fault == "empty" && want.panicked != nil {
						assert.NotNil(t, got.panicked, "langchaingo's own nil dereference")
					} else {
						assert.Equal(t, want.panicked, got.panicked)
					}
					if !concurrent || fault == "none" {
						assert.Equal(t, want.calls, got.calls)
					}
				})
			})
		}
	}
}

// 200 documents, 64 at a time, wrapped and by events: each model call is the
// child of its own chain, the one that was given the same document.
func TestMapReduceOver200Documents(t *testing.T) {
	docs := make([]schema.Document, 200)
	for i := range docs {
		docs[i].PageContent = fmt.Sprintf("document %03d.", i)
	}
	for _, wrapped := range []bool{true, false} {
		t.Run(fmt.Sprintf("wrapped=%t", wrapped), func(t *testing.T) {
			k := oteltest.New(t, callbacks.WithContent(privacy.Verbatim))
			m := &oteltest.Model{}
			if !wrapped {
				m.Handler = k.Handler
			}
			c := lcchains.LoadMapReduceSummarization(m)
			c.MaxNumberOfConcurrent = 64
			var chain lcchains.Chain = c
			if wrapped {
				chain = chains.Instrument(c, k.Handler)
			} else {
				c.LLMChain.CallbacksHandler = k.Handler
				c.ReduceChain.(lcchains.StuffDocuments).LLMChain.CallbacksHandler = k.Handler
			}
			_, err := lcchains.Call(context.Background(), chain, map[string]any{"input_documents": docs})
			require.NoError(t, err)

			right := 0
			var walk func(nodes []*spantree.Node)
			walk = func(nodes []*spantree.Node) {
				for _, n := range nodes {
					for _, child := range n.Children {
						if child.Span.Name() != "chat" {
							continue
						}
						prompt, given := documentsIn(child), documentsIn(n)
						assert.Equal(t, given, prompt)
						right++
					}
					walk(n.Children)
				}
			}
			roots := spantree.Build(k.Spans.Spans())
			walk(roots)
			assert.Equal(t, 201, right, "200 documents and the combination")
			if wrapped {
				assert.Len(t, roots, 1)
			} else {
				assert.Len(t, roots, 201, "a chain without events cannot hold them together")
			}
		})
	}
}

func documentsIn(n *spantree.Node) []string {
	var found []string
	for _, a := range n.Span.Attributes() {
		if a.Key == "gen_ai.input.messages" || a.Key == "traceloop.entity.input" {
			found = append(found, documentName.FindAllString(a.Value.String(), -1)...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
