// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"errors"
	"fmt"
	"runtime"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
)

const defaultCollection = "documents"

// Option configures a [Store]. A nil Option is skipped.
type Option interface {
	apply(config) config
}

type config struct {
	embedder    embeddings.Embedder
	collection  string
	concurrency int
	newID       func(schema.Document) string
	persist     bool
	dir         string
	compress    bool
	foreignDB   bool
	db          *chromemgo.DB
}

type optionFunc func(config) config

func (f optionFunc) apply(c config) config { return f(c) }

func newConfig(opts []Option) (config, error) {
	c := config{
		collection:  defaultCollection,
		concurrency: runtime.GOMAXPROCS(0),
	}
	for _, opt := range opts {
		if opt != nil {
			c = opt.apply(c)
		}
	}
	switch {
	case c.collection == "":
		return c, errors.New("chromem: WithCollection: the name is empty")
	case c.concurrency < 1:
		return c, fmt.Errorf("chromem: WithConcurrency: %d is less than 1", c.concurrency)
	case c.foreignDB && c.db == nil:
		return c, errors.New("chromem: WithDB: the database is nil")
	case c.foreignDB && (c.persist || c.compress):
		return c, errors.New("chromem: WithDB cannot be combined with WithPersistence or WithCompression: " +
			"the database decides where it is stored")
	case c.persist && c.dir == "":
		return c, errors.New("chromem: WithPersistence: the folder is empty")
	case c.compress && !c.persist:
		return c, errors.New("chromem: WithCompression needs WithPersistence: a store in memory is not compressed")
	}
	return c, nil
}

// WithEmbedder sets the embedder for the calls that bring none of their own
// (vectorstores.WithEmbedder). Default: none, and calls without one fail with
// [ErrNoEmbedder].
func WithEmbedder(e embeddings.Embedder) Option {
	return optionFunc(func(c config) config {
		c.embedder = e
		return c
	})
}

// WithCollection sets the collection of the calls without a name space.
// Default: "documents".
func WithCollection(name string) Option {
	return optionFunc(func(c config) config {
		c.collection = name
		return c
	})
}

// WithIDs lets f choose the id of each document that is added. An empty id
// stands for a random one. Default: random ids.
//
// f is called once for each document of a call, in order and before anything is
// embedded; it must not change the document's metadata and must be safe for
// concurrent use if the store is used so.
func WithIDs(f func(schema.Document) string) Option {
	return optionFunc(func(c config) config {
		c.newID = f
		return c
	})
}

// WithPersistence keeps the documents in the folder dir as well, which is
// created if missing, and loads those that are there. Default: memory only.
//
// Each document is a file of its own, written before AddDocuments returns, but
// not synced to the disk nor replaced atomically: after a crash in the midst of
// a write, [New] reports a damaged file. The name of a file has but 32 bits of
// a hash of the document's id (and the name of a folder of the collection's
// name). Random ids avoid the names in use. An id of [WithIDs], or a collection
// name, that meets one is refused with [ErrNameCollision] rather than
// overwriting the other document; expect one in ten thousand documents with a
// likelihood of about 1%, in a hundred thousand of about 70%.
//
// Let only one Store use a folder at a time: it does not see what others write.
func WithPersistence(dir string) Option {
	return optionFunc(func(c config) config {
		c.persist, c.dir = true, dir
		return c
	})
}

// WithCompression compresses the files of [WithPersistence] with gzip. A folder
// must always be opened as it was written, otherwise [New] returns an error.
// Default: not compressed.
func WithCompression() Option {
	return optionFunc(func(c config) config {
		c.compress = true
		return c
	})
}

// WithConcurrency sets how many documents of one AddDocuments call are written
// at the same time, n >= 1; it has no influence on the embedder. Default:
// GOMAXPROCS.
func WithConcurrency(n int) Option {
	return optionFunc(func(c config) config {
		c.concurrency = n
		return c
	})
}

// WithDB uses a database that the caller opened, for instance to export and
// import it. Default: a database of the store's own.
//
// If db is persistent, the store cannot tell whether file names collide (see
// [WithPersistence]). Do not change the store's collections through db while the
// store is in use.
func WithDB(db *chromemgo.DB) Option {
	return optionFunc(func(c config) config {
		c.foreignDB, c.db = true, db
		return c
	})
}
