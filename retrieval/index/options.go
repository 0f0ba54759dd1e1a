// SPDX-License-Identifier: Apache-2.0

package index

import (
	"errors"
	"fmt"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/textsplitter"
	"github.com/tmc/langchaingo/vectorstores"
)

// Option configures [New]. A nil Option is ignored.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	store       vectorstores.VectorStore
	model       llms.Model
	splitter    textsplitter.TextSplitter
	topK        int
	batch       int
	concurrency int
	namespace   string
	progress    func(done, total int)
}

func newConfig(opts []Option) (config, error) {
	c := config{topK: 4, batch: 100, concurrency: 4}
	for _, o := range opts {
		if o != nil {
			o.apply(&c)
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
	return optionFunc(func(c *config) { c.store = s })
}

// WithNameSpace sets the name space that every call of the store is made with:
// what that is depends on the store, a collection, an index or a tenant.
// Default: none.
func WithNameSpace(name string) Option {
	return optionFunc(func(c *config) { c.namespace = name })
}

// WithLLM sets the model that answers. Without one [Index.Query] is an error.
func WithLLM(m llms.Model) Option {
	return optionFunc(func(c *config) { c.model = m })
}

// WithSplitter sets how documents are cut into chunks. Default: langchaingo's
// recursive character splitter with its defaults. It must be safe for
// concurrent use if the index is used so.
func WithSplitter(s textsplitter.TextSplitter) Option {
	return optionFunc(func(c *config) { c.splitter = s })
}

// WithTopK sets how many chunks a question is answered from. Default: 4.
func WithTopK(n int) Option {
	return optionFunc(func(c *config) { c.topK = n })
}

// WithBatchSize sets how many chunks go to the store, and so to its embedder,
// at a time. Default: 100.
func WithBatchSize(n int) Option {
	return optionFunc(func(c *config) { c.batch = n })
}

// WithConcurrency sets how many batches are embedded and stored at the same
// time. The store and its embedder must be safe for concurrent use, as
// langchaingo's and chromem's are; for one that is not, use 1. Default: 4.
//
// At most n+1 batches are in memory, however many there are.
func WithConcurrency(n int) Option {
	return optionFunc(func(c *config) { c.concurrency = n })
}

// WithProgress calls f after each batch with the number of chunks stored and the
// number known so far, which grows while loading goes on. They are equal at the
// end of a run without errors. Chunks that were stored before count in neither.
//
// The calls for one run come one at a time, and the next batch waits for them.
// f must not call Add or Sync of the index.
func WithProgress(f func(done, total int)) Option {
	return optionFunc(func(c *config) { c.progress = f })
}
