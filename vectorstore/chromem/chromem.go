// SPDX-License-Identifier: Apache-2.0

// Package chromem is a langchaingo vector store that needs no server: it keeps
// documents and their vectors in the process, searches them with
// [github.com/philippgille/chromem-go], and keeps them on disk if asked to.
//
//	store, err := chromem.New(
//		chromem.WithEmbedder(embedder),
//		chromem.WithPersistence("./index"),
//	)
//	defer store.Close()
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
// Texts, ids, metadata keys and strings, and the names of collections come back
// byte for byte, whether or not they are valid UTF-8.
//
// # Metadata
//
// Metadata comes back with the Go types it was added with, and values of other
// types are refused. Supported are nil, string, bool, all int and uint types,
// float32, float64, []byte, [time.Time], [time.Duration], and slices, and maps
// with string keys, of these or of any, nested up to 100 deep. A time comes back
// as the same instant with the same offset; its zone name and monotonic clock
// reading are not kept. The key "_spanloom.types" is reserved. The id of a
// document is not added to its metadata.
//
// # Persistence
//
// With [WithPersistence], a call that changes documents returns when they are
// on disk: they survive the end of the process and of the machine. A call that
// was interrupted is there as a whole or not at all, and a call that returned
// an error is not there. There are two exceptions: when the machine ends after
// such an error, its documents may be there; and when the error could not be
// undone on disk, which its text says, the store takes no more changes until it
// is opened again, and may then have them.
//
// Each call writes one file, named by the numbers of its change:
//
//	00000017-00000017.seg
//
// It has a line of text, "spanloom chromem 1 plain" or "spanloom chromem 1
// gzip", and frames. A frame is two big-endian 32-bit numbers, the length and
// the CRC-32C of its data, and the data: a stream of encoding/gob, compressed
// or not, of documents added and of ids deleted. A frame of length 0, with the
// number of frames for the checksum, is the end. From time to time small files
// are merged to one with the range of their numbers, and replaced and deleted
// documents are left out. [Store.Export] writes the same format.
//
// A damaged file, or a missing one that others follow, makes [New] fail with
// [ErrDamaged], and nothing in the folder is changed; the error names the file
// and says how to go on without it. That the last files are missing cannot be
// told from changes that were never made. To back a folder up, copy it while no store has it open, or use Export.
//
// A folder that chromem-go has written ([chromemgo.NewPersistentDB]) is taken
// over when it is first opened: its documents are copied into a file as above,
// and its own files stay, but are not read again.
//
// # Errors
//
// Errors start with "chromem: ". Those that a caller may want to tell apart
// wrap one of the Err variables; errors of the embedder, of the context and of
// the operating system are wrapped too.
package chromem

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"

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
	// ErrNotFound: no document of the collection has the id.
	ErrNotFound = errors.New("chromem: no such document")
	// ErrInvalidScoreThreshold: a score threshold outside [0, 1].
	ErrInvalidScoreThreshold = errors.New("chromem: the score threshold must be between 0 and 1")
	// ErrUnsupportedFilter: a filter of a type or with a value, key or operator
	// that is not supported; see [Store.SimilaritySearch].
	ErrUnsupportedFilter = errors.New("chromem: unsupported filter")
	// ErrUnsupportedOptions: an option that makes no sense for the call.
	ErrUnsupportedOptions = errors.New("chromem: unsupported options")
	// ErrDamaged: a file of the persistence folder, or an export, that is cut
	// off, altered or missing.
	ErrDamaged = errors.New("chromem: damaged data")
	// ErrInUse: another process has the persistence folder open.
	ErrInUse = errors.New("chromem: another process uses the persistence folder")
	// ErrClosed: the store was closed before the call.
	ErrClosed = errors.New("chromem: the store is closed")
)

var _ vectorstores.VectorStore = (*Store)(nil)

// Store is a vector store. Create it with [New].
//
// A Store is safe for concurrent use, if its embedder is: a reader sees either
// all of what another call does or nothing. Neither embedding nor writing to
// the disk, but for that of a database of [WithDB], keeps searches waiting;
// changes are made one after the other.
//
// Stores of one process on one folder share its documents, and are as safe as
// one Store. Two Stores on one [chromemgo.DB] must not change the same
// collection at the same time: use one, which serves several collections by
// name space.
type Store struct {
	*backend
	embedder    embeddings.Embedder
	collection  string
	concurrency int
	batchSize   int
	compress    bool
	newID       func(schema.Document) string
	progress    func(done, total int)
	closed      atomic.Bool
}

// New opens a store. Without options it is empty, in memory, and takes the
// embedder from each call.
//
// It returns an error for invalid or contradicting options, and with
// [WithPersistence] if the folder cannot be created, read or written, is used
// by another process (ErrInUse), or has damaged files (ErrDamaged); the error
// then says which and what to do.
func New(opts ...Option) (*Store, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	s := &Store{
		embedder:    cfg.embedder,
		collection:  cfg.collection,
		concurrency: cfg.concurrency,
		batchSize:   cfg.batchSize,
		compress:    cfg.compress,
		newID:       cfg.newID,
		progress:    cfg.progress,
	}
	switch {
	case cfg.persist:
		if s.backend, err = acquire(cfg.dir, cfg.disk); err != nil {
			return nil, err
		}
	case cfg.foreignDB:
		s.backend = newBackend(cfg.db, s.embedText, nil)
		// chromem-go sets a loaded collection's missing embedding function in
		// GetCollection, under a read lock only: two first searches would race.
		for name := range cfg.db.ListCollections() {
			s.get(name)
		}
	default:
		s.backend = newBackend(chromemgo.NewDB(), noEmbedder, documents{})
	}
	return s, nil
}

// Close ends the use of the store: later calls fail with [ErrClosed], those that
// change documents at the moment come to their end first. It frees the folder
// of [WithPersistence] for other processes, once all Stores of this process on
// it are closed; a Store that is dropped without Close keeps the folder, and
// its documents in memory, until the process ends.
//
// All that earlier calls have confirmed is on disk already. Close returns the
// error of closing the lock file, if any; a second Close does nothing.
func (s *Store) Close() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.closed.Swap(true) || s.folder == nil {
		return nil
	}
	if err := s.release(); err != nil {
		return fmt.Errorf("chromem: close: %w", err)
	}
	return nil
}

// Collection returns the name of the collection that calls without a name space
// use.
func (s *Store) Collection() string {
	return s.collection
}

// System names the database as db.system.name has it.
func (s *Store) System() string { return "chromem" }

// Count returns how many documents the collection has: the store's own, or that
// of [vectorstores.WithNameSpace]. A missing collection has none, and so have
// those of a closed store.
func (s *Store) Count(opts ...vectorstores.Option) int {
	if s.closed.Load() {
		return 0
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	col := s.get(s.namespace(callOptions(opts)))
	if col == nil {
		return 0
	}
	return col.Count()
}

// embedText is the embedding function of collections in a database of WithDB.
// The store never uses it; without one, chromem-go would send texts that
// somebody adds to or asks of the collection directly to OpenAI.
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

// lockToWrite begins a change; the caller unlocks s.writing after an answer of
// nil. The wait may have been long.
func (s *Store) lockToWrite(ctx context.Context, call string) error {
	s.writing.Lock()
	err := s.begin(ctx, call)
	if err != nil {
		s.writing.Unlock()
	}
	return err
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

// refuse returns an error for options that would mean something else than the
// caller expects if they were ignored.
func refuse(o vectorstores.Options, call string, filters bool) error {
	if o.ScoreThreshold != 0 {
		return fmt.Errorf("%w: %s takes no score threshold", ErrUnsupportedOptions, call)
	}
	if o.Filters != nil && !filters {
		return fmt.Errorf("%w: %s takes no filters", ErrUnsupportedOptions, call)
	}
	return nil
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
