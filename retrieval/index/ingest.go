// SPDX-License-Identifier: Apache-2.0

package index

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tmc/langchaingo/schema"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
)

// ingest is one run. The caller's goroutine loads, splits and fills batches;
// what other goroutines use, too, is in batches.
type ingest struct {
	x         *Index
	sync      bool
	report    Report
	inventory *inventory // nil if the store is no Lister
	equal     equalChunks
	batches   batches
	pending   []chunk
	source    string // of the last document
}

func (x *Index) run(ctx context.Context, l Loader, sync bool) (Report, error) {
	if l == nil {
		return Report{}, errors.New("index: the loader is nil")
	}
	ctx, span := x.h.Start(ctx, callbacks.KindWorkflow, "ingest")
	defer span.End(callbacks.ErrUnwound)
	start := time.Now()
	in := &ingest{
		x: x, sync: sync, equal: equalChunks{},
		batches: batches{x: x, slots: make(chan struct{}, x.cfg.concurrency)},
	}
	err := in.run(ctx, l)
	in.report.Elapsed = time.Since(start)
	span.SetAttributes(in.report.attributes()...)
	span.End(err)
	return in.report, err
}

func (in *ingest) run(ctx context.Context, l Loader) (err error) {
	if in.x.lister != nil {
		select {
		case in.x.running <- struct{}{}:
			defer func() { <-in.x.running }()
		case <-ctx.Done():
			return fmt.Errorf("index: waiting for another run: %w", ctx.Err())
		}
		if in.inventory, err = in.x.list(ctx); err != nil {
			return err
		}
	}
	err = in.load(ctx, l)
	in.report.Added = in.batches.stored
	if err != nil {
		return err
	}
	if in.sync && in.report.Documents == 0 && len(in.report.Failed) == 0 {
		return errors.New("index: Sync: the loader gave no documents: nothing was deleted")
	}
	if in.report.Documents > 0 && in.inventory != nil {
		for ids := range slices.Chunk(in.inventory.leftovers(in.sync, in.report.Failed), in.x.cfg.batch) {
			if err := in.x.drop(ctx, ids); err != nil {
				return err
			}
			in.report.Deleted += len(ids)
		}
	}
	return partial(in.report.Failed)
}

// load reads and splits the documents, in one span, and starts batches, whose
// spans are beside it. It returns when all batches are over.
func (in *ingest) load(ctx context.Context, l Loader) error {
	loadCtx, span := in.x.h.Start(ctx, callbacks.KindTask, "load")
	defer span.End(callbacks.ErrUnwound)
	loadCtx, cancel := context.WithCancelCause(loadCtx)
	defer cancel(nil)
	in.batches.ctx, in.batches.loading, in.batches.cancel = ctx, loadCtx, cancel
	defer in.batches.group.Wait() // Also if the loader panics.

	err := in.produce(loadCtx, l)
	span.SetAttributes(semconv.IndexDocuments.Int(in.report.Documents), semconv.IndexWait.Float64(in.batches.waited.Seconds()))
	if genai.Is(err, errBatchFailed) {
		span.End(nil) // The span of the batch has the error.
	} else {
		span.End(err)
	}
	return in.batches.end(err)
}

func (in *ingest) produce(ctx context.Context, l Loader) error {
	for doc, err := range documents(ctx, l) {
		if ctx.Err() != nil {
			break
		}
		if err == nil {
			err = in.document(ctx, doc)
		} else if _, ok := genai.AsType[*SourceError](err); !ok {
			err = fmt.Errorf("index: load: %w", err)
		}
		switch e, ok := genai.AsType[*SourceError](err); {
		case ok && genai.Is(e.Err, ErrSkipped):
			in.report.Skipped++
		case ok:
			in.report.Failed = append(in.report.Failed, e)
		case err != nil:
			return err
		}
	}
	return in.flush(ctx)
}

// document splits a document and adds its new chunks to the batches.
func (in *ingest) document(ctx context.Context, doc schema.Document) error {
	source := sourceOf(doc.Metadata)
	if in.report.Documents == 0 || source != in.source {
		in.report.Sources++
	}
	if in.inventory != nil {
		// What is equal counts through the run: a loader may come back to a source.
		in.inventory.given[source] = source != ""
	} else if source != in.source || source == "" {
		clear(in.equal) // Memory stays bounded.
	}
	in.source = source
	in.report.Documents++
	parts, err := split(in.x.cfg.splitter, doc.PageContent)
	if err != nil {
		return fmt.Errorf("index: split document %d (%s): %w", in.report.Documents, source, err)
	}
	document, err := hashDocument(doc.Metadata)
	if err != nil {
		return &SourceError{source, fmt.Errorf("metadata that JSON cannot hold: %w", err)}
	}

	// All ids first: then the total is known before the first batch is stored.
	fresh := make([]chunk, 0, len(parts))
	for _, text := range parts {
		id := in.equal.id(document, text)
		if in.inventory != nil && in.inventory.take(id) {
			in.report.Unchanged++
			continue
		}
		fresh = append(fresh, newChunk(id, source, text, doc.Metadata))
	}
	in.batches.expect(len(fresh))
	for _, c := range fresh {
		if in.pending = append(in.pending, c); len(in.pending) == in.x.cfg.batch {
			if err := in.flush(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush stores the chunks that no batch has yet, unless loading has ended.
func (in *ingest) flush(ctx context.Context) error {
	if len(in.pending) > 0 {
		in.batches.store(in.pending)
		in.pending = nil
	}
	return context.Cause(ctx)
}
