// SPDX-License-Identifier: Apache-2.0

package index

import (
	"context"
	"fmt"

	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/privacy"
)

// Lister is a vector store that can say what it holds, and delete. chromem's is
// one; for others, write a type that embeds the store and adds these methods. A
// Lister below wrappers with a method Unwrap, such as vectorstore.Wrap's, is found.
// The options hold the name space of [WithNameSpace]. Both methods must be safe
// for concurrent use.
type Lister interface {
	// List calls yield with the id and the metadata of each document, until yield
	// returns false. yield does not change the metadata.
	List(ctx context.Context, yield func(id string, metadata map[string]any) bool, options ...vectorstores.Option) error
	// Delete deletes documents by id. Unknown ids are no error.
	Delete(ctx context.Context, ids []string, options ...vectorstores.Option) error
}

func findLister(s vectorstores.VectorStore) Lister {
	for s != nil {
		if l, ok := s.(Lister); ok {
			return l
		}
		w, ok := s.(interface {
			Unwrap() vectorstores.VectorStore
		})
		if !ok {
			break
		}
		s = w.Unwrap()
	}
	return nil
}

// storeCall records a call that the store's wrapper does not have.
func (x *Index) storeCall(ctx context.Context, operation string, call func(context.Context, *callbacks.Span) error) error {
	ctx, span := x.h.Start(ctx, callbacks.KindVectorStore, operation, x.target.Append(nil, x.cfg.namespace)...)
	defer span.End(callbacks.ErrUnwound)
	span.SetAttributes(x.target.AppendNameSpace(nil, x.cfg.namespace, privacy.CleanName)...)
	err := call(ctx, span)
	span.End(err)
	return err
}

// list asks the store once for everything: to ask for each document would take
// as many calls.
func (x *Index) list(ctx context.Context) (*inventory, error) {
	v, rows := newInventory(), 0
	err := x.storeCall(ctx, "list", func(ctx context.Context, span *callbacks.Span) error {
		err := x.lister.List(ctx, func(id string, metadata map[string]any) bool {
			rows++
			v.put(id, metadata)
			return true
		}, x.options...)
		span.SetAttributes(semconv.DBReturnedRows.Int(rows))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("index: list what is stored: %w", err)
	}
	return v, nil
}

func (x *Index) drop(ctx context.Context, ids []string) error {
	err := x.storeCall(ctx, "delete", func(ctx context.Context, span *callbacks.Span) error {
		if len(ids) > 1 { // The convention has no size for one document.
			span.SetAttributes(semconv.DBOperationBatchSize.Int(len(ids)))
		}
		return x.lister.Delete(ctx, ids, x.options...)
	})
	if err != nil {
		return fmt.Errorf("index: delete %d chunks that are out of date: %w", len(ids), err)
	}
	return nil
}
