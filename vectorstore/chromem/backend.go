// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"encoding/gob"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	chromemgo "github.com/philippgille/chromem-go"
)

// addChunk bounds how many goroutines chromem-go starts for one batch: one for
// each document.
const addChunk = 1000

// backend has the documents, in chromem-go and in the file if there is one. The
// Stores of a process that use one folder share its backend.
type backend struct {
	db    *chromemgo.DB
	embed chromemgo.EmbeddingFunc
	file  *storeFile // nil: in memory, or a database of WithDB

	// writing is held from the checks of a change to its end. It comes before mu.
	writing sync.Mutex
	// mu keeps readers from seeing half a change. It is not held while the file is
	// written. chromem-go's own locks are not enough: creating a collection twice
	// at the same time drops the first one with its documents, and Delete reads
	// the map of documents without a lock.
	mu sync.RWMutex
	// dims has the vector lengths of the collections: chromem-go does not check
	// them on adding, and then fails every search.
	dims map[string]int

	// stores counts those that are not closed, for a folder; see openFolders.
	stores int
}

func newBackend(db *chromemgo.DB, embed chromemgo.EmbeddingFunc) *backend {
	return &backend{db: db, embed: embed, dims: map[string]int{}}
}

func noEmbedder(context.Context, string) ([]float32, error) { return nil, ErrNoEmbedder }

// get returns the collection, or nil.
func (b *backend) get(name string) *chromemgo.Collection {
	return b.db.GetCollection(name, b.embed)
}

// filled returns the collection and the length of its vectors, or nil if it is
// missing or empty.
func (b *backend) filled(name string) (col *chromemgo.Collection, dim int) {
	if col = b.get(name); col == nil || col.Count() == 0 {
		return nil, 0
	}
	return col, b.dims[name]
}

// commit makes the changes: first on disk, where it can fail, then in memory.
// b.writing must be held. What it does cannot be cancelled: chromem-go skips
// documents when the context is, and returns no error.
func (b *backend) commit(ctx context.Context, changes []change, cfg config) error {
	if b.file != nil {
		if err := b.file.write(changes, cfg.compress); err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range changes {
		if err := b.apply(context.WithoutCancel(ctx), c, cfg.concurrency); err != nil {
			return fmt.Errorf("chromem: write to collection %q: %w", c.collection, err)
		}
	}
	return nil
}

// apply changes a collection of chromem-go. Only a database of WithDB can fail.
func (b *backend) apply(ctx context.Context, c change, concurrency int) error {
	col := b.get(c.collection)
	if col == nil {
		var err error
		if col, err = b.db.CreateCollection(c.collection, nil, b.embed); err != nil {
			return err
		}
	}
	if len(c.remove) > 0 {
		if err := col.Delete(ctx, nil, nil, c.remove...); err != nil {
			return err
		}
	}
	for chunk := range slices.Chunk(c.put, addChunk) {
		b.dims[c.collection] = len(chunk[0].Embedding)
		if err := col.AddDocuments(ctx, chunk, concurrency); err != nil {
			return err
		}
	}
	return nil
}

// checkDimension refuses what chromem-go would store. b.writing must be held.
func (b *backend) checkDimension(name string, got int) error {
	if err := b.learnDimension(name); err != nil {
		return err
	}
	if col, dim := b.filled(name); col != nil && dim != got {
		return dimensionError(name, got, dim)
	}
	return nil
}

func dimensionError(name string, got, want int) error {
	return fmt.Errorf("%w: the embedder returns %d dimensions, collection %q has vectors of %d: "+
		"use the embedding model it was filled with, or another collection", ErrDimension, got, name, want)
}

// matching returns the documents that meet the filter, sorted by id. They share
// their metadata and vectors with the store.
func (b *backend) matching(name string, filter Filter) ([]chromemgo.Result, error) {
	if err := b.learnDimension(name); err != nil {
		return nil, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	col, dim := b.filled(name)
	if col == nil {
		return nil, nil
	}
	// chromem-go lists documents only as the answer to a search.
	v := make([]float32, dim)
	v[0] = 1
	found, err := col.QueryEmbedding(context.Background(), v, col.Count(), filter.Where, filter.WhereDocument)
	if err != nil {
		return nil, fmt.Errorf("chromem: list collection %q: %w", name, err)
	}
	found = filter.onlyWithKeys(found)
	slices.SortFunc(found, func(a, b chromemgo.Result) int { return strings.Compare(a.ID, b.ID) })
	return found, nil
}

// byID returns the document with this id, and whether there is one.
func (b *backend) byID(name, id string) (chromemgo.Document, bool) {
	col := b.get(name)
	if col == nil {
		return chromemgo.Document{}, false
	}
	doc, err := col.GetByID(context.Background(), id)
	return doc, err == nil
}

// names returns the collections that have documents, sorted.
func (b *backend) names() []string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	cols := b.db.ListCollections()
	maps.DeleteFunc(cols, func(_ string, col *chromemgo.Collection) bool { return col.Count() == 0 })
	return slices.Sorted(maps.Keys(cols))
}

// learnDimension finds the length of the vectors that a database of WithDB came
// with. An export is the only way in which chromem-go tells it.
func (b *backend) learnDimension(name string) error {
	b.mu.RLock()
	col, dim := b.filled(name)
	b.mu.RUnlock()
	if col == nil || dim > 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	r, w := io.Pipe()
	go func() { w.CloseWithError(b.db.ExportToWriter(w, false, "", name)) }()
	var out struct {
		Collections map[string]struct {
			Documents map[string]struct{ Embedding []float32 }
		}
	}
	err := gob.NewDecoder(r).Decode(&out)
	_ = r.CloseWithError(err) // Ends the goroutine.
	if err != nil {
		return fmt.Errorf("chromem: read collection %q: %w", name, err)
	}
	for _, doc := range out.Collections[name].Documents {
		b.dims[name] = len(doc.Embedding)
	}
	return nil
}
