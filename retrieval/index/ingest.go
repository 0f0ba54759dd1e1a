// SPDX-License-Identifier: Apache-2.0

package index

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/tmc/langchaingo/schema"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/semconv"
)

// ingest is one run. The caller's goroutine loads, splits and fills batches;
// what other goroutines touch, too, is in batches.
type ingest struct {
	x         *Index
	sync      bool
	report    Report
	inventory *inventory // nil if nothing is known
	ids       identifier
	batches   batches
	pending   []chunk
	source    string
}

func (x *Index) run(ctx context.Context, l Loader, sync bool) (Report, error) {
	if l == nil {
		return Report{}, errors.New("index: the loader is nil")
	}
	ctx, span := x.h.Start(ctx, callbacks.KindWorkflow, "ingest")
	defer span.End(callbacks.ErrUnwound)
	start := time.Now()
	in := &ingest{x: x, sync: sync, ids: identifier{volatile: x.cfg.volatile}}
	err := in.run(ctx, l)
	in.report.Elapsed = time.Since(start)
	if span.IsRecording() {
		span.SetAttributes(in.report.attributes()...)
	}
	span.End(withoutNames(err))
	return in.report, err
}

func (in *ingest) run(ctx context.Context, l Loader) error {
	in.batches.x, in.batches.slots = in.x, make(chan struct{}, in.x.cfg.concurrency)
	if in.x.stored.known() {
		done, err := in.x.turn(ctx)
		if err != nil {
			return err
		}
		// Before the store is asked: its methods may panic.
		defer done()
		defer func() { _ = in.batches.ledger.close() }()
		if err := in.learn(ctx); err != nil {
			return err
		}
	}
	err := in.load(ctx, l)
	in.report.Added = in.batches.stored
	if err != nil {
		return err
	}
	switch {
	case in.sync && in.report.Documents == 0 && len(in.report.Failed) == 0:
		return errors.New("index: Sync: the loader gave no documents: nothing was deleted")
	case in.report.Documents > 0 && in.inventory != nil:
		if err := in.dropLeftovers(ctx); err != nil {
			return err
		}
	}
	return partial(in.report.Failed)
}

// turn waits until no other run of the index uses what is known to be stored.
func (x *Index) turn(ctx context.Context) (done func(), err error) {
	select {
	case x.running <- struct{}{}:
		return func() { <-x.running }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("index: waiting for another run: %w", ctx.Err())
	}
}

// learn takes stock of what is stored.
func (in *ingest) learn(ctx context.Context) (err error) {
	in.inventory, in.ids.whole = newInventory(), true
	stored := in.x.stored
	if stored.list != nil {
		return in.list(ctx)
	}
	head := newLedgerHead(stored.target.Collection, in.x.cfg.namespace)
	if in.batches.ledger, err = openLedger(stored.ledger, head, in.inventory); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	return nil
}

// load reads and splits the documents, in one span, and sends batches off, whose
// spans are beside it. It returns when all batches are over.
func (in *ingest) load(ctx context.Context, l Loader) error {
	defer in.batches.wait()
	loadCtx, span := in.x.h.Start(ctx, callbacks.KindTask, "load")
	defer span.End(callbacks.ErrUnwound)
	loadCtx, cancel := context.WithCancel(loadCtx)
	defer cancel()
	in.batches.ctx, in.batches.cancel = ctx, cancel

	err := in.produce(loadCtx, l)
	if err == nil && len(in.pending) > 0 {
		err = in.flush(loadCtx)
	}
	if span.IsRecording() {
		span.SetAttributes(semconv.IndexDocuments.Int(in.report.Documents), semconv.IndexWait.Float64(in.batches.waited.Seconds()))
	}
	if errors.Is(err, errBatchFailed) {
		span.End(nil) // Its span says it.
	} else {
		span.End(withoutNames(err))
	}
	return in.batches.end(err)
}

func (in *ingest) produce(ctx context.Context, l Loader) error {
	for doc, err := range documents(ctx, l) {
		if ctx.Err() != nil {
			return in.batches.stop(ctx)
		}
		if err != nil {
			if e, ok := errors.AsType[*SourceError](err); ok {
				in.fail(e)
				continue
			}
			return fmt.Errorf("index: load: %w", err)
		}
		if err := in.document(ctx, doc); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return in.batches.stop(ctx)
	}
	return nil
}

func (in *ingest) fail(e *SourceError) {
	if errors.Is(e.Err, ErrSkipped) {
		in.report.Skipped++
	} else {
		in.report.Failed = append(in.report.Failed, e)
	}
}

func (in *ingest) document(ctx context.Context, doc schema.Document) error {
	source := sourceOf(doc.Metadata)
	if in.report.Documents == 0 || source != in.source {
		in.report.Sources++
	}
	in.source = source
	in.report.Documents++
	if in.inventory != nil {
		in.inventory.meet(source)
	}
	parts, err := split(in.x.cfg.splitter, doc.PageContent)
	if err != nil {
		return &namedError{fmt.Sprintf("index: split document %d", in.report.Documents), source, err}
	}

	// All ids first: then the total is known before the first batch is stored.
	document := in.ids.document(source, doc.Metadata)
	ids, fresh := make([]chunkID, 0, len(parts)), parts[:0]
	for _, text := range parts {
		id := in.ids.chunk(document, text)
		if in.inventory != nil && in.inventory.take(id) {
			in.report.Unchanged++
			continue
		}
		ids, fresh = append(ids, id), append(fresh, text)
	}
	in.batches.expect(len(fresh))
	for i, text := range fresh {
		metadata := maps.Clone(doc.Metadata)
		if metadata == nil {
			metadata = map[string]any{}
		}
		metadata[ChunkIDKey] = ids[i].String()
		in.pending = append(in.pending, chunk{ids[i], source, schema.Document{PageContent: text, Metadata: metadata}})
		if len(in.pending) == in.x.cfg.batch {
			if err := in.flush(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (in *ingest) flush(ctx context.Context) error {
	batch := in.pending
	in.pending = nil
	return in.batches.store(ctx, batch)
}
