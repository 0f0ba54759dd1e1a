// SPDX-License-Identifier: Apache-2.0

package retrieval

import (
	"context"
	"fmt"
	"slices"

	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/privacy"
)

// Calls of the store that its wrapper does not know.
const (
	operationList   = "list"
	operationDelete = "delete"
)

// storeCall is the span of such a call.
func (x *Index) storeCall(ctx context.Context, operation string, extra ...attribute.KeyValue) (context.Context, *callbacks.Span) {
	o := &vectorstores.Options{NameSpace: x.cfg.namespace}
	attrs := x.stored.target.Append(nil, o)
	ctx, span := x.h.Start(ctx, callbacks.KindVectorStore, operation, append(attrs, extra...)...)
	span.SetAttributes(x.stored.target.AppendNameSpace(nil, o, privacy.CleanName)...)
	return ctx, span
}

// list asks the store once for everything: asking for each document would take
// as many calls.
func (in *ingest) list(ctx context.Context) error {
	ctx, span := in.x.storeCall(ctx, operationList)
	defer span.End(callbacks.ErrUnwound)
	rows := 0
	err := in.x.stored.list(ctx, func(id string, metadata map[string]any) bool {
		rows++
		if chunk, ok := parseChunkID(metadata[ChunkIDKey]); ok {
			in.inventory.put(chunk, id, sourceOf(metadata))
		}
		return true
	}, in.x.options...)
	span.SetAttributes(semconv.DBReturnedRows.Int(rows))
	span.End(err)
	if err != nil {
		return fmt.Errorf("retrieval: list what is stored: %w", err)
	}
	return nil
}

// dropLeftovers deletes what the sources no longer hold. Everything new is
// stored by now.
func (in *ingest) dropLeftovers(ctx context.Context) error {
	found := in.inventory.leftovers(in.sync, in.report.Failed)
	can := slices.DeleteFunc(slices.Clone(found), func(s stale) bool { return s.id == "" || in.x.stored.remove == nil })
	in.report.Stale = len(found) - len(can)
	for part := range slices.Chunk(can, in.x.cfg.batch) {
		if err := in.drop(ctx, part); err != nil {
			return err
		}
		in.report.Deleted += len(part)
	}
	return nil
}

func (in *ingest) drop(ctx context.Context, part []stale) error {
	ids := make([]string, len(part))
	for i, s := range part {
		ids[i] = s.id
	}
	var extra []attribute.KeyValue
	if len(ids) > 1 {
		extra = []attribute.KeyValue{semconv.DBOperationBatchSize.Int(len(ids))}
	}
	ctx, span := in.x.storeCall(ctx, operationDelete, extra...)
	defer span.End(callbacks.ErrUnwound)
	err := in.x.stored.remove(ctx, ids)
	span.End(err)
	if err != nil {
		return fmt.Errorf("retrieval: delete %d chunks that are out of date: %w", len(ids), err)
	}
	if l := in.batches.ledger; l != nil {
		if err := l.remove(part); err != nil {
			return fmt.Errorf("retrieval: %w", err)
		}
	}
	return nil
}
