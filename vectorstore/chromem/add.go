// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// AddDocuments embeds the documents with one call of the embedder (or several,
// see [WithBatchSize]), stores them, and returns their ids in the order of docs.
// An id that the collection has already is replaced. The documents and their
// metadata are copied, never changed.
//
// Of the options, [vectorstores.WithEmbedder] replaces the store's embedder,
// [vectorstores.WithNameSpace] selects the collection (which is created if
// missing), and [vectorstores.WithDeduplicater] drops the documents for which
// it returns true: these have no id in the result. A score threshold or filters
// are refused with [ErrUnsupportedOptions].
//
// It stores all documents or none, and with [WithPersistence] returns when they
// are durable. The errors are [ErrNoEmbedder], [ErrEmptyText],
// [ErrInvalidMetadata], [ErrDuplicateID] (two ids of [WithIDs]), [ErrEmbedding],
// [ErrDimension], [ErrDamaged], [ErrClosed], those of the embedder, of the
// context, and of writing files. After an error of a database of [WithDB], what
// was written is taken back as far as the disk allows.
func (s *Store) AddDocuments(
	ctx context.Context, docs []schema.Document, opts ...vectorstores.Option,
) ([]string, error) {
	o := callOptions(opts)
	if err := refuse(o, "AddDocuments", false); err != nil {
		return nil, err
	}
	if err := s.begin(ctx, "add documents"); err != nil {
		return nil, err
	}
	embedder, err := s.embedderFor(o)
	if err != nil {
		return nil, err
	}
	batch, err := s.prepare(ctx, docs, o.Deduplicater)
	if err != nil {
		return nil, err
	}
	if len(batch) == 0 {
		return []string{}, nil
	}
	if err := s.embed(ctx, embedder, batch); err != nil {
		return nil, err
	}
	if err := s.store(ctx, s.namespace(o), batch); err != nil {
		return nil, err
	}
	s.tell(len(batch), len(batch))
	ids := make([]string, len(batch))
	for i := range batch {
		ids[i] = batch[i].ID
	}
	return ids, nil
}

// prepare checks and converts the documents that the deduplicater leaves.
func (s *Store) prepare(
	ctx context.Context, docs []schema.Document, drop func(context.Context, schema.Document) bool,
) ([]chromemgo.Document, error) {
	batch := make([]chromemgo.Document, 0, len(docs))
	seen := make(map[string]int, len(docs))
	for i, doc := range docs {
		if drop != nil && drop(ctx, doc) {
			continue
		}
		if doc.PageContent == "" {
			return nil, fmt.Errorf("%w: document %d has no page content", ErrEmptyText, i)
		}
		metadata, err := encodeMetadata(doc.Metadata)
		if err != nil {
			return nil, fmt.Errorf("%w: document %d: %w", ErrInvalidMetadata, i, err)
		}
		var id string
		if s.newID != nil {
			id = s.newID(doc)
		}
		if first, ok := seen[id]; ok && id != "" {
			return nil, fmt.Errorf("%w: documents %d and %d have the id %q", ErrDuplicateID, first, i, id)
		}
		seen[id] = i
		batch = append(batch, chromemgo.Document{ID: id, Metadata: metadata, Content: doc.PageContent})
	}
	return batch, nil
}

// store writes the batch, and gives ids to the documents without one.
func (s *Store) store(ctx context.Context, name string, batch []chromemgo.Document) error {
	if err := s.lockToWrite(ctx, "add documents"); err != nil {
		return err
	}
	defer s.writing.Unlock()
	if err := s.checkDimension(ctx, name, batch[0].Embedding); err != nil {
		return err
	}
	s.assignIDs(name, batch)
	return s.commit(ctx, []change{{collection: name, put: batch}}, s.compress, s.concurrency)
}

func (s *Store) assignIDs(name string, batch []chromemgo.Document) {
	col := s.get(name)
	taken := make(map[string]bool, len(batch))
	for i := range batch {
		taken[batch[i].ID] = true
	}
	for i := range batch {
		for id := batch[i].ID; id == ""; id = batch[i].ID {
			if id = randomID(); !taken[id] && (col == nil || !has(col, id)) {
				batch[i].ID = id
				taken[id] = true
			}
		}
	}
}

func randomID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // Never fails: it ends the program instead.
	return hex.EncodeToString(b[:])
}
