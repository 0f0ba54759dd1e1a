// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// AddDocuments embeds the documents with one call of the embedder, stores them,
// and returns their ids in the order of docs. An id that the collection has
// already is replaced. The documents and their metadata are copied, never
// changed.
//
// Of the options, [vectorstores.WithEmbedder] replaces the store's embedder,
// [vectorstores.WithNameSpace] selects the collection (which is created if
// missing), and [vectorstores.WithDeduplicater] drops the documents for which
// it returns true: these have no id in the result. A score threshold or filters
// are refused with [ErrUnsupportedOptions].
//
// It stores all documents or none. The errors are [ErrNoEmbedder],
// [ErrEmptyText], [ErrInvalidMetadata], [ErrDuplicateID] (two ids of [WithIDs]),
// [ErrNameCollision], [ErrEmbedding], [ErrDimension], those of the embedder, of
// the context, and of writing files. If writing fails, what was written is
// taken back as far as the disk allows.
func (s *Store) AddDocuments(
	ctx context.Context, docs []schema.Document, opts ...vectorstores.Option,
) ([]string, error) {
	o := callOptions(opts)
	if o.ScoreThreshold != 0 || o.Filters != nil {
		return nil, fmt.Errorf("%w: adding documents takes no score threshold and no filters", ErrUnsupportedOptions)
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
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("chromem: add documents: %w", err)
	}
	// A slice of its own: langchaingo's EmbedderImpl rewrites it.
	texts := make([]string, len(batch))
	for i := range batch {
		texts[i] = batch[i].Content
	}
	vectors, err := embedder.EmbedDocuments(ctx, texts)
	if err != nil {
		return nil, fmt.Errorf("chromem: embed %d documents: %w", len(batch), err)
	}
	if err := setVectors(batch, vectors); err != nil {
		return nil, err
	}
	if err := s.store(ctx, s.namespace(o), batch); err != nil {
		return nil, err
	}
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

func setVectors(batch []chromemgo.Document, vectors [][]float32) error {
	if len(vectors) != len(batch) {
		return fmt.Errorf("%w: %d vectors for %d documents", ErrEmbedding, len(vectors), len(batch))
	}
	for i, v := range vectors {
		unit, err := normalize(v)
		if err != nil {
			return fmt.Errorf("%w (number %d of %d)", err, i+1, len(vectors))
		}
		if len(v) != len(vectors[0]) {
			return fmt.Errorf("%w: the embedder returned vectors of %d and of %d dimensions",
				ErrDimension, len(vectors[0]), len(v))
		}
		batch[i].Embedding = unit
	}
	return nil
}

// store writes the batch, and gives ids to the documents without one.
func (s *Store) store(ctx context.Context, name string, batch []chromemgo.Document) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	// The last moment to stop: chromem-go skips documents when the context is
	// cancelled, and returns no error.
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("chromem: add documents: %w", err)
	}
	ctx = context.WithoutCancel(ctx)

	col := s.get(name)
	created := col == nil
	if created {
		var err error
		if col, err = s.create(name); err != nil {
			return err
		}
	}
	err := s.checkDimension(ctx, name, col, batch[0].Embedding)
	if err == nil {
		err = s.assignIDs(name, col, batch)
	}
	if err == nil {
		err = s.write(ctx, name, col, batch)
	}
	if err != nil {
		if created {
			err = errors.Join(err, s.db.DeleteCollection(name))
		}
		return err
	}
	s.dims[name] = len(batch[0].Embedding)
	return nil
}

func (s *Store) create(name string) (*chromemgo.Collection, error) {
	if s.files.persistent() {
		for other := range s.db.ListCollections() {
			if s.files.collectionDir(other) == s.files.collectionDir(name) {
				return nil, fmt.Errorf("%w: the collections %q and %q have the same folder %q: choose another name",
					ErrNameCollision, name, other, s.files.collectionDir(name))
			}
		}
	}
	col, err := s.db.CreateCollection(name, nil, s.embedText)
	if err != nil {
		// A half-written file would make the whole folder unreadable.
		s.files.dropEmptyCollection(name)
		return nil, fmt.Errorf("chromem: create collection %q: %w", name, err)
	}
	return col, nil
}

// checkDimension refuses what chromem-go would store, and then fail every
// search on.
func (s *Store) checkDimension(ctx context.Context, name string, col *chromemgo.Collection, v []float32) error {
	if col.Count() == 0 {
		return nil
	}
	if dim, ok := s.dims[name]; ok {
		if dim != len(v) {
			return dimensionError(name, len(v), dim)
		}
		return nil
	}
	// A database of the caller's: it only tells by a search.
	if _, err := col.QueryEmbedding(ctx, v, 1, nil, nil); err != nil {
		return queryError(name, len(v), err)
	}
	return nil
}

func dimensionError(name string, got, want int) error {
	return fmt.Errorf("%w: the embedder returns %d dimensions, collection %q has vectors of %d: "+
		"use the embedding model it was filled with, or another collection", ErrDimension, got, name, want)
}

func (s *Store) assignIDs(name string, col *chromemgo.Collection, batch []chromemgo.Document) error {
	paths := make(map[string]string, len(batch))
	for i := range batch {
		id := batch[i].ID
		if id == "" {
			continue
		}
		other, taken := s.taken(name, col, id, paths)
		if taken {
			return fmt.Errorf("%w: the document id %q has the file name of %s: choose another id",
				ErrNameCollision, id, other)
		}
		paths[s.files.key(name, id)] = id
	}
	for i := range batch {
		for batch[i].ID == "" {
			id := randomID()
			if _, taken := s.taken(name, col, id, paths); taken || has(col, id) {
				continue
			}
			batch[i].ID = id
			paths[s.files.key(name, id)] = id
		}
	}
	return nil
}

// taken says whether the file of the id is that of something else.
func (s *Store) taken(name string, col *chromemgo.Collection, id string, paths map[string]string) (string, bool) {
	if other, ok := paths[s.files.key(name, id)]; ok {
		return fmt.Sprintf("the id %q", other), true
	}
	if s.files.persistent() && s.files.exists(name, id) && !has(col, id) {
		return "a stored document", true
	}
	return "", false
}

func (s *Store) write(ctx context.Context, name string, col *chromemgo.Collection, batch []chromemgo.Document) error {
	replaced := map[string]chromemgo.Document{}
	for i := range batch {
		if old, err := col.GetByID(ctx, batch[i].ID); err == nil {
			replaced[old.ID] = old
		}
	}
	err := col.AddDocuments(ctx, batch, s.concurrency)
	if err == nil {
		return nil
	}
	errs := []error{fmt.Errorf("chromem: write to collection %q: %w", name, err)}
	for i := range batch {
		if old, ok := replaced[batch[i].ID]; ok {
			err = col.AddDocument(ctx, old)
		} else {
			err = col.Delete(ctx, nil, nil, batch[i].ID)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("chromem: take back document %q: %w", batch[i].ID, err))
		}
	}
	return errors.Join(errs...)
}

func randomID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // Never fails: it ends the program instead.
	return hex.EncodeToString(b[:])
}
