// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"errors"
	"fmt"
	"sync"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/tmc/langchaingo/embeddings"
)

// embed sets the vectors of the batch.
func (s *Store) embed(ctx context.Context, embedder embeddings.Embedder, batch []chromemgo.Document) error {
	if s.batchSize == 0 || len(batch) <= s.batchSize {
		// In the caller's goroutine, where a panic of the embedder is the caller's.
		if err := embedPart(ctx, embedder, batch, 0, len(batch)); err != nil {
			return err
		}
	} else if err := s.embedParts(ctx, embedder, batch); err != nil {
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
func (s *Store) embedParts(ctx context.Context, embedder embeddings.Embedder, batch []chromemgo.Document) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		wg   sync.WaitGroup
		free = make(chan struct{}, s.concurrency)

		mu       sync.Mutex // Guards what follows, and is held while progress is told.
		done     int
		failed   error
		panicked any
	)
	part := func(from, to int) {
		defer func() {
			mu.Lock()
			defer mu.Unlock()
			if r := recover(); r != nil {
				panicked = r
				cancel()
			}
			<-free
		}()
		err := embedPart(ctx, embedder, batch[from:to], from, len(batch))
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			if failed == nil {
				failed = err
			}
			cancel()
			return
		}
		// The last word is said when the documents are stored.
		if done += to - from; done < len(batch) && failed == nil {
			s.tell(done, len(batch))
		}
	}
	for from := 0; from < len(batch) && ctx.Err() == nil; from += s.batchSize {
		select {
		case free <- struct{}{}:
			wg.Go(func() { part(from, min(from+s.batchSize, len(batch))) })
		case <-ctx.Done():
		}
	}
	wg.Wait()
	switch {
	case panicked != nil:
		panic(panicked) // In the goroutine that can recover it.
	case failed != nil:
		return failed
	case ctx.Err() != nil:
		return fmt.Errorf("chromem: add documents: %w", ctx.Err())
	case done < len(batch):
		return errors.New("chromem: the embedder ended its goroutine")
	}
	return nil
}

func (s *Store) tell(done, total int) {
	if s.progress != nil {
		s.progress(done, total)
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
	if err != nil {
		if len(part) < total {
			return fmt.Errorf("chromem: embed documents %d to %d of %d: %w", first+1, first+len(part), total, err)
		}
		return fmt.Errorf("chromem: embed %d documents: %w", total, err)
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
