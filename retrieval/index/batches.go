// SPDX-License-Identifier: Apache-2.0

package index

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tmc/langchaingo/schema"

	"github.com/spanloom/spanloom/internal/genai"
)

// batches stores the batches of a run, several at the same time.
type batches struct {
	x       *Index
	ctx     context.Context // of the store's calls
	loading context.Context // ends with the first batch that fails
	cancel  context.CancelCauseFunc
	slots   chan struct{} // one element for each batch in flight
	group   sync.WaitGroup

	// Only the goroutine that loads uses these.
	sent, count int
	waited      time.Duration

	mu               sync.Mutex // guards what follows
	expected, stored int
	err              error // the first
	panicked         any
}

// errBatchFailed is why loading ends; batches.err has the error of the store.
var errBatchFailed = errors.New("a batch failed")

// store starts a batch, and waits first while there are too many. It does
// nothing after loading has ended.
func (b *batches) store(batch []chunk) {
	start := time.Now()
	select {
	case b.slots <- struct{}{}:
		b.waited += time.Since(start)
	case <-b.loading.Done():
	}
	if b.loading.Err() != nil { // A batch that fails frees a slot, too.
		return
	}
	b.count++
	first, last := b.sent+1, b.sent+len(batch)
	b.sent = last
	name := fmt.Sprintf("index: store batch %d, chunks %d to %d%s", b.count, first, last, sourcesOf(batch))
	b.group.Go(func() {
		defer func() { <-b.slots }()
		b.add(name, batch)
	})
}

// sourcesOf names the sources of a batch for an error.
func sourcesOf(batch []chunk) string {
	first, last := batch[0].source, batch[len(batch)-1].source
	switch {
	case first != last:
		return " (" + first + " to " + last + ")"
	case first != "":
		return " (" + first + ")"
	}
	return ""
}

// add stores a batch. A panic is kept for the caller's goroutine, since nobody
// could recover from it on this one.
func (b *batches) add(name string, batch []chunk) {
	err := errors.New("the store ended its goroutine (runtime.Goexit)")
	defer func() {
		if err != nil {
			b.fail(fmt.Errorf("%s: %w", name, err), recover())
		}
	}()
	docs := make([]schema.Document, len(batch))
	for i, c := range batch {
		docs[i] = c.Document
	}
	_, failed := b.x.cfg.store.AddDocuments(b.ctx, docs, b.x.options...)
	if failed == nil {
		b.confirm(len(batch))
	}
	err = failed
}

func (b *batches) fail(err error, panicked any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.panicked == nil {
		b.panicked = panicked
	}
	if b.err == nil {
		b.err = err
		b.cancel(errBatchFailed)
	}
}

func (b *batches) expect(chunks int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected += chunks
}

func (b *batches) confirm(chunks int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stored += chunks
	b.x.cfg.progress(b.stored, b.expected)
}

// end waits for the batches, and returns the error of the run, given that of
// loading.
func (b *batches) end(err error) error {
	b.group.Wait()
	if b.panicked != nil {
		panic(b.panicked)
	}
	if b.err != nil {
		err = b.err
	}
	if err == nil {
		return nil
	}
	if done := b.ctx.Err(); done != nil && !genai.Is(err, done) {
		err = fmt.Errorf("%w: %w", done, err) // The store does not say why it failed.
	}
	return fmt.Errorf("%w; %d chunks are stored", err, b.stored)
}
