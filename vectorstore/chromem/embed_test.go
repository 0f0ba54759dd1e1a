// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

type embedderFunc func(ctx context.Context, texts []string) ([][]float32, error)

func (f embedderFunc) EmbedDocuments(ctx context.Context, texts []string) ([][]float32, error) {
	return f(ctx, texts)
}

func (f embedderFunc) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	v, err := f(ctx, []string{text})
	if err != nil {
		return nil, err
	}
	return v[0], nil
}

var _ embeddings.Embedder = embedderFunc(nil)

func vectorsOf(texts []string) [][]float32 {
	out := make([][]float32, len(texts))
	for i, text := range texts {
		out[i] = numbers(text)
	}
	return out
}

func numbered(n int) []schema.Document {
	out := make([]schema.Document, n)
	for i := range out {
		out[i] = doc(fmt.Sprintf("1 %d", i), "id", fmt.Sprint(i))
	}
	return out
}

func TestBatchSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		var calls [][2]int
		s, _ := newStore(t, WithBatchSize(3), WithConcurrency(2), WithIDs(metadataID),
			WithProgress(func(done, total int) { calls = append(calls, [2]int{done, total}) }))
		e := embedderFunc(func(_ context.Context, texts []string) ([][]float32, error) {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			time.Sleep(time.Duration(len(texts)) * time.Second)
			return vectorsOf(texts), nil
		})
		ids, err := s.AddDocuments(t.Context(), numbered(10), vectorstores.WithEmbedder(e))
		require.NoError(t, err)
		assert.Equal(t, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}, ids)
		assert.Equal(t, int32(2), most.Load())
		require.Len(t, calls, 4)
		assert.Equal(t, [][2]int{{3, 10}, {6, 10}}, calls[:2])
		assert.Equal(t, [2]int{10, 10}, calls[3])
		for i := range 10 {
			found := search(t, s, fmt.Sprintf("1 %d", i), 1)
			assert.Equal(t, fmt.Sprint(i), found[0].Metadata["id"])
		}
	})
}

func TestProgress(t *testing.T) {
	var calls [][2]int
	var s *Store
	s, e := newStore(t, WithProgress(func(done, total int) {
		calls = append(calls, [2]int{done, total})
		if done == total {
			assert.Equal(t, total, s.Count(), "they are stored")
		}
	}))
	add(t, s, numbered(3), vectorstores.WithDeduplicater(func(_ context.Context, d schema.Document) bool {
		return d.Metadata["id"] == "1"
	}))
	assert.Equal(t, [][2]int{{2, 2}}, calls)
	calls = nil
	add(t, s, nil)
	e.err = errors.New("broken")
	_, err := s.AddDocuments(t.Context(), docs("1 0"))
	require.ErrorIs(t, err, e.err)
	assert.Empty(t, calls)
}

func TestBatchErrors(t *testing.T) {
	broken := errors.New("broken")
	for name, tc := range map[string]struct {
		embed embedderFunc
		want  error
		text  string
	}{
		"embedder": {
			func(ctx context.Context, texts []string) ([][]float32, error) {
				if texts[0] == "1 4" {
					return nil, broken
				}
				<-ctx.Done() // The error ends the other calls.
				return nil, ctx.Err()
			},
			broken, "embed documents 5 to 6 of 100",
		},
		"count": {
			func(_ context.Context, texts []string) ([][]float32, error) { return vectorsOf(texts)[1:], nil },
			ErrEmbedding, "1 vectors for 2 documents",
		},
		"zeros": {
			func(_ context.Context, texts []string) ([][]float32, error) {
				out := vectorsOf(texts)
				if texts[1] == "1 7" {
					out[1] = []float32{0, 0}
				}
				return out, nil
			},
			ErrEmbedding, "number 8 of 100",
		},
		"dimension": {
			func(_ context.Context, texts []string) ([][]float32, error) {
				out := vectorsOf(texts)
				if texts[1] == "1 7" {
					out[1] = append(out[1], 1)
				}
				return out, nil
			},
			ErrDimension, "of 2 and of 3",
		},
		"ended goroutine": {
			func(context.Context, []string) ([][]float32, error) { runtime.Goexit(); return nil, nil },
			nil, "ended its goroutine",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := newStore(t, WithBatchSize(2), WithConcurrency(4))
			_, err := s.AddDocuments(t.Context(), numbered(100), vectorstores.WithEmbedder(tc.embed))
			if tc.want != nil {
				require.ErrorIs(t, err, tc.want)
			}
			require.ErrorContains(t, err, tc.text)
			assert.Zero(t, s.Count())
		})
	}

	t.Run("panic", func(t *testing.T) {
		s, _ := newStore(t, WithBatchSize(2))
		assert.PanicsWithValue(t, "broken", func() {
			_, _ = s.AddDocuments(t.Context(), numbered(100), vectorstores.WithEmbedder(embedderFunc(
				func(context.Context, []string) ([][]float32, error) { panic("broken") })))
		})
		add(t, s, numbered(4))
	})
	t.Run("cancelled", func(t *testing.T) {
		s, _ := newStore(t, WithBatchSize(2), WithConcurrency(1))
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		_, err := s.AddDocuments(ctx, numbered(100), vectorstores.WithEmbedder(embedderFunc(
			func(_ context.Context, texts []string) ([][]float32, error) {
				if calls++; calls == 3 {
					cancel()
				}
				return vectorsOf(texts), nil
			})))
		require.ErrorIs(t, err, context.Canceled)
		assert.ErrorContains(t, err, "chromem: ")
		assert.LessOrEqual(t, calls, 4)
		assert.Zero(t, s.Count())
	})
}
