// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/tmc/langchaingo/embeddings"
)

// embed sets the vectors of the batch.
func (s *Store) embed(ctx context.Context, embedder embeddings.Embedder, batch []chromemgo.Document) error {
	embedAll := s.embedParts
	if s.cfg.batchSize == 0 || len(batch) <= s.cfg.batchSize {
		// In the caller's goroutine, where a panic of the embedder is the caller's.
		embedAll = func(ctx context.Context, e embeddings.Embedder, batch []chromemgo.Document) error {
			return embedPart(ctx, e, batch, 0, len(batch))
		}
	}
	if err := embedAll(ctx, embedder, batch); err != nil {
		return err
	}
	for i := range batch {
		if len(batch[i].Embedding) != len(batch[0].Embedding) {
			return fmt.Errorf("%w: the embedder returned vectors of %d and of %d dimensions",
				ErrDimension, len(batch[0].Embedding), len(batch[i].Embedding))
		}
	}
	return nil
}

// embedParts calls the embedder for several parts at the same time. The first
// error cancels the others.
func (s *Store) embedParts(parent context.Context, embedder embeddings.Embedder, batch []chromemgo.Document) error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	var (
		wg       sync.WaitGroup
		mu       sync.Mutex // Guards what follows.
		done     int
		panicked any
	)
	// The end is reported when the documents are stored.
	advance := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		if done += n; done < len(batch) && ctx.Err() == nil {
			s.reportProgress(done, len(batch))
		}
	}
	starts := make(chan int)
	worker := func() {
		returned := false
		defer func() {
			if !returned {
				mu.Lock()
				defer mu.Unlock()
				panicked = recover()
				cancel(errors.New("chromem: the embedder ended its goroutine"))
			}
		}()
		for from := range starts {
			to := min(from+s.cfg.batchSize, len(batch))
			if err := embedPart(ctx, embedder, batch[from:to], from, len(batch)); err != nil {
				cancel(err)
				break
			}
			advance(to - from)
		}
		returned = true
	}
	for range min(s.cfg.concurrency, 1+len(batch)/s.cfg.batchSize) {
		wg.Go(worker)
	}
	for from := 0; from < len(batch) && ctx.Err() == nil; from += s.cfg.batchSize {
		select {
		case starts <- from:
		case <-ctx.Done():
		}
	}
	close(starts)
	wg.Wait()
	if panicked != nil {
		panic(panicked) // In the goroutine that can recover it.
	}
	err := context.Cause(ctx)
	if err != nil && errors.Is(err, context.Cause(parent)) {
		return fmt.Errorf("chromem: add documents: %w", err)
	}
	return err
}

func (s *Store) reportProgress(done, total int) {
	if s.cfg.progress != nil {
		s.cfg.progress(done, total)
	}
}

// embedPart embeds the documents from number first on, of total.
func embedPart(ctx context.Context, embedder embeddings.Embedder, part []chromemgo.Document, first, total int) error {
	// A slice of its own: langchaingo's EmbedderImpl rewrites it.
	texts := make([]string, len(part))
	for i := range part {
		texts[i] = part[i].Content
	}
	vectors, err := embedder.EmbedDocuments(ctx, texts)
	if err != nil && len(part) == total {
		return fmt.Errorf("chromem: embed %d documents: %w", total, err)
	}
	if err != nil {
		return fmt.Errorf("chromem: embed documents %d to %d of %d: %w", first+1, first+len(part), total, err)
	}
	if len(vectors) != len(part) {
		return fmt.Errorf("%w: %d vectors for %d documents", ErrEmbedding, len(vectors), len(part))
	}
	for i, v := range vectors {
		if part[i].Embedding, err = normalize(v); err != nil {
			return fmt.Errorf("%w (number %d of %d)", err, first+i+1, total)
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
