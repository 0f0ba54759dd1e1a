// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"fmt"
	"slices"

	"github.com/tmc/langchaingo/vectorstores"
)

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
// and returns how many these were. The filters are those of
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
	if len(filter.Where) == 0 && len(filter.WhereDocument) == 0 {
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
	if err := s.remove(name, ids); err != nil {
		return 0, err
	}
	return len(ids), nil
}

// remove needs s.writing. It writes nothing to the disk if no id is known.
func (s *Store) remove(name string, ids []string) error {
	known := slices.Compact(slices.Sorted(slices.Values(ids)))
	known = slices.DeleteFunc(known, func(id string) bool {
		_, ok := s.byID(name, id)
		return !ok
	})
	if len(known) == 0 {
		return nil
	}
	return s.commit(change{collection: name, remove: known})
}
