// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"sync/atomic"

	"github.com/tmc/langchaingo/embeddings"
)

// Dimensions is the length of the vectors. With as many, the vectors of two
// words are nearly at right angles, so that words in common decide the order.
const Dimensions = 256

// Embedder makes vectors of words by hashing: the same text has the same vector
// on every machine, and texts are the nearer the more words they share.
type Embedder struct {
	// Salt gives all words other vectors, as another model would.
	Salt string
	// Fail is called with each text first; its error is the embedder's.
	Fail  func(ctx context.Context, text string) error
	calls atomic.Int64
}

var _ embeddings.Embedder = (*Embedder)(nil)

// Calls returns the number of calls so far.
func (e *Embedder) Calls() int { return int(e.calls.Load()) }

// EmbedDocuments implements embeddings.Embedder.
func (e *Embedder) EmbedDocuments(ctx context.Context, texts []string) ([][]float32, error) {
	e.calls.Add(1)
	vectors := make([][]float32, len(texts))
	for i, text := range texts {
		v, err := e.vector(ctx, text)
		if err != nil {
			return nil, err
		}
		vectors[i] = v
	}
	return vectors, nil
}

// EmbedQuery implements embeddings.Embedder.
func (e *Embedder) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	e.calls.Add(1)
	return e.vector(ctx, text)
}

func (e *Embedder) vector(ctx context.Context, text string) ([]float32, error) {
	if e.Fail != nil {
		if err := e.Fail(ctx, text); err != nil {
			return nil, err
		}
	}
	v := make([]float32, Dimensions)
	for word := range strings.FieldsSeq(text) {
		h := fnv.New64a()
		_, _ = h.Write([]byte(e.Salt + "\x00" + word))
		r := rand.New(rand.NewPCG(h.Sum64(), 0)) //nolint:gosec // repeatable is what it must be
		for i := range v {
			v[i] += float32(r.NormFloat64())
		}
	}
	return v, nil
}
