// SPDX-License-Identifier: Apache-2.0

// Package chromem is a langchaingo vector store that needs no server: it keeps
// documents and their vectors in the process, and on disk if asked to, with
// [github.com/philippgille/chromem-go].
//
//	store, err := chromem.New(
//		chromem.WithEmbedder(embedder),
//		chromem.WithPersistence("./index"),
//	)
//	ids, err := store.AddDocuments(ctx, docs)
//	found, err := store.SimilaritySearch(ctx, "query", 4,
//		vectorstores.WithScoreThreshold(0.7),
//		vectorstores.WithFilters(map[string]any{"year": 2024}))
//
// A search compares the query with every stored vector, which suits up to some
// hundred thousand documents.
//
// # Documents
//
// Documents live in collections: the store's own ([WithCollection]), or the one
// that [vectorstores.WithNameSpace] names for a call. A collection comes into
// being with the first document added to it. All vectors of a collection have
// the same number of dimensions, hence come from the same embedding model.
//
// # Metadata
//
// Metadata comes back with the Go types it was added with. Supported values are
// nil, string, bool, all int and uint types, float32, float64, [time.Time], and
// []string, []any and map[string]any of these, nested up to 100 deep. A time comes back as the same instant with the same offset; its zone
// name and monotonic clock reading are not kept. The key "_spanloom.types" is
// reserved. The id of a document is not added to its metadata.
//
// # Errors
//
// Errors start with "chromem: ". Those that a caller may want to tell apart
// wrap one of the Err variables; errors of the embedder and of the context are
// wrapped too.
package chromem

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// Errors that the functions of this package wrap.
var (
	// ErrNoEmbedder: neither the store nor the call has an embedder.
	ErrNoEmbedder = errors.New("chromem: no embedder: give one to New (WithEmbedder) or to the call (vectorstores.WithEmbedder)")
	// ErrEmbedding: the embedder returned too few or too many vectors, or one
	// that is empty, all zeros or not finite.
	ErrEmbedding = errors.New("chromem: the embedder returned unusable vectors")
	// ErrDimension: vectors of different lengths in a batch, or of another
	// length than those stored in the collection.
	ErrDimension = errors.New("chromem: vector dimensions do not match")
	// ErrEmptyText: an empty query, or a document without page content.
	ErrEmptyText = errors.New("chromem: empty text")
	// ErrInvalidMetadata: a metadata value of a type that cannot be stored, or
	// the reserved key.
	ErrInvalidMetadata = errors.New("chromem: metadata cannot be stored")
	// ErrDuplicateID: two documents of one call have the same id.
	ErrDuplicateID = errors.New("chromem: duplicate document id")
	// ErrNameCollision: an id or a collection name whose file would overwrite
	// that of another one; see [WithPersistence].
	ErrNameCollision = errors.New("chromem: file name collision")
	// ErrInvalidScoreThreshold: a score threshold outside [0, 1].
	ErrInvalidScoreThreshold = errors.New("chromem: the score threshold must be between 0 and 1")
	// ErrUnsupportedFilter: a filter of a type or with a value, key or operator
	// that is not supported; see [Store.SimilaritySearch].
	ErrUnsupportedFilter = errors.New("chromem: unsupported filter")
	// ErrUnsupportedOptions: an option that makes no sense for the call.
	ErrUnsupportedOptions = errors.New("chromem: unsupported options")
	// ErrDamaged: the persistence folder has files that cannot be read.
	ErrDamaged = errors.New("chromem: damaged persistence folder")
)

var _ vectorstores.VectorStore = (*Store)(nil)

// Store is a vector store. Create it with [New].
//
// A Store is safe for concurrent use, if its embedder is: a search sees either
// all documents of an AddDocuments call or none. Embedding runs outside of the
// store's lock. Two Stores must not write to the same collection at the same
// time, neither through one [chromemgo.DB] nor through one folder; use
// one Store, which serves several collections by name space.
type Store struct {
	db          *chromemgo.DB
	embedder    embeddings.Embedder
	collection  string
	concurrency int
	newID       func(schema.Document) string
	files       layout

	// chromem-go's own locks are not enough: creating a collection twice at the
	// same time drops the first one with its documents, Delete reads the map of
	// documents without a lock, and two writes of one id can mix in its file.
	mu sync.RWMutex
	// dims has the vector lengths of the collections where they are known:
	// chromem-go neither checks them on adding nor tells them.
	dims map[string]int
}

// New opens a store. Without options it is empty, in memory, and takes the
// embedder from each call.
//
// It returns an error for invalid or contradicting options, and with
// [WithPersistence] if the folder cannot be created, read or written, or has
// damaged files (ErrDamaged); the error then says which and what to do.
func New(opts ...Option) (*Store, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	s := &Store{
		db:          cfg.db,
		embedder:    cfg.embedder,
		collection:  cfg.collection,
		concurrency: cfg.concurrency,
		newID:       cfg.newID,
		dims:        map[string]int{},
	}
	switch {
	case cfg.persist:
		s.files = newLayout(cfg.dir, cfg.compress)
		if s.db, s.dims, err = s.files.open(); err != nil {
			return nil, err
		}
	case s.db == nil:
		s.db = chromemgo.NewDB()
	}
	// chromem-go sets a loaded collection's missing embedding function in
	// GetCollection, under a read lock only: two first searches would race.
	for name := range s.db.ListCollections() {
		s.db.GetCollection(name, s.embedText)
	}
	return s, nil
}

// Collection returns the name of the collection that calls without a name space
// use.
func (s *Store) Collection() string {
	return s.collection
}

// System names the database as db.system.name has it.
func (s *Store) System() string { return "chromem" }

// Count returns how many documents the collection has: the store's own, or that
// of [vectorstores.WithNameSpace]. A missing collection has none.
func (s *Store) Count(opts ...vectorstores.Option) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	col := s.get(s.namespace(callOptions(opts)))
	if col == nil {
		return 0
	}
	return col.Count()
}

// Delete removes documents by id from the collection: the store's own, or that
// of [vectorstores.WithNameSpace]. Unknown ids and a missing collection are no
// error; without ids nothing happens.
//
// If a file cannot be removed, Delete returns an error, and the document may be
// back when the folder is opened next.
func (s *Store) Delete(ctx context.Context, ids []string, opts ...vectorstores.Option) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("chromem: delete: %w", err)
	}
	name := s.namespace(callOptions(opts))
	s.mu.Lock()
	defer s.mu.Unlock()
	col := s.get(name)
	if col == nil {
		return nil
	}
	// chromem-go removes the file of an id even if it holds no such document:
	// a file of the same (hashed) name may be another document's.
	known := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !has(col, id) })
	if len(known) == 0 {
		return nil
	}
	err := col.Delete(ctx, nil, nil, known...)
	if col.Count() == 0 {
		delete(s.dims, name)
	}
	if err != nil {
		return fmt.Errorf("chromem: delete from collection %q: %w", name, err)
	}
	return nil
}

// get returns the collection, or nil. It needs s.mu.
func (s *Store) get(name string) *chromemgo.Collection {
	return s.db.GetCollection(name, s.embedText)
}

// embedText is the embedding function of the collections. The store never uses
// it; without one, chromem-go would send texts that somebody adds to or asks
// of the collection directly (WithDB) to OpenAI.
func (s *Store) embedText(ctx context.Context, text string) ([]float32, error) {
	if s.embedder == nil {
		return nil, ErrNoEmbedder
	}
	v, err := s.embedder.EmbedQuery(ctx, text)
	if err != nil {
		return nil, err
	}
	return normalize(v)
}

func (s *Store) namespace(o vectorstores.Options) string {
	if o.NameSpace != "" {
		return o.NameSpace
	}
	return s.collection
}

func (s *Store) embedderFor(o vectorstores.Options) (embeddings.Embedder, error) {
	if o.Embedder != nil {
		return o.Embedder, nil
	}
	if s.embedder != nil {
		return s.embedder, nil
	}
	return nil, ErrNoEmbedder
}

func callOptions(opts []vectorstores.Option) vectorstores.Options {
	var o vectorstores.Options
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	return o
}

func has(col *chromemgo.Collection, id string) bool {
	_, err := col.GetByID(context.Background(), id)
	return err == nil
}

// normalize returns a copy of v with length 1. chromem-go would do it too, but
// keeps the embedder's slice if it is normalised already, and makes NaN of a
// zero vector and zeros of a very long one.
func normalize(v []float32) ([]float32, error) {
	if len(v) == 0 {
		return nil, fmt.Errorf("%w: an empty vector", ErrEmbedding)
	}
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if math.IsNaN(sum) || math.IsInf(sum, 0) {
		return nil, fmt.Errorf("%w: a vector with NaN or infinite values", ErrEmbedding)
	}
	if sum == 0 {
		return nil, fmt.Errorf("%w: a vector of zeros only, which is similar to nothing", ErrEmbedding)
	}
	unit := make([]float32, len(v))
	length := math.Sqrt(sum)
	for i, x := range v {
		unit[i] = float32(float64(x) / length)
	}
	return unit, nil
}
