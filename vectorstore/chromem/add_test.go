// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"errors"
	"fmt"
	"testing"

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

func TestEmbedderErrors(t *testing.T) {
	broken := errors.New("broken")
	for name, tc := range map[string]struct {
		embed embedderFunc
		want  error
		text  string
	}{
		"embedder": {
			func(context.Context, []string) ([][]float32, error) { return nil, broken },
			broken, "chromem: embed 10 documents: broken",
		},
		"count": {
			func(_ context.Context, texts []string) ([][]float32, error) { return vectorsOf(texts)[1:], nil },
			ErrEmbedding, "9 vectors for 10 documents",
		},
		"zeros": {
			func(_ context.Context, texts []string) ([][]float32, error) {
				out := vectorsOf(texts)
				out[7] = []float32{0, 0}
				return out, nil
			},
			ErrEmbedding, "number 8 of 10",
		},
		"dimension": {
			func(_ context.Context, texts []string) ([][]float32, error) {
				out := vectorsOf(texts)
				out[7] = append(out[7], 1)
				return out, nil
			},
			ErrDimension, "of 2 and of 3",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := newStore(t)
			_, err := s.AddDocuments(t.Context(), numbered(10), vectorstores.WithEmbedder(tc.embed))
			require.ErrorIs(t, err, tc.want)
			require.ErrorContains(t, err, tc.text)
			assert.Zero(t, s.Count())
		})
	}
	t.Run("panic", func(t *testing.T) {
		s, _ := newStore(t)
		assert.PanicsWithValue(t, "broken", func() {
			_, _ = s.AddDocuments(t.Context(), numbered(10), vectorstores.WithEmbedder(embedderFunc(
				func(context.Context, []string) ([][]float32, error) { panic("broken") })))
		})
		add(t, s, numbered(4))
	})
	t.Run("cancelled", func(t *testing.T) {
		s, _ := newStore(t)
		ctx, cancel := context.WithCancel(t.Context())
		_, err := s.AddDocuments(ctx, numbered(10), vectorstores.WithEmbedder(embedderFunc(
			func(_ context.Context, texts []string) ([][]float32, error) {
				cancel()
				return vectorsOf(texts), nil
			})))
		require.ErrorIs(t, err, context.Canceled)
		assert.ErrorContains(t, err, "chromem: add documents")
		assert.Zero(t, s.Count())
	})
}
