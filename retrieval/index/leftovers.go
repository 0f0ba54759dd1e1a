// SPDX-License-Identifier: Apache-2.0

package index

import (
	"context"
	"fmt"
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/privacy"
)

// Calls of the store that its wrapper does not record.
const (
	operationList   = "list"
	operationDelete = "delete"
)

// storeCall is the span of such a call.
func (x *Index) storeCall(ctx context.Context, operation string, extra ...attribute.KeyValue) (context.Context, *callbacks.Span) {
	ctx, span := x.h.Start(ctx, callbacks.KindVectorStore, operation, append(x.target.Append(nil, x.cfg.namespace), extra...)...)
	span.SetAttributes(x.target.AppendNameSpace(nil, x.cfg.namespace, privacy.CleanName)...)
	return ctx, span
}

// list asks the store once for everything: asking for each document would take
// as many calls.
func (x *Index) list(ctx context.Context) (*inventory, error) {
	ctx, span := x.storeCall(ctx, operationList)
	defer span.End(callbacks.ErrUnwound)
	v, rows := newInventory(), 0
	err := x.lister.List(ctx, func(id string, metadata map[string]any) bool {
		rows++
		if chunk, ok := parseChunkID(metadata[ChunkIDKey]); ok {
			v.put(chunk, id, sourceOf(metadata))
		}
		return true
	}, x.options...)
	span.SetAttributes(semconv.DBReturnedRows.Int(rows))
	span.End(err)
	if err != nil {
		return nil, fmt.Errorf("index: list what is stored: %w", err)
	}
	return v, nil
}

// dropLeftovers deletes what the sources no longer hold. Everything new is
// stored by now.
func (in *ingest) dropLeftovers(ctx context.Context) error {
	for ids := range slices.Chunk(in.inventory.leftovers(in.sync, in.report.Failed), in.x.cfg.batch) {
		if err := in.x.drop(ctx, ids); err != nil {
			return err
		}
		in.report.Deleted += len(ids)
	}
	return nil
}

func (x *Index) drop(ctx context.Context, ids []string) error {
	var extra []attribute.KeyValue
	if len(ids) > 1 {
		extra = []attribute.KeyValue{semconv.DBOperationBatchSize.Int(len(ids))}
	}
	ctx, span := x.storeCall(ctx, operationDelete, extra...)
	defer span.End(callbacks.ErrUnwound)
	err := x.lister.Delete(ctx, ids, x.options...)
	span.End(err)
	if err != nil {
		return fmt.Errorf("index: delete %d chunks that are out of date: %w", len(ids), err)
	}
	return nil
}
