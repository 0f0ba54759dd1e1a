// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/tmc/langchaingo/vectorstores"
)

var _ vectorstores.VectorStore = (*Store)(nil)

// Store is a vector store. Create it with [New].
//
// A Store is safe for concurrent use, if its embedder is. A search sees all of
// another call's change or nothing of it, and waits neither for embedders nor for
// the disk. Changes are made one after the other.
type Store struct {
	cfg    config
	closed atomic.Bool
	db     *chromemgo.DB
	file   *storeFile // nil: in memory

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
}

// New opens a store. Without options it is empty, in memory, and takes the
// embedder from each call.
func New(opts ...Option) (*Store, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg, db: chromemgo.NewDB(), dims: map[string]int{}}
	if cfg.persist {
		if s.file, err = openStoreFile(cfg.dir, s.load); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Close ends the use of the store, and of its file: later calls fail with
// [ErrClosed]. A second Close does nothing.
func (s *Store) Close() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.closed.Swap(true) || s.file == nil {
		return nil
	}
	if err := s.file.db.Close(); err != nil {
		return fmt.Errorf("chromem: close: %w", err)
	}
	return nil
}

// Collection returns the collection of the calls without a name space.
func (s *Store) Collection() string { return s.cfg.collection }

// System names the database as db.system.name has it.
func (s *Store) System() string { return "chromem" }

// Count returns how many documents the collection has: the store's own, or that
// of [vectorstores.WithNameSpace]. A closed store has none.
func (s *Store) Count(opts ...vectorstores.Option) int {
	if s.closed.Load() {
		return 0
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if col := s.get(s.namespace(callOptions(opts))); col != nil {
		return col.Count()
	}
	return 0
}

// begin is the start of every call but New.
func (s *Store) begin(ctx context.Context, call string) error {
	if s.closed.Load() {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("chromem: %s: %w", call, err)
	}
	return nil
}

// lockToWrite begins a change. After an answer of nil, the caller unlocks
// s.writing.
func (s *Store) lockToWrite(ctx context.Context, call string) error {
	s.writing.Lock()
	err := s.begin(ctx, call)
	if err != nil {
		s.writing.Unlock()
	}
	return err
}

func (s *Store) namespace(o vectorstores.Options) string {
	return cmp.Or(o.NameSpace, s.cfg.collection)
}

// noEmbedder is the embedding function of all collections: without one,
// chromem-go would send texts to OpenAI.
func noEmbedder(context.Context, string) ([]float32, error) { return nil, ErrNoEmbedder }

// get returns the collection, or nil.
func (s *Store) get(name string) *chromemgo.Collection {
	return s.db.GetCollection(name, noEmbedder)
}

// filled returns the collection and the length of its vectors, or nil if it is
// missing or empty.
func (s *Store) filled(name string) (col *chromemgo.Collection, dim int) {
	if col = s.get(name); col == nil || col.Count() == 0 {
		return nil, 0
	}
	return col, s.dims[name]
}

// commit makes the change: first on disk, where it can fail, then in memory.
// s.writing must be held.
func (s *Store) commit(c change) error {
	if s.file != nil {
		if err := s.file.write(c); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if len(c.remove) > 0 {
		err = s.get(c.collection).Delete(context.Background(), nil, nil, c.remove...)
	}
	for _, doc := range c.put {
		err = errors.Join(err, s.add(c.collection, doc))
	}
	if err != nil {
		return fmt.Errorf("chromem: write to collection %q: %w", c.collection, err)
	}
	return nil
}

// add adds a document, and makes the collection if it is missing. It cannot be
// cancelled: chromem-go skips documents when a context is, and returns no error.
func (s *Store) add(collection string, doc chromemgo.Document) error {
	col, err := s.db.GetOrCreateCollection(collection, nil, noEmbedder)
	if err != nil {
		return err
	}
	if col.Count() == 0 {
		s.dims[collection] = len(doc.Embedding)
	}
	return col.AddDocument(context.Background(), doc)
}

// load adds a document of the file.
func (s *Store) load(collection string, doc chromemgo.Document) error {
	if err := s.checkDimension(collection, len(doc.Embedding)); err != nil {
		return err
	}
	return s.add(collection, doc)
}

// checkDimension refuses what chromem-go would store, and a search for which it
// would fail. s.writing or s.mu must be held.
func (s *Store) checkDimension(name string, got int) error {
	if col, want := s.filled(name); col != nil && want != got {
		return fmt.Errorf("%w: a vector of %d dimensions, collection %q has vectors of %d: "+
			"use the embedding model it was filled with, or another collection", ErrDimension, got, name, want)
	}
	return nil
}

// matching returns the documents that meet the filter, sorted by id. They share
// their metadata and vectors with the store.
func (s *Store) matching(name string, f filter) ([]chromemgo.Result, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	col, dim := s.filled(name)
	if col == nil {
		return nil, nil
	}
	// chromem-go lists documents only as the answer to a search.
	v := make([]float32, dim)
	v[0] = 1
	found, err := col.QueryEmbedding(context.Background(), v, col.Count(), f.Where, f.WhereDocument)
	if err != nil {
		return nil, fmt.Errorf("chromem: list collection %q: %w", name, err)
	}
	found = f.check(found)
	slices.SortFunc(found, func(a, b chromemgo.Result) int { return strings.Compare(a.ID, b.ID) })
	return found, nil
}
