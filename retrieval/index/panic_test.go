// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"context"
	"iter"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/retrieval/index"
)

// TestPanics: a panic comes to the caller, whatever goroutine it was on, when
// all batches are over.
func TestPanics(t *testing.T) {
	for _, tc := range []struct {
		where string
		set   func(c *counter, opts *[]index.Option) index.Loader
	}{
		{"the embedder", func(c *counter, _ *[]index.Option) index.Loader {
			c.before = func(_ context.Context, call int) error {
				if call == 3 {
					panic("boom")
				}
				return nil
			}
			return numbered(100)
		}},
		{"progress", func(_ *counter, opts *[]index.Option) index.Loader {
			*opts = append(*opts, index.WithProgress(func(done, _ int) {
				if done > 5 {
					panic("boom")
				}
			}))
			return numbered(100)
		}},
		{"the splitter", func(_ *counter, opts *[]index.Option) index.Loader {
			*opts = append(*opts, index.WithSplitter(splitterFunc(func(text string) ([]string, error) {
				if text == "text 50" {
					panic("boom")
				}
				return []string{text}, nil
			})))
			return numbered(100)
		}},
		{"the loader", func(*counter, *[]index.Option) index.Loader {
			return index.LoaderFunc(func(context.Context) iter.Seq2[schema.Document, error] {
				return func(yield func(schema.Document, error) bool) {
					for d, err := range numbered(50)(nil) {
						yield(d, err)
					}
					panic("boom")
				}
			})
		}},
	} {
		t.Run(tc.where, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := oteltest.New(t)
				s := &listing{remote{embedder: &counter{}}}
				opts := []index.Option{index.WithStore(s), index.WithBatchSize(3)}
				l := tc.set(s.embedder, &opts)
				x, err := index.New(k.Handler, opts...)
				require.NoError(t, err)
				assert.PanicsWithValue(t, "boom", func() { _, _ = x.Add(t.Context(), l) })
				assert.Equal(t, "panic", oteltest.Value(k.Span(t, "invoke_workflow ingest"), "error.type"))
				s.embedder.before = nil
				if tc.where == "the embedder" {
					_, err = x.Add(t.Context(), l)
					require.NoError(t, err, "the index goes on")
				}
			})
		})
	}
}

type failingList struct {
	listing
	fail func()
}

func (s *failingList) List(ctx context.Context, yield func(string, map[string]any) bool, options ...vectorstores.Option) error {
	s.fail()
	return s.listing.List(ctx, yield, options...)
}

// TestListThatPanics: the next run must not wait for one that is no more.
func TestListThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := oteltest.New(t)
		s := &failingList{fail: func() { panic("boom") }}
		s.embedder = &counter{}
		x, err := index.New(k.Handler, index.WithStore(s))
		require.NoError(t, err)
		assert.PanicsWithValue(t, "boom", func() { _, _ = x.Add(t.Context(), numbered(3)) })
		assert.Equal(t, "panic", oteltest.Value(k.Span(t, "list"), "error.type"))
		s.fail = func() {}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		r, err := x.Add(ctx, numbered(3))
		require.NoError(t, err)
		assert.Equal(t, 3, r.Added)
	})
}

type splitterFunc func(string) ([]string, error)

func (f splitterFunc) SplitText(text string) ([]string, error) { return f(text) }

func TestStoreThatEndsItsGoroutine(t *testing.T) {
	s := &remote{embedder: &counter{before: func(context.Context, int) error { runtime.Goexit(); return nil }}}
	x, err := index.New(oteltest.New(t).Handler, index.WithStore(s))
	require.NoError(t, err)
	_, err = x.Add(t.Context(), numbered(3))
	assert.ErrorContains(t, err, "Goexit")
}
