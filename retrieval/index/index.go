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
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/vectorstore"
)

// Index loads, splits, embeds, stores and answers. It is safe for concurrent
// use if the store, its embedder and the model are.
//
// # What is embedded again
//
// Where the index knows what is stored, from the store itself ([Lister]; a
// chromem store is one) or from a file ([WithLedger]), it embeds only what is
// new. A chunk is the same if its text and the metadata of its document are:
// a page that moves is a new one, because no store can change metadata alone.
// Hence a row put in at the top of a table, or a page of a PDF, embeds all that
// follow again, unless [WithVolatileMetadata] says that its number is nothing to
// go by.
// When a source has changed, those of its chunks that are no longer there are
// deleted, after the new ones are stored: a crash in between leaves more, never
// less. The source is the document's metadata "source"; the chunks of documents
// without one are deleted only by [Index.Sync]. Runs that fail or are
// cancelled keep what they have stored, and the next one goes on from there.
//
// Otherwise everything is added each time.
//
// What is known takes about 150 bytes for each stored chunk while a run lasts,
// and such runs of one Index wait for each other. The rest of the memory is
// that of the largest document and of the batches in flight ([WithConcurrency]).
//
// # Spans
//
// A run is one trace, "ingest", with one span for loading and splitting, and one
// for each call of the store and of its embedder, but none for a document or a
// chunk; how many there were stands on "ingest" (spanloom.index.*).
type Index struct {
	h       *callbacks.Handler
	cfg     config
	options []vectorstores.Option // of every call of the store
	stored  stored
	running chan struct{} // holds one element while a run uses stored
}

// New returns an index. It returns an error when there is no store, or a
// number is not positive.
func New(h *callbacks.Handler, opts ...Option) (*Index, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	x := &Index{h: h, cfg: c, running: make(chan struct{}, 1)}
	if c.namespace != "" {
		x.options = []vectorstores.Option{vectorstores.WithNameSpace(c.namespace)}
	}
	x.cfg.store = vectorstore.Wrap(c.store, h)
	x.cfg.model = models.Wrap(c.model, h)
	x.stored = newStored(x)
	return x, nil
}

// Add loads the loader's documents, splits and stores them, and returns the
// number of chunks stored. When a batch fails, no other is begun, those in
// flight come to their end, and the number says how many chunks are stored.
//
// A [*PartialError] says that some sources could not be read, and that all
// others are stored.
func (x *Index) Add(ctx context.Context, l Loader) (chunks int, err error) {
	r, err := x.Update(ctx, l)
	return r.Added, err
}

// Update is [Index.Add] with a report of what was done, which counts in case of
// an error, too.
func (x *Index) Update(ctx context.Context, l Loader) (Report, error) {
	return x.run(ctx, l, false)
}

// Sync is [Index.Update], and then deletes the chunks of all sources that the
// loader did not give: the loader must give everything that an index has put
// into the collection ([Join] makes one of several). Sources that could not be
// read are kept. Documents that were stored without an index are left alone.
//
// It is an error if the loader gives no document at all, as that of a folder
// that is not mounted; if what is stored is not known, or if the store cannot
// delete.
func (x *Index) Sync(ctx context.Context, l Loader) (Report, error) {
	switch {
	case !x.stored.known():
		return Report{}, errors.New("index: Sync: what is stored is not known: use WithLedger, or a store that has a method List")
	case x.stored.remove == nil:
		return Report{}, errors.New("index: Sync: the store cannot delete: use WithDelete")
	}
	return x.run(ctx, l, true)
}
