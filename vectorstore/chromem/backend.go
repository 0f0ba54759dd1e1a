// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	chromemgo "github.com/philippgille/chromem-go"
)

// backend has the documents, in chromem-go and in the file if there is one. The
// Stores of a process that use one folder share its backend.
type backend struct {
	db   *chromemgo.DB
	file *storeFile // nil: in memory

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

func newBackend() *backend {
	return &backend{db: chromemgo.NewDB(), dims: map[string]int{}}
}

// noEmbedder is the embedding function of all collections: without one,
// chromem-go would send texts to OpenAI.
func noEmbedder(context.Context, string) ([]float32, error) { return nil, ErrNoEmbedder }

// openFolders has the backends of this process by folder. The Stores of one
// process can do together what the lock keeps other processes from doing.
var openFolders = struct {
	mu       sync.Mutex
	backends map[string]*backend
}{backends: map[string]*backend{}}

func acquire(dir string) (*backend, error) {
	dir, err := makeFolder(dir)
	if err != nil {
		return nil, err
	}
	openFolders.mu.Lock()
	defer openFolders.mu.Unlock()
	// A folder that was removed and made again is another one.
	if b := openFolders.backends[dir]; b != nil && b.file.inPlace() == nil {
		b.stores++
		return b, nil
	}
	b := newBackend()
	if b.file, err = openStoreFile(dir, b.load); err != nil {
		return nil, err
	}
	b.stores = 1
	openFolders.backends[dir] = b
	return b, nil
}

// load adds a document of the file.
func (b *backend) load(collection string, doc chromemgo.Document) error {
	if err := b.checkDimension(collection, len(doc.Embedding)); err != nil {
		return err
	}
	return b.add(collection, doc)
}

// release closes the file with the last Store.
func (b *backend) release() error {
	openFolders.mu.Lock()
	defer openFolders.mu.Unlock()
	b.stores--
	if b.stores > 0 {
		return nil
	}
	maps.DeleteFunc(openFolders.backends, func(_ string, open *backend) bool { return open == b })
	return b.file.db.Close()
}

// get returns the collection, or nil.
func (b *backend) get(name string) *chromemgo.Collection {
	return b.db.GetCollection(name, noEmbedder)
}

// filled returns the collection and the length of its vectors, or nil if it is
// missing or empty.
func (b *backend) filled(name string) (col *chromemgo.Collection, dim int) {
	if col = b.get(name); col == nil || col.Count() == 0 {
		return nil, 0
	}
	return col, b.dims[name]
}

// commit makes the change: first on disk, where it can fail, then in memory.
// b.writing must be held.
func (b *backend) commit(c change) error {
	if b.file != nil {
		if err := b.file.write(c); err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.apply(c); err != nil {
		return fmt.Errorf("chromem: write to collection %q: %w", c.collection, err)
	}
	return nil
}

// apply changes a collection of chromem-go. It cannot be cancelled: chromem-go
// skips documents when a context is, and returns no error.
func (b *backend) apply(c change) error {
	if len(c.remove) > 0 {
		if err := b.get(c.collection).Delete(context.Background(), nil, nil, c.remove...); err != nil {
			return err
		}
	}
	for _, doc := range c.put {
		if err := b.add(c.collection, doc); err != nil {
			return err
		}
	}
	return nil
}

// add adds a document, and makes the collection if it is missing.
func (b *backend) add(collection string, doc chromemgo.Document) error {
	col := b.get(collection)
	if col == nil {
		var err error
		if col, err = b.db.CreateCollection(collection, nil, noEmbedder); err != nil {
			return err
		}
	}
	if col.Count() == 0 {
		b.dims[collection] = len(doc.Embedding)
	}
	return col.AddDocument(context.Background(), doc)
}

// checkDimension refuses what chromem-go would store. b.writing must be held.
func (b *backend) checkDimension(name string, got int) error {
	if col, dim := b.filled(name); col != nil && dim != got {
		return dimensionError(name, got, dim)
	}
	return nil
}

func dimensionError(name string, got, want int) error {
	return fmt.Errorf("%w: a vector of %d dimensions, collection %q has vectors of %d: "+
		"use the embedding model it was filled with, or another collection", ErrDimension, got, name, want)
}

// matching returns the documents that meet the filter, sorted by id. They share
// their metadata and vectors with the store.
func (b *backend) matching(name string, filter Filter) ([]chromemgo.Result, error) {
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
