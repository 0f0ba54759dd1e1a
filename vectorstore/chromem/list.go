// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"fmt"
	"iter"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// Entry is a stored document with its id. The Score is 0.
type Entry struct {
	ID string
	schema.Document
}

// All iterates over the documents of the collection, sorted by id: those of the
// store's own, or of [vectorstores.WithNameSpace], that meet the filters of
// [vectorstores.WithFilters], if any. They are those of the moment when the
// iteration begins; the loop may change the store.
//
//	hashes := map[string]string{}
//	for e, err := range store.All(ctx, vectorstores.WithFilters(map[string]any{"source": path})) {
//		if err != nil {
//			return err
//		}
//		hashes[e.ID], _ = e.Metadata["hash"].(string)
//	}
//
// Nothing is embedded, and neither texts nor vectors are copied. It takes below a
// microsecond for each document that a filter leaves out, and a few for each
// that it yields, mostly for its metadata: to look many of them up, iterate once.
// A database of [WithDB] is copied as a whole, vectors included, because
// chromem-go offers nothing else.
//
// An error is the last step of the iteration: [ErrUnsupportedFilter],
// [ErrUnsupportedOptions] for a score threshold, [ErrClosed], that of the
// context, or one of metadata that cannot be read.
func (s *Store) All(ctx context.Context, opts ...vectorstores.Option) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		o := callOptions(opts)
		found, err := s.list(ctx, o)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		for _, doc := range found {
			if err := ctx.Err(); err != nil {
				yield(Entry{}, fmt.Errorf("chromem: list: %w", err))
				return
			}
			e, err := entryOf(doc)
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

func (s *Store) list(ctx context.Context, o vectorstores.Options) ([]chromemgo.Document, error) {
	if err := refuse(o, "All", true); err != nil {
		return nil, err
	}
	filter, err := newFilter(o.Filters)
	if err != nil {
		return nil, err
	}
	if err := s.begin(ctx, "list"); err != nil {
		return nil, err
	}
	return s.matching(s.namespace(o), filter)
}

// Get returns the documents with these ids, in their order, from the collection:
// the store's own, or that of [vectorstores.WithNameSpace]. If one of them is
// missing it returns [ErrNotFound]; other errors are as for [Store.All].
func (s *Store) Get(ctx context.Context, ids []string, opts ...vectorstores.Option) ([]schema.Document, error) {
	o := callOptions(opts)
	if err := refuse(o, "Get", false); err != nil {
		return nil, err
	}
	if err := s.begin(ctx, "get"); err != nil {
		return nil, err
	}
	name := s.namespace(o)
	s.mu.RLock()
	defer s.mu.RUnlock()
	col := s.get(name)
	docs := make([]schema.Document, len(ids))
	for i, id := range ids {
		if col == nil || !has(col, id) {
			return nil, fmt.Errorf("%w: the id %q in collection %q", ErrNotFound, id, name)
		}
		doc, err := col.GetByID(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("chromem: get document %q: %w", id, err)
		}
		e, err := entryOf(doc)
		if err != nil {
			return nil, err
		}
		docs[i] = e.Document
	}
	return docs, nil
}

func entryOf(doc chromemgo.Document) (Entry, error) {
	metadata, err := decodeMetadata(doc.Metadata)
	if err != nil {
		return Entry{}, fmt.Errorf("chromem: document %q: %w", doc.ID, err)
	}
	return Entry{doc.ID, schema.Document{PageContent: doc.Content, Metadata: metadata}}, nil
}
