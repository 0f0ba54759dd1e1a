// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// AddDocuments embeds the documents with one call of the embedder, stores them,
// and returns their ids in the order of docs. An id that the collection has
// already is replaced. The documents and their metadata are copied, never changed.
//
// A document with nothing but white space, such as a blank page, is left out, and
// so is one for which [vectorstores.WithDeduplicater] returns true: these have no
// id in the result. [vectorstores.WithEmbedder] and [vectorstores.WithNameSpace]
// take the place of the store's own. A score threshold or filters are refused.
//
// It stores all documents or none, and with [WithPersistence] durably. After an
// error of the disk the documents may be there when the store is opened next.
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
	if err := embed(ctx, embedder, batch); err != nil {
		return nil, err
	}
	if err := s.put(ctx, s.namespace(o), batch); err != nil {
		return nil, err
	}
	ids := make([]string, len(batch))
	for i := range batch {
		ids[i] = batch[i].ID
	}
	return ids, nil
}

// prepare checks and converts the documents that are to be stored.
func (s *Store) prepare(
	ctx context.Context, docs []schema.Document, drop func(context.Context, schema.Document) bool,
) ([]chromemgo.Document, error) {
	batch := make([]chromemgo.Document, 0, len(docs))
	seen := make(map[string]int, len(docs))
	for i, doc := range docs {
		if strings.TrimSpace(doc.PageContent) == "" || drop != nil && drop(ctx, doc) {
			continue
		}
		metadata, err := encodeMetadata(doc.Metadata)
		if err != nil {
			return nil, fmt.Errorf("%w: document %d: %w", ErrInvalidMetadata, i, err)
		}
		var id string
		if s.cfg.newID != nil {
			id = s.cfg.newID(doc)
		}
		if id == "" {
			id = randomID()
		}
		if first, ok := seen[id]; ok {
			return nil, fmt.Errorf("%w: documents %d and %d have the id %q", ErrDuplicateID, first, i, id)
		}
		seen[id] = i
		batch = append(batch, chromemgo.Document{ID: id, Metadata: metadata, Content: doc.PageContent})
	}
	return batch, nil
}

// put stores documents, all or none.
func (s *Store) put(ctx context.Context, collection string, docs []chromemgo.Document) error {
	if err := s.lockToWrite(ctx, "add documents"); err != nil {
		return err
	}
	defer s.writing.Unlock()
	if err := s.checkDimension(collection, len(docs[0].Embedding)); err != nil {
		return err
	}
	return s.commit(change{collection: collection, put: docs})
}

func randomID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // Never fails: it ends the program instead.
	return hex.EncodeToString(b[:])
}
