// SPDX-License-Identifier: Apache-2.0

package index

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/textsplitter"
	"github.com/tmc/langchaingo/vectorstores"
)

// Option configures [New]. A nil Option is ignored.
type Option interface{ apply(config) config }

type optionFunc func(config) config

func (f optionFunc) apply(c config) config { return f(c) }

type config struct {
	store       vectorstores.VectorStore
	model       llms.Model
	splitter    textsplitter.TextSplitter
	topK        int
	batch       int
	concurrency int
	namespace   string
	ledger      string
	volatile    []string
	remove      func(ctx context.Context, ids []string) error
	progress    func(done, total int)
}

func newConfig(opts []Option) (config, error) {
	c := config{topK: 4, batch: 100, concurrency: 4}
	for _, o := range opts {
		if o != nil {
			c = o.apply(c)
		}
	}
	switch {
	case c.store == nil:
		return c, errors.New("index: an index needs a store: use WithStore, for example with chromem.New")
	case c.topK <= 0:
		return c, fmt.Errorf("index: WithTopK(%d): use 1 or more", c.topK)
	case c.batch <= 0:
		return c, fmt.Errorf("index: WithBatchSize(%d): use 1 or more", c.batch)
	case c.concurrency <= 0:
		return c, fmt.Errorf("index: WithConcurrency(%d): use 1 or more", c.concurrency)
	}
	if c.splitter == nil {
		c.splitter = textsplitter.NewRecursiveCharacter()
	}
	if c.progress == nil {
		c.progress = func(int, int) {}
	}
	return c, nil
}

// WithStore sets where chunks are kept. It is required; give the store an
// embedder of [WrapEmbedder] to see the embedding calls.
func WithStore(s vectorstores.VectorStore) Option {
	return optionFunc(func(c config) config {
		c.store = s
		return c
	})
}

// WithNameSpace sets the name space that every call of the store is made with:
// what that is depends on the store, a collection, an index or a tenant.
// Default: none.
func WithNameSpace(name string) Option {
	return optionFunc(func(c config) config {
		c.namespace = name
		return c
	})
}

// WithLLM sets the model that answers. Without one [Index.Query] is an error.
func WithLLM(m llms.Model) Option {
	return optionFunc(func(c config) config {
		c.model = m
		return c
	})
}

// WithSplitter sets how documents are cut into chunks. Default: langchaingo's
// recursive character splitter with its defaults. It must be safe for
// concurrent use if the index is used so.
func WithSplitter(s textsplitter.TextSplitter) Option {
	return optionFunc(func(c config) config {
		c.splitter = s
		return c
	})
}

// WithTopK sets how many chunks a question is answered from. Default: 4.
func WithTopK(n int) Option {
	return optionFunc(func(c config) config {
		c.topK = n
		return c
	})
}

// WithBatchSize sets how many chunks go to the store, and so to its embedder,
// at a time. Default: 100.
func WithBatchSize(n int) Option {
	return optionFunc(func(c config) config {
		c.batch = n
		return c
	})
}

// WithConcurrency sets how many batches are embedded and stored at the same
// time. The store and its embedder must be safe for concurrent use, as
// langchaingo's and chromem's are; for one that is not, use 1. Default: 4.
//
// At most n+1 batches are in memory, however many there are.
func WithConcurrency(n int) Option {
	return optionFunc(func(c config) config {
		c.concurrency = n
		return c
	})
}

// WithVolatileMetadata names metadata that says where a chunk is and not what it
// is: "row" of a table, "page" and "total_pages" of a PDF. A chunk that differs in
// nothing else is the one that is stored, and is not embedded again, so that a row
// put in at the top does not move all those below. Equal rows all stay: the repeats
// of a source are numbered.
//
// The price is that what is stored of these keys is from when it was stored: an
// answer may name the page on which a text was then. Therefore the default is
// none. Chunks stored with other keys than these are embedded once more.
func WithVolatileMetadata(keys ...string) Option {
	return optionFunc(func(c config) config {
		c.volatile = slices.Clone(keys)
		return c
	})
}

// WithLedger keeps a list of what is stored in the file path, for stores that
// cannot say it themselves (see [Lister]); with one that can, the file is not
// used. The file is made if missing; its folder must exist.
//
// It belongs to one collection and one name space of one store, and to one
// [Index] at a time; with another it is refused. A batch is noted when the store has confirmed it: after a crash between the
// two, its chunks are stored a second time by the next run. Delete the file to
// have everything embedded again, for example for another embedding model.
func WithLedger(path string) Option {
	return optionFunc(func(c config) config {
		c.ledger = path
		return c
	})
}

// WithDelete sets how chunks are deleted from a store that has no method for it
// (see [Lister]). The ids are those that AddDocuments returned; unknown ones
// are no error. Default: without such a method, nothing is deleted, and
// [Report.Stale] counts what should be.
func WithDelete(f func(ctx context.Context, ids []string) error) Option {
	return optionFunc(func(c config) config {
		c.remove = f
		return c
	})
}

// WithProgress is told after each batch how many chunks of how many are stored.
// Chunks that were stored before count in neither. The total is what is known
// so far, and grows while loading goes on; done equals it at the end of a run
// without errors.
//
// The calls for one run come one at a time, and the next batch waits for them.
// f must not use the index's Add, Update or Sync.
func WithProgress(f func(done, total int)) Option {
	return optionFunc(func(c config) config {
		c.progress = f
		return c
	})
}
