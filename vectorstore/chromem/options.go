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
	apply(*config)
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
}

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

func newConfig(opts []Option) (config, error) {
	c := config{collection: defaultCollection, concurrency: runtime.GOMAXPROCS(0)}
	for _, opt := range opts {
		if opt != nil {
			opt.apply(&c)
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
// A change costs two syncs of the disk: add many documents in one call. One
// process at a time can have the file open: in others [New] returns [ErrInUse]
// after half a second. The Stores of one process on one folder share its
// documents, and are as safe as one Store.
//
// New refuses a file of others, a damaged one and a link with an error that says
// what to do, and changes nothing.
func WithPersistence(dir string) Option {
	return optionFunc(func(c *config) { c.persist, c.dir = true, dir })
}

// WithCompression compresses what is written from now on to the file of
// [WithPersistence], and by [Store.Export]. Texts become much smaller, vectors
// hardly do, and writing and opening take several times as long. What is
// compressed and what is not is read with or without it. Default: off.
func WithCompression() Option {
	return optionFunc(func(c *config) { c.compress = true })
}

// WithBatchSize cuts the documents of an AddDocuments call into parts of n, n >=
// 1: the embedder is called for each, for several at the same time
// ([WithConcurrency]). All of them are stored together at the end, or none.
// Default: 0, one call of the embedder for all documents.
func WithBatchSize(n int) Option {
	return optionFunc(func(c *config) { c.batchSize = n })
}

// WithConcurrency sets how many calls of the embedder one AddDocuments call makes
// at the same time, n >= 1, if [WithBatchSize] makes it several; and how many
// files a database of [WithDB] writes at the same time. Default: GOMAXPROCS.
func WithConcurrency(n int) Option {
	return optionFunc(func(c *config) { c.concurrency = n })
}

// WithProgress tells f during each AddDocuments call how many documents of how
// many are embedded, after each part of [WithBatchSize], in rising order. When
// done equals total, they are stored too. The total leaves out the documents that
// are dropped. A call that fails has no such end.
//
// The calls of f for one AddDocuments call come one at a time, and embedding
// waits for them. f must be safe for concurrent use, and may use the store.
func WithProgress(f func(done, total int)) Option {
	return optionFunc(func(c *config) { c.progress = f })
}

// WithDB uses a database that the caller opened, for instance with
// [chromemgo.NewPersistentDB]. Default: a database of the store's own.
//
// What [WithPersistence] says does not hold for it. chromem-go writes a file for
// each document, in place: after an error or a crash a part of a call may be there,
// or a file is damaged. It names the files by 32 bits of a hash: of a hundred
// thousand documents, two share a file with a likelihood of about 70%.
//
// Do not change the store's collections through db, or through another Store,
// while the store is in use.
func WithDB(db *chromemgo.DB) Option {
	return optionFunc(func(c *config) { c.foreignDB, c.db = true, db })
}
