// SPDX-License-Identifier: Apache-2.0

package offline

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"time"

	"github.com/tmc/langchaingo/embeddings"
)

// Dimensions is the length of every vector.
const Dimensions = 384

// Embedder maps texts to vectors by hashing their words and word pairs. Texts
// that share words lie close; meaning plays no part. It is safe for concurrent use.
type Embedder struct {
	// Latency is waited for once a call.
	Latency time.Duration
}

var _ embeddings.Embedder = Embedder{}

// EmbedDocuments gives one vector a text.
func (e Embedder) EmbedDocuments(ctx context.Context, texts []string) ([][]float32, error) {
	if err := wait(ctx, e.Latency); err != nil {
		return nil, err
	}
	vectors := make([][]float32, len(texts))
	for i, t := range texts {
		vectors[i] = embed(t)
	}
	return vectors, nil
}

// EmbedQuery gives the vector of one text.
func (e Embedder) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	return embed(text), wait(ctx, e.Latency)
}

// embed returns a vector of length 1. A text without words has the last
// dimension alone.
func embed(text string) []float32 {
	var v [Dimensions]float64
	add := func(feature string, weight float64) {
		sum := sha256.Sum256([]byte(feature))
		v[binary.BigEndian.Uint64(sum[:])%(Dimensions-1)] += weight
	}
	list := terms(text)
	for i, t := range list {
		add(t, 1)
		if i > 0 {
			add(list[i-1]+" "+t, 0.5)
		}
	}
	sum := 0.0
	for i := range v {
		v[i] = math.Sqrt(v[i]) // A word that is repeated counts less.
		sum += float64(v[i] * v[i])
	}
	if sum == 0 {
		v[Dimensions-1], sum = 1, 1
	}
	vector := make([]float32, Dimensions)
	for i := range v {
		vector[i] = float32(v[i] / math.Sqrt(sum))
	}
	return vector
}
