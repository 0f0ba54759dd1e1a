// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"fmt"
	"iter"
	"slices"

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

// List calls yield with the id and the metadata of each document of [Store.All],
// until yield returns false. A retrieval/index.Index asks it for what is stored.
func (s *Store) List(ctx context.Context, yield func(id string, metadata map[string]any) bool, opts ...vectorstores.Option) error {
	return s.all(ctx, callOptions(opts), func(e Entry, _ error) bool { return yield(e.ID, e.Metadata) })
}

// Delete removes documents by id from the collection: the store's own, or that
// of [vectorstores.WithNameSpace]. Unknown ids and a missing collection are no
// error. It removes all or none, with [WithPersistence] durably.
func (s *Store) Delete(ctx context.Context, ids []string, opts ...vectorstores.Option) error {
	o := callOptions(opts)
	if err := refuse(o, "Delete", false); err != nil {
		return err
	}
	if err := s.lockToWrite(ctx, "delete"); err != nil {
		return err
	}
	defer s.writing.Unlock()
	return s.remove(s.namespace(o), ids)
}

// DeleteWhere removes the documents that meet the filters from the collection,
// and returns how many meet them. The filters are those of
// [Store.SimilaritySearch]. Filters without a condition, which all documents
// meet, are refused with [ErrUnsupportedFilter].
func (s *Store) DeleteWhere(ctx context.Context, filters any, opts ...vectorstores.Option) (int, error) {
	o := callOptions(opts)
	if err := refuse(o, "DeleteWhere", false); err != nil {
		return 0, err
	}
	filter, err := newFilter(filters)
	if err != nil {
		return 0, err
	}
	if filter.empty() {
		return 0, fmt.Errorf("%w: no condition: DeleteWhere would remove all documents", ErrUnsupportedFilter)
	}
	if err := s.lockToWrite(ctx, "delete"); err != nil {
		return 0, err
	}
	defer s.writing.Unlock()
	name := s.namespace(o)
	found, err := s.matching(name, filter)
	if err != nil {
		return 0, err
	}
	ids := make([]string, len(found))
	for i := range found {
		ids[i] = found[i].ID
	}
	return len(ids), s.remove(name, ids)
}

// remove needs s.writing. It writes nothing to the disk if no id is known.
func (s *Store) remove(name string, ids []string) error {
	col := s.get(name)
	if col == nil {
		return nil
	}
	known := slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		_, err := col.GetByID(context.Background(), id)
		return err != nil
	})
	if len(known) == 0 {
		return nil
	}
	return s.commit(change{collection: name, remove: known})
}
