// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/retrieval"
	"github.com/spanloom/spanloom/retrieval/index"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

// numbered is a loader of n documents with one chunk each, ten to a source.
func numbered(n int) index.LoaderFunc {
	return func(context.Context) iter.Seq2[schema.Document, error] {
		return func(yield func(schema.Document, error) bool) {
			for i := range n {
				if !yield(document(fmt.Sprintf("s%d", i/10), fmt.Sprint("text ", i)), nil) {
					return
				}
			}
		}
	}
}

// TestResume lets the k-th call of the embedder fail, for each k, and counts what
// the second run embeds: the rest.
func TestResume(t *testing.T) {
	const chunks, batch = 40, 4
	for _, concurrency := range []int{1, 4} {
		for name, setup := range incremental(t, index.WithBatchSize(batch), index.WithConcurrency(concurrency)) {
			t.Run(fmt.Sprint(name, concurrency), func(t *testing.T) {
				for k := 1; k <= chunks/batch; k++ {
					b := setup()
					quota := errors.New("quota")
					b.embedder.before = func(_ context.Context, call int) error {
						if call == k {
							return quota
						}
						return nil
					}
					report, err := b.Add(t.Context(), numbered(chunks))
					require.ErrorIs(t, err, quota)
					stored := report.Added
					first := b.embedder.embedded()
					assert.Len(t, first, stored, "the number is what is stored")
					assert.Len(t, b.held(), stored)
					assert.Contains(t, err.Error(), fmt.Sprintf("; %d chunks are stored", stored))
					if concurrency == 1 {
						assert.Equal(t, (k-1)*batch, stored)
						assert.Contains(t, err.Error(), fmt.Sprintf("batch %d, chunks %d to %d (s", k, stored+1, stored+batch))
					}

					again, err := b.Add(t.Context(), numbered(chunks))
					require.NoError(t, err)
					assert.Equal(t, chunks, stored+again.Added)
					assert.Len(t, b.embedder.embedded(), again.Added)
					assert.Len(t, b.held(), chunks)
				}
			})
		}
	}
}

// TestInFlight holds all calls of the store and counts them, and the documents
// the loader was asked for meanwhile: the bound of the memory.
func TestInFlight(t *testing.T) {
	const concurrency, batch = 3, 5
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var flying, loaded atomic.Int64
		s := &remote{embedder: &counter{before: func(context.Context, int) error {
			flying.Add(1)
			<-release
			return nil
		}}}
		x, err := index.New(oteltest.New(t).Handler, index.WithStore(s),
			index.WithBatchSize(batch), index.WithConcurrency(concurrency))
		require.NoError(t, err)
		done := make(chan error)
		go func() {
			_, err := x.Add(t.Context(), counted(numbered(200), &loaded))
			done <- err
		}()
		synctest.Wait()
		assert.EqualValues(t, concurrency, flying.Load())
		assert.EqualValues(t, (concurrency+1)*batch, loaded.Load())
		close(release)
		require.NoError(t, <-done)
		assert.Len(t, s.held(), 200)
	})
}

// TestFailure lets one batch fail while another is in flight: that one is paid
// for and comes to its end, and no other is begun.
func TestFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := &remote{embedder: &counter{}}
		s.embedder.before = func(_ context.Context, call int) error {
			if call == 2 {
				return errors.New("quota")
			}
			<-release
			return nil
		}
		x, err := index.New(oteltest.New(t).Handler, index.WithStore(s), index.WithBatchSize(10), index.WithConcurrency(2))
		require.NoError(t, err)
		type result struct {
			n   int
			err error
		}
		done := make(chan result)
		go func() { r, err := x.Add(t.Context(), numbered(100)); done <- result{r.Added, err} }()
		synctest.Wait()
		assert.Equal(t, 2, s.embedder.calls)
		close(release)
		r := <-done
		require.ErrorContains(t, r.err, "quota; 10 chunks are stored")
		assert.Equal(t, 10, r.n)
		assert.Equal(t, 2, s.embedder.calls)
	})
}

func counted(l index.LoaderFunc, n *atomic.Int64) index.LoaderFunc {
	return func(ctx context.Context) iter.Seq2[schema.Document, error] {
		return func(yield func(schema.Document, error) bool) {
			for d, err := range l(ctx) {
				n.Add(1)
				if !yield(d, err) {
					return
				}
			}
		}
	}
}

func TestProgressIsSerial(t *testing.T) {
	s := &remote{embedder: &counter{}}
	last, lastTotal, calls := 0, 0, 0 // The race detector sees calls at the same time.
	x, err := index.New(nil, index.WithStore(s), index.WithBatchSize(3), index.WithConcurrency(8),
		index.WithProgress(func(done, total int) {
			assert.Greater(t, done, last)
			assert.GreaterOrEqual(t, total, max(done, lastTotal))
			last, lastTotal, calls = done, total, calls+1
		}))
	require.NoError(t, err)
	r, err := x.Add(t.Context(), numbered(1000))
	require.NoError(t, err)
	assert.Equal(t, 1000, r.Added)
	assert.Equal(t, [3]int{1000, 1000, 334}, [3]int{last, lastTotal, calls})
}

// TestCancel cancels in the midst of loading, of embedding, and of waiting for
// another run; synctest fails if a goroutine is left, the kit if a span is.
func TestCancel(t *testing.T) {
	for _, while := range []string{"loading", "embedding"} {
		t.Run(while, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				k := oteltest.New(t)
				c := &counter{}
				c.before = func(ctx context.Context, call int) error {
					if call > 6 && while == "embedding" {
						cancel()
						<-ctx.Done()
						return errors.New("the client hides why")
					}
					return nil
				}
				s, err := chromem.New(chromem.WithEmbedder(retrieval.WrapEmbedder(c, k.Handler)))
				require.NoError(t, err)
				x, err := index.New(k.Handler, index.WithStore(s), index.WithBatchSize(10))
				require.NoError(t, err)
				var loaded atomic.Int64
				r, err := x.Add(ctx, index.LoaderFunc(func(ctx context.Context) iter.Seq2[schema.Document, error] {
					return func(yield func(schema.Document, error) bool) {
						for d, err := range counted(numbered(1000), &loaded)(ctx) {
							if loaded.Load() == 500 {
								cancel()
							}
							if !yield(d, err) {
								return
							}
						}
					}
				}))
				require.ErrorIs(t, err, context.Canceled)
				assert.Less(t, loaded.Load(), int64(600))
				assert.Equal(t, s.Count(), r.Added, "the number is what is stored")
				assert.Positive(t, r.Added)
				c.before = nil
				again, err := x.Add(t.Context(), numbered(1000))
				require.NoError(t, err)
				assert.Equal(t, 1000, r.Added+again.Added)
			})
		})
	}
}

func TestConcurrentAdds(t *testing.T) {
	for name, setup := range incremental(t) {
		t.Run(name, func(t *testing.T) {
			b := setup()
			var wg sync.WaitGroup
			var added atomic.Int64
			for range 6 {
				wg.Go(func() {
					r, err := b.Add(t.Context(), numbered(50))
					assert.NoError(t, err)
					added.Add(int64(r.Added))
				})
			}
			wg.Wait()
			assert.EqualValues(t, 50, added.Load(), "nothing is embedded twice")
			assert.Len(t, b.held(), 50)
		})
	}
}

func TestCancelWhileAnotherRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := &listing{remote{embedder: &counter{before: func(context.Context, int) error { <-release; return nil }}}}
		x, err := index.New(oteltest.New(t).Handler, index.WithStore(s))
		require.NoError(t, err)
		done := make(chan error)
		go func() { _, err := x.Add(t.Context(), numbered(1)); done <- err }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = x.Add(ctx, numbered(1))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		close(release)
		require.NoError(t, <-done)
	})
}

// mutating changes the metadata it is given, as langchaingo's Redis store does.
type mutating struct{ remote }

func (s *mutating) AddDocuments(ctx context.Context, docs []schema.Document, options ...vectorstores.Option) ([]string, error) {
	for _, d := range docs {
		d.Metadata["content"] = d.PageContent
	}
	return s.remote.AddDocuments(ctx, docs, options...)
}

func TestMetadataIsCopied(t *testing.T) {
	s := &mutating{}
	d := document("a", strings.Repeat("1\n", 9))
	x, err := index.New(nil, index.WithStore(s), index.WithSplitter(lines{}), index.WithBatchSize(1))
	require.NoError(t, err)
	_, err = x.Add(t.Context(), list{d})
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"source": "a"}, d.Metadata)
}
