// SPDX-License-Identifier: Apache-2.0

// Package chromem is a langchaingo vector store that needs no server: documents
// are searched in memory by [github.com/philippgille/chromem-go], and kept in a
// file if [WithPersistence] asks for it.
//
// Documents live in collections: the store's own ([WithCollection]), or the one
// that [vectorstores.WithNameSpace] names for a call. The first document makes
// the collection. All vectors of a collection have the same length. Texts, ids and
// names come back byte for byte, and metadata with its Go types.
//
// With WithPersistence a call returns when its change is on disk. A call that is
// interrupted is there as a whole or not at all. A damaged file is never opened:
// the error names what is damaged. docs/stores.md has the details.
//
// Errors begin with "chromem: " and wrap one of the Err variables, or the error
// of the embedder, the context or the operating system.
package chromem

import (
	"errors"
	"fmt"

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
	// ErrInvalidScoreThreshold: a score threshold outside [0, 1].
	ErrInvalidScoreThreshold = errors.New("chromem: the score threshold must be between 0 and 1")
	// ErrUnsupportedFilter: a filter that [Store.SimilaritySearch] does not know.
	ErrUnsupportedFilter = errors.New("chromem: unsupported filter")
	// ErrUnsupportedOptions: an option that makes no sense for the call.
	ErrUnsupportedOptions = errors.New("chromem: unsupported options")
	// ErrDamaged: the file of [WithPersistence] is cut off or altered,
	// or is no file of this package.
	ErrDamaged = errors.New("chromem: damaged data")
	// ErrInUse: another Store, of this or another process, has the file of
	// [WithPersistence] open.
	ErrInUse = errors.New("chromem: another store uses the file")
	// ErrClosed: the store was closed before the call.
	ErrClosed = errors.New("chromem: the store is closed")
)

const defaultCollection = "documents"

// Option configures a [Store]. A nil Option is skipped.
type Option interface {
	apply(*config)
}

type config struct {
	embedder   embeddings.Embedder
	collection string
	newID      func(schema.Document) string
	persist    bool
	dir        string
}

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

func newConfig(opts []Option) (config, error) {
	c := config{collection: defaultCollection}
	for _, opt := range opts {
		if opt != nil {
			opt.apply(&c)
		}
	}
	switch {
	case c.collection == "":
		return c, errors.New("chromem: WithCollection: the name is empty")
	case c.persist && c.dir == "":
		return c, errors.New("chromem: WithPersistence: the folder is empty")
	}
	return c, nil
}

// WithEmbedder sets the embedder for the calls without vectorstores.WithEmbedder.
// Default: none, and such calls fail with [ErrNoEmbedder].
func WithEmbedder(e embeddings.Embedder) Option {
	return optionFunc(func(c *config) { c.embedder = e })
}

// WithCollection sets the collection of the calls without a name space.
// Default: "documents".
func WithCollection(name string) Option {
	return optionFunc(func(c *config) { c.collection = name })
}

// WithIDs lets f choose the id of each document that is added. An empty id
// stands for a random one. Default: random ids.
//
// f is called once for each document of a call, in order, before anything is
// embedded. It must not change the document, and must be safe for concurrent use.
func WithIDs(f func(schema.Document) string) Option {
	return optionFunc(func(c *config) { c.newID = f })
}

// WithPersistence keeps the documents in the file chromem.db of the folder dir,
// and loads those that are there. Folder and file are made if missing. Default:
// memory only.
//
// A change costs two syncs of the disk: add many documents in one call. One Store
// at a time can have the file open: for others, of this or another process, [New]
// returns [ErrInUse] after half a second. [vectorstores.WithNameSpace] gives one
// Store many collections.
//
// New refuses a file of others, a damaged one and a link with an error that says
// what to do, and changes nothing.
func WithPersistence(dir string) Option {
	return optionFunc(func(c *config) { c.persist, c.dir = true, dir })
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
