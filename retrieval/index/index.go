// SPDX-License-Identifier: Apache-2.0

// Package index loads, splits, embeds, stores and answers in a few lines
// ([New]), and embeds again only what has changed. Package retrieval/loaders
// loads files and folders for it.
package index

import (
	"context"
	"errors"

	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/vectorstore"
)

// Index loads, splits, embeds, stores and answers. It is safe for concurrent
// use if the store, its embedder and the model are.
//
// # What is embedded again
//
// If the store can list and delete ([Lister]; a chromem store can), a run embeds
// only new chunks. A chunk is the same if its text and its document's metadata
// are, for no store can change metadata alone. A row put in at the top of a table
// changes the metadata "row" of all below: they are embedded again.
//
// A run deletes the chunks that a changed source no longer has, after the new
// ones are stored: a crash in between leaves more, never less. A source is a
// document's metadata "source". Chunks of documents without one are deleted only
// by [Index.Sync]. Runs that fail or are cancelled keep what they have stored, and
// the next run goes on from there.
//
// With any other store, each run adds everything.
//
// A run takes about 150 bytes for each stored chunk, and such runs of one Index
// wait for each other. The rest of its memory is the largest document and the
// batches in flight ([WithConcurrency]).
//
// A run is one trace, "ingest", with spans for loading and for each call of the
// store and its embedder. It carries the counts of the [Report].
type Index struct {
	h       *callbacks.Handler
	cfg     config
	options []vectorstores.Option // of every call of the store
	target  genai.StoreTarget
	lister  Lister        // nil if the store is none
	running chan struct{} // holds one element while a run uses lister
}

// New returns an index. It returns an error when there is no store, or a number
// is not positive. With a nil Handler nothing is recorded.
func New(h *callbacks.Handler, opts ...Option) (*Index, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	x := &Index{h: h, cfg: c, lister: findLister(c.store), running: make(chan struct{}, 1)}
	if c.namespace != "" {
		x.options = []vectorstores.Option{vectorstores.WithNameSpace(c.namespace)}
	}
	x.cfg.store = vectorstore.Wrap(c.store, h)
	x.cfg.model = models.Wrap(c.model, h)
	x.target = genai.Store(x.cfg.store)
	return x, nil
}

// Add loads the loader's documents, splits and stores them, and reports what it
// did, also with an error. When a batch fails, no other is begun, and those in
// flight come to their end.
//
// A [*PartialError] says that some sources could not be read; all others are
// stored.
func (x *Index) Add(ctx context.Context, l Loader) (Report, error) {
	return x.run(ctx, l, false)
}

// Sync is [Index.Add], and then deletes the chunks of all sources that the loader
// did not give. The loader must give everything that an index has put into the
// collection ([Join] makes one of several). Sources that could not be read are
// kept, and so are documents that were stored without an index.
//
// It is an error if the store is no [Lister], or if the loader gives no document
// at all, as that of a folder that is not mounted.
func (x *Index) Sync(ctx context.Context, l Loader) (Report, error) {
	if x.lister == nil {
		return Report{}, errors.New("index: Sync: the store cannot list and delete: use one with the methods of index.Lister")
	}
	return x.run(ctx, l, true)
}
