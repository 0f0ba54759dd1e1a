// SPDX-License-Identifier: Apache-2.0

package index

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tmc/langchaingo/schema"
)

var (
	errBatchFailed = errors.New("a batch failed")
	errGoexit      = errors.New("the store ended its goroutine (runtime.Goexit)")
)

// batches stores the batches of a run, several at the same time.
type batches struct {
	x      *Index
	ctx    context.Context // of the store's calls
	cancel func()          // stops the loader
	slots  chan struct{}   // one element for each batch in flight
	group  sync.WaitGroup

	// Of the goroutine that loads.
	sent, count int
	waited      time.Duration

	mu               sync.Mutex
	ledger           *ledger
	expected, stored int
	err              error // the first
	panicked         any
}

func (b *batches) expect(chunks int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected += chunks
}

// stopped reports whether a batch has failed.
func (b *batches) stopped() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err != nil
}

// store sends a batch off, and waits first while there are too many. ctx is that
// of loading, which a failure cancels.
func (b *batches) store(ctx context.Context, batch []chunk) error {
	b.count++
	first, last := b.sent+1, b.sent+len(batch)
	b.sent = last
	name := fmt.Sprintf("index: store batch %d, chunks %d to %d", b.count, first, last)
	start := time.Now()
	select {
	case b.slots <- struct{}{}:
		b.waited += time.Since(start)
	case <-ctx.Done():
		return b.stop(ctx)
	}
	// A batch that fails makes room, too, and select takes either.
	if ctx.Err() != nil {
		<-b.slots
		return b.stop(ctx)
	}
	b.group.Go(func() {
		defer func() { <-b.slots }()
		b.add(name, batch)
	})
	return nil
}

// stop says why loading stops.
func (b *batches) stop(ctx context.Context) error {
	if b.stopped() {
		return errBatchFailed
	}
	return ctx.Err()
}

func (b *batches) add(name string, batch []chunk) {
	returned := false
	defer func() {
		if !returned {
			b.unwound(name, recover())
		}
	}()
	docs := make([]schema.Document, len(batch))
	for i, c := range batch {
		docs[i] = c.Document
	}
	ids, err := b.x.cfg.store.AddDocuments(b.ctx, docs, b.x.options...)
	b.confirm(name, batch, ids, err)
	returned = true
}

func (b *batches) confirm(name string, batch []chunk, ids []string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err == nil {
		b.stored += len(batch)
		if b.ledger != nil {
			err = b.ledger.add(batch, ids)
		}
	}
	if err != nil {
		sources := batch[0].source
		if last := batch[len(batch)-1].source; last != sources {
			sources += " to " + last
		}
		b.fail(&namedError{name, sources, err})
		return
	}
	b.x.cfg.progress(b.stored, b.expected)
}

// unwound keeps a panic for the caller's goroutine: on this one nobody could
// recover from it.
func (b *batches) unwound(name string, panicked any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.panicked == nil {
		b.panicked = panicked
	}
	b.fail(&namedError{name, "", errGoexit})
}

func (b *batches) fail(err error) {
	if b.err == nil {
		b.err = err
		b.cancel()
	}
}

// wait lets no batch outlive the run, even if loading panics.
func (b *batches) wait() { b.group.Wait() }

// end waits for the batches, and returns what became of them and of loading.
func (b *batches) end(loading error) error {
	b.wait()
	if b.panicked != nil {
		panic(b.panicked)
	}
	err := loading
	if b.err != nil {
		err = b.err
	}
	if done := b.ctx.Err(); done != nil && err != nil && !errors.Is(err, done) {
		err = fmt.Errorf("%w: %w", done, err) // The store does not say why it failed.
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w; %d chunks are stored", err, b.stored)
}

// namedError names sources in its text, which are content: [withoutNames] leaves
// them out.
type namedError struct {
	what, source string
	err          error
}

func (e *namedError) Error() string {
	if e.source == "" {
		return e.what + ": " + e.err.Error()
	}
	return e.what + " (" + e.source + "): " + e.err.Error()
}

func (e *namedError) Unwrap() error { return e.err }

// withoutNames is an error for a span.
func withoutNames(err error) error {
	if e, ok := errors.AsType[*PartialError](err); ok {
		return partialRun(e.count())
	}
	if e, ok := errors.AsType[*namedError](err); ok {
		return fmt.Errorf("%s: %w", e.what, e.err)
	}
	return err
}

// partialRun is a [PartialError] on a span. Its error.type is not that of one of
// the sources, which may have failed for different reasons.
type partialRun string

func (e partialRun) Error() string   { return string(e) }
func (partialRun) ErrorType() string { return "partial" }
