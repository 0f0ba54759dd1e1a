// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	chromemgo "github.com/philippgille/chromem-go"
)

// loadChunk bounds how many goroutines chromem-go starts for one batch: one for
// each document.
const loadChunk = 1000

// backend has the documents: in chromem-go for searches, in the folder if there
// is one, and in docs because chromem-go can neither list documents nor tell how
// long their vectors are; docs shares texts, metadata and vectors with it. The
// Stores of a process that use one folder share its backend.
type backend struct {
	db     *chromemgo.DB
	embed  chromemgo.EmbeddingFunc
	folder *folder // nil: in memory, or a database of WithDB

	// writing is held from the checks of a change to its end, so that there is
	// one change at a time. It comes before mu.
	writing sync.Mutex
	// mu keeps readers from seeing half a change. It is not held while files are
	// written. chromem-go's own locks are not enough: creating a collection twice
	// at the same time drops the first one with its documents, and Delete reads
	// the map of documents without a lock.
	mu sync.RWMutex
	// docs is nil for a database of WithDB, which is the caller's to change.
	docs documents
	// dims has the vector lengths of the collections where they are known:
	// chromem-go does not check them on adding, and then fails every search.
	dims map[string]int

	// stores counts those that are not closed, for a folder; see openFolders.
	stores int
}

// change is what one call does to one collection.
type change struct {
	collection string
	put        []chromemgo.Document
	remove     []string // Ids that are there.
}

func newBackend(db *chromemgo.DB, embed chromemgo.EmbeddingFunc, docs documents) *backend {
	return &backend{db: db, embed: embed, docs: docs, dims: map[string]int{}}
}

// newFolderBackend fills chromem-go with what the folder had.
func newFolderBackend(f *folder, docs documents) (*backend, error) {
	b := newBackend(chromemgo.NewDB(), noEmbedder, docs)
	b.folder = f
	for name, stored := range docs {
		col, err := b.db.CreateCollection(name, nil, b.embed)
		if err != nil {
			return nil, fmt.Errorf("chromem: load collection %q: %w", name, err)
		}
		for _, doc := range stored {
			if err := col.AddDocument(context.Background(), doc); err != nil {
				return nil, fmt.Errorf("chromem: load document %q of collection %q: %w", doc.ID, name, err)
			}
			b.dims[name] = len(doc.Embedding)
		}
	}
	return b, nil
}

func noEmbedder(context.Context, string) ([]float32, error) { return nil, ErrNoEmbedder }

// get returns the collection, or nil.
func (b *backend) get(name string) *chromemgo.Collection {
	return b.db.GetCollection(name, b.embed)
}

// commit makes the changes, all or none: first on disk, where it can fail, then
// in memory. It needs b.writing. What it does cannot be cancelled: chromem-go
// skips documents when the context is, and returns no error.
func (b *backend) commit(ctx context.Context, changes []change, compress bool, concurrency int) error {
	if b.folder != nil {
		if err := b.folder.tidy(b.docs, compress); err != nil {
			return err
		}
		if err := b.folder.append(recordsOf(changes), compress); err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	ctx = context.WithoutCancel(ctx)
	undo := make([]func() error, 0, len(changes))
	for _, c := range changes {
		takeBack, err := b.apply(ctx, c, concurrency)
		undo = append(undo, takeBack)
		if err == nil {
			continue
		}
		errs := []error{fmt.Errorf("chromem: write to collection %q: %w", c.collection, err)}
		for _, f := range slices.Backward(undo) {
			errs = append(errs, f())
		}
		err = errors.Join(errs...)
		if b.folder != nil {
			// Out of reach: in memory chromem-go refuses only what was refused before.
			b.folder.broken = err
		}
		return err
	}
	for _, c := range changes {
		b.note(c)
	}
	return nil
}

// apply changes a collection of chromem-go, and returns how to take it back,
// also in part.
func (b *backend) apply(ctx context.Context, c change, concurrency int) (takeBack func() error, err error) {
	col := b.get(c.collection)
	if col == nil {
		takeBack = func() error { return b.db.DeleteCollection(c.collection) }
		if col, err = b.db.CreateCollection(c.collection, nil, b.embed); err != nil {
			return takeBack, err
		}
	} else {
		takeBack = restore(ctx, col, c)
	}
	if len(c.remove) > 0 {
		if err := col.Delete(ctx, nil, nil, c.remove...); err != nil {
			return takeBack, err
		}
	}
	for chunk := range slices.Chunk(c.put, loadChunk) {
		if err := col.AddDocuments(ctx, chunk, concurrency); err != nil {
			return takeBack, err
		}
	}
	return takeBack, nil
}

// restore returns a function that brings back what c is going to overwrite.
func restore(ctx context.Context, col *chromemgo.Collection, c change) func() error {
	touched := slices.Clone(c.remove)
	for i := range c.put {
		touched = append(touched, c.put[i].ID)
	}
	before := map[string]chromemgo.Document{}
	for _, id := range touched {
		if old, err := col.GetByID(ctx, id); err == nil {
			before[id] = old
		}
	}
	return func() error {
		var errs []error
		for _, id := range touched {
			var err error
			if old, ok := before[id]; ok {
				err = col.AddDocument(ctx, old)
			} else {
				err = col.Delete(ctx, nil, nil, id)
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("chromem: take back document %q: %w", id, err))
			}
		}
		return errors.Join(errs...)
	}
}

// note enters a change that is made into docs and dims.
func (b *backend) note(c change) {
	if b.docs != nil {
		for _, id := range c.remove {
			b.docs.remove(c.collection, id)
		}
		for _, doc := range c.put {
			b.docs.put(c.collection, doc)
		}
	}
	if len(c.put) > 0 {
		b.dims[c.collection] = len(c.put[0].Embedding)
	} else if b.get(c.collection).Count() == 0 {
		delete(b.dims, c.collection)
	}
}

// checkDimension refuses what chromem-go would store. It needs b.writing.
func (b *backend) checkDimension(ctx context.Context, name string, v []float32) error {
	col := b.get(name)
	if col == nil || col.Count() == 0 {
		return nil
	}
	if dim, ok := b.dims[name]; ok {
		if dim != len(v) {
			return dimensionError(name, len(v), dim)
		}
		return nil
	}
	// A database of WithDB only tells by a search.
	if _, err := col.QueryEmbedding(ctx, v, 1, nil, nil); err != nil {
		return queryError(name, len(v), err)
	}
	return nil
}

func dimensionError(name string, got, want int) error {
	return fmt.Errorf("%w: the embedder returns %d dimensions, collection %q has vectors of %d: "+
		"use the embedding model it was filled with, or another collection", ErrDimension, got, name, want)
}

// matching returns the documents that meet the filter, sorted by id. They share
// their metadata and vectors with the store.
func (b *backend) matching(name string, filter Filter) ([]chromemgo.Document, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	stored := b.docs[name]
	if b.docs == nil {
		var err error
		if stored, err = dump(b.db, name); err != nil {
			return nil, fmt.Errorf("chromem: list collection %q: %w", name, err)
		}
	}
	var found []chromemgo.Document
	for _, doc := range stored {
		if filter.matches(doc) {
			found = append(found, doc)
		}
	}
	slices.SortFunc(found, func(a, b chromemgo.Document) int { return strings.Compare(a.ID, b.ID) })
	return found, nil
}

// names returns the collections that have documents, sorted.
func (b *backend) names() []string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	cols := b.db.ListCollections()
	maps.DeleteFunc(cols, func(_ string, col *chromemgo.Collection) bool { return col.Count() == 0 })
	return slices.Sorted(maps.Keys(cols))
}

// dump returns the documents of a collection the only way that chromem-go has.
func dump(db *chromemgo.DB, name string) (map[string]chromemgo.Document, error) {
	r, w := io.Pipe()
	go func() { w.CloseWithError(db.ExportToWriter(w, false, "", name)) }()
	var out struct {
		Collections map[string]struct {
			Documents map[string]chromemgo.Document
		}
	}
	err := gob.NewDecoder(r).Decode(&out)
	_ = r.CloseWithError(err) // Ends the goroutine.
	return out.Collections[name].Documents, err
}

func has(col *chromemgo.Collection, id string) bool {
	_, err := col.GetByID(context.Background(), id)
	return err == nil
}
