// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"fmt"
	"math"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/tmc/langchaingo/embeddings"
)

// embed sets the vectors of the batch.
func embed(ctx context.Context, embedder embeddings.Embedder, batch []chromemgo.Document) error {
	// A slice of its own: langchaingo's EmbedderImpl rewrites it.
	texts := make([]string, len(batch))
	for i := range batch {
		texts[i] = batch[i].Content
	}
	vectors, err := embedder.EmbedDocuments(ctx, texts)
	if err != nil {
		return fmt.Errorf("chromem: embed %d documents: %w", len(batch), err)
	}
	if len(vectors) != len(batch) {
		return fmt.Errorf("%w: %d vectors for %d documents", ErrEmbedding, len(vectors), len(batch))
	}
	for i, v := range vectors {
		if batch[i].Embedding, err = normalize(v); err != nil {
			return fmt.Errorf("%w (number %d of %d)", err, i+1, len(batch))
		}
		if len(v) != len(vectors[0]) {
			return fmt.Errorf("%w: the embedder returned vectors of %d and of %d dimensions", ErrDimension, len(vectors[0]), len(v))
		}
	}
	return nil
}

// normalize returns a copy of v with length 1. chromem-go would do it too, but
// keeps the embedder's slice if it is normalised already, and makes NaN of a
// zero vector and zeros of a very long one.
func normalize(v []float32) ([]float32, error) {
	if len(v) == 0 {
		return nil, fmt.Errorf("%w: an empty vector", ErrEmbedding)
	}
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if math.IsNaN(sum) || math.IsInf(sum, 0) {
		return nil, fmt.Errorf("%w: a vector with NaN or infinite values", ErrEmbedding)
	}
	if sum == 0 {
		return nil, fmt.Errorf("%w: a vector of zeros only, which is similar to nothing", ErrEmbedding)
	}
	unit := make([]float32, len(v))
	length := math.Sqrt(sum)
	for i, x := range v {
		unit[i] = float32(float64(x) / length)
	}
	return unit, nil
}
