// SPDX-License-Identifier: Apache-2.0

// Package chromem is a langchaingo vector store that needs no server: documents
// are searched in memory by [github.com/philippgille/chromem-go], and kept in a
// file if [WithPersistence] asks for it.
//
// Documents live in collections: the store's own ([WithCollection]), or the one
// that [vectorstores.WithNameSpace] names for a call. The first document makes
// the collection. All vectors of a collection have the same length. Texts, ids,
// names and metadata come back byte for byte and with their Go types.
//
// With WithPersistence a call returns when its change is on disk. A call that is
// interrupted is there as a whole or not at all. A damaged file is never opened:
// the error names what is damaged. docs/stores.md has the details.
//
// Errors begin with "chromem: " and wrap one of the Err variables, or the error
// of the embedder, the context or the operating system.
package chromem

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

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
	// ErrEmptyText: an empty query.
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
	// ErrUnsupportedFilter: a filter that [Store.SimilaritySearch] does not know.
	ErrUnsupportedFilter = errors.New("chromem: unsupported filter")
	// ErrUnsupportedOptions: an option that makes no sense for the call.
	ErrUnsupportedOptions = errors.New("chromem: unsupported options")
	// ErrDamaged: the file of [WithPersistence] is cut off or altered,
	// or is no file of this package.
	ErrDamaged = errors.New("chromem: damaged data")
	// ErrInUse: another process has the file of [WithPersistence] open.
	ErrInUse = errors.New("chromem: another process uses the store")
	// ErrClosed: the store was closed before the call.
	ErrClosed = errors.New("chromem: the store is closed")
)

var _ vectorstores.VectorStore = (*Store)(nil)

// Store is a vector store. Create it with [New].
//
// A Store is safe for concurrent use, if its embedder is. A search sees all of
// another call's change or nothing of it, and waits neither for embedders nor for
// the disk. Changes are made one after the other.
type Store struct {
	*backend
	cfg    config
	closed atomic.Bool
}

// New opens a store. Without options it is empty, in memory, and takes the
// embedder from each call.
func New(opts ...Option) (*Store, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg}
	if !cfg.persist {
		s.backend = newBackend()
	} else if s.backend, err = acquire(cfg.dir); err != nil {
		return nil, err
	}
	return s, nil
}

// Close ends the use of the store: later calls fail with [ErrClosed]. The last
// Store of a folder closes its file, which is free for other processes then.
// A second Close does nothing.
func (s *Store) Close() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.closed.Swap(true) || s.file == nil {
		return nil
	}
	if err := s.release(); err != nil {
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
	if o.NameSpace != "" {
		return o.NameSpace
	}
	return s.cfg.collection
}

func (s *Store) embedderFor(o vectorstores.Options) (embeddings.Embedder, error) {
	if o.Embedder != nil {
		return o.Embedder, nil
	}
	if s.cfg.embedder != nil {
		return s.cfg.embedder, nil
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

// refuse returns an error for options that the call would ignore.
func refuse(o vectorstores.Options, call string, filters bool) error {
	if o.ScoreThreshold != 0 {
		return fmt.Errorf("%w: %s takes no score threshold", ErrUnsupportedOptions, call)
	}
	if o.Filters != nil && !filters {
		return fmt.Errorf("%w: %s takes no filters", ErrUnsupportedOptions, call)
	}
	return nil
}

// toDocument converts what chromem-go returns.
func toDocument(id, content string, metadata map[string]string) (schema.Document, error) {
	decoded, err := decodeMetadata(metadata)
	if err != nil {
		return schema.Document{}, fmt.Errorf("chromem: document %q: %w", id, err)
	}
	return schema.Document{PageContent: content, Metadata: decoded}, nil
}
