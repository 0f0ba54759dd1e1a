// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"fmt"
	"iter"

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
// iteration begins. The loop may change the store.
//
// Nothing is embedded, and neither texts nor vectors are copied. It costs about
// as much as a search. An error is the last step of the iteration.
func (s *Store) All(ctx context.Context, opts ...vectorstores.Option) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if err := s.all(ctx, callOptions(opts), yield); err != nil {
			yield(Entry{}, err)
		}
	}
}

func (s *Store) all(ctx context.Context, o vectorstores.Options, yield func(Entry, error) bool) error {
	if err := refuse(o, "All", true); err != nil {
		return err
	}
	filter, err := newFilter(o.Filters)
	if err != nil {
		return err
	}
	if err := s.begin(ctx, "list"); err != nil {
		return err
	}
	found, err := s.matching(s.namespace(o), filter)
	if err != nil {
		return err
	}
	for _, r := range found {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("chromem: list: %w", err)
		}
		doc, err := toDocument(r.ID, r.Content, r.Metadata)
		if err != nil {
			return err
		}
		if !yield(Entry{r.ID, doc}, nil) {
			return nil
		}
	}
	return nil
}

// Get returns the documents with these ids, in their order, from the collection:
// the store's own, or that of [vectorstores.WithNameSpace]. If one of them is
// missing it returns [ErrNotFound].
func (s *Store) Get(ctx context.Context, ids []string, opts ...vectorstores.Option) ([]schema.Document, error) {
	o := callOptions(opts)
	if err := refuse(o, "Get", false); err != nil {
		return nil, err
	}
	if err := s.begin(ctx, "get"); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	name := s.namespace(o)
	docs := make([]schema.Document, len(ids))
	for i, id := range ids {
		found, ok := s.byID(name, id)
		if !ok {
			return nil, fmt.Errorf("%w: the id %q in collection %q", ErrNotFound, id, name)
		}
		var err error
		if docs[i], err = toDocument(id, found.Content, found.Metadata); err != nil {
			return nil, err
		}
	}
	return docs, nil
}

// List calls yield with the id and the metadata of each document of [Store.All],
// until yield returns false. A retrieval/index.Index asks it for what is stored.
func (s *Store) List(ctx context.Context, yield func(id string, metadata map[string]any) bool, opts ...vectorstores.Option) error {
	return s.all(ctx, callOptions(opts), func(e Entry, _ error) bool { return yield(e.ID, e.Metadata) })
}
