// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"errors"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
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
