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
	batchSize   int
	newID       func(schema.Document) string
	progress    func(done, total int)
	persist     bool
	dir         string
	compress    bool
	foreignDB   bool
	db          *chromemgo.DB
	disk        disk
}

type optionFunc func(config) config

func (f optionFunc) apply(c config) config { return f(c) }

func newConfig(opts []Option) (config, error) {
	c := config{
		collection:  defaultCollection,
		concurrency: runtime.GOMAXPROCS(0),
		disk:        osDisk{},
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
	case c.batchSize < 0:
		return c, fmt.Errorf("chromem: WithBatchSize: %d is negative", c.batchSize)
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
// A call that adds or deletes documents returns when the change is durable; see
// the package's documentation for what that means and for the format. A change
// costs two syncs of the disk, so that many documents in one call are stored
// much faster than each in its own.
//
// One process at a time can have the folder open: in others [New] returns
// [ErrInUse]. The lock ends with [Store.Close] or with the process, however that
// ends. AIX, Plan 9, Solaris and WebAssembly have no such lock; there, see to it
// yourself.
func WithPersistence(dir string) Option {
	return optionFunc(func(c config) config {
		c.persist, c.dir = true, dir
		return c
	})
}

// WithCompression compresses with gzip what is written from now on to the folder
// of [WithPersistence], and by [Store.Export]. Files of both kinds are read with
// or without it. Texts become much smaller, vectors hardly do, and writing and
// opening take two to four times as long. Default: not compressed.
func WithCompression() Option {
	return optionFunc(func(c config) config {
		c.compress = true
		return c
	})
}

// WithBatchSize cuts the documents of an AddDocuments call into parts of n, n >=
// 1: the embedder is called for each, for several at the same time
// ([WithConcurrency]). All of them are stored together at the end, or none. 0 is
// the default: one call of the embedder for all documents.
func WithBatchSize(n int) Option {
	return optionFunc(func(c config) config {
		c.batchSize = n
		return c
	})
}

// WithConcurrency sets how many calls of the embedder one AddDocuments call makes
// at the same time, n >= 1, if [WithBatchSize] makes it several calls; and how
// many files a persistent database of [WithDB] writes at the same time. Default:
// GOMAXPROCS.
func WithConcurrency(n int) Option {
	return optionFunc(func(c config) config {
		c.concurrency = n
		return c
	})
}

// WithProgress tells f during each AddDocuments call how many documents of how
// many are embedded, after each part of [WithBatchSize], in rising order. When
// done equals total, they are stored too. The total leaves out the documents that
// a deduplicater drops; without documents, and for a call that fails, there is
// no such end.
//
// The calls of f for one AddDocuments call come one at a time, and embedding
// waits for them; f must be safe for concurrent use if the store is used so. It
// may use the store.
func WithProgress(f func(done, total int)) Option {
	return optionFunc(func(c config) config {
		c.progress = f
		return c
	})
}

// WithDB uses a database that the caller opened, for instance with
// [chromemgo.NewPersistentDB]. Default: a database of the store's own.
//
// What [WithPersistence] says does not hold for it: chromem-go replaces files in
// place, so that a crash in the midst leaves a damaged one, with which the whole
// database cannot be opened; and it names them by 32 bits of a hash of the
// document's id, so that one document may overwrite another on disk: expect one
// in ten thousand documents with a likelihood of about 1%, in a hundred thousand
// of about 70%.
//
// Do not change the store's collections through db while the store is in use.
func WithDB(db *chromemgo.DB) Option {
	return optionFunc(func(c config) config {
		c.foreignDB, c.db = true, db
		return c
	})
}
