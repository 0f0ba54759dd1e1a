// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"strings"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// AddDocuments embeds the documents with one call of the embedder, stores them,
// and returns their ids in the order of docs. An id that the collection has
// already is replaced. The documents and their metadata are copied, never changed.
//
// A document with nothing but white space, such as a blank page, is left out, and
// so is one for which [vectorstores.WithDeduplicater] returns true: these have no
// id in the result. [vectorstores.WithEmbedder] and [vectorstores.WithNameSpace]
// take the place of the store's own. A score threshold or filters are refused.
//
// It stores all documents or none, and with [WithPersistence] durably. After an
// error of the disk the documents may be there when the store is opened next.
func (s *Store) AddDocuments(
	ctx context.Context, docs []schema.Document, opts ...vectorstores.Option,
) ([]string, error) {
	o := callOptions(opts)
	if err := refuse(o, "AddDocuments", false); err != nil {
		return nil, err
	}
	if err := s.begin(ctx, "add documents"); err != nil {
		return nil, err
	}
	embedder := cmp.Or(o.Embedder, s.cfg.embedder)
	if embedder == nil {
		return nil, ErrNoEmbedder
	}
	batch, err := s.prepare(ctx, docs, o.Deduplicater)
	if err != nil {
		return nil, err
	}
	if len(batch) == 0 {
		return []string{}, nil
	}
	if err := embed(ctx, embedder, batch); err != nil {
		return nil, err
	}
	if err := s.lockToWrite(ctx, "add documents"); err != nil {
		return nil, err
	}
	defer s.writing.Unlock()
	name := s.namespace(o)
	if err := s.checkDimension(name, len(batch[0].Embedding)); err != nil {
		return nil, err
	}
	if err := s.commit(change{collection: name, put: batch}); err != nil {
		return nil, err
	}
	ids := make([]string, len(batch))
	for i := range batch {
		ids[i] = batch[i].ID
	}
	return ids, nil
}

// prepare checks and converts the documents that are to be stored.
func (s *Store) prepare(
	ctx context.Context, docs []schema.Document, drop func(context.Context, schema.Document) bool,
) ([]chromemgo.Document, error) {
	batch := make([]chromemgo.Document, 0, len(docs))
	seen := make(map[string]int, len(docs))
	for i, doc := range docs {
		if strings.TrimSpace(doc.PageContent) == "" || drop != nil && drop(ctx, doc) {
			continue
		}
		metadata, err := encodeMetadata(doc.Metadata)
		if err != nil {
			return nil, fmt.Errorf("%w: document %d: %w", ErrInvalidMetadata, i, err)
		}
		var id string
		if s.cfg.newID != nil {
			id = s.cfg.newID(doc)
		}
		if id == "" {
			id = rand.Text()
		}
		if first, ok := seen[id]; ok {
			return nil, fmt.Errorf("%w: documents %d and %d have the id %q", ErrDuplicateID, first, i, id)
		}
		seen[id] = i
		batch = append(batch, chromemgo.Document{ID: id, Metadata: metadata, Content: doc.PageContent})
	}
	return batch, nil
}

// embed sets the vectors of the batch.
func embed(ctx context.Context, embedder embeddings.Embedder, batch []chromemgo.Document) error {
	// A slice of its own: langchaingo's EmbedderImpl rewrites it.
	texts := make([]string, len(batch))
	for i := range batch {
		texts[i] = batch[i].Content
	}
	vectors, err := embedder.EmbedDocuments(ctx, texts)
	if err != nil {
		return fmt.Errorf("chromem: embed %d documents: %w", len(batch), err)
	}
	if len(vectors) != len(batch) {
		return fmt.Errorf("%w: %d vectors for %d documents", ErrEmbedding, len(vectors), len(batch))
	}
	for i, v := range vectors {
		if batch[i].Embedding, err = normalize(v); err != nil {
			return fmt.Errorf("%w (number %d of %d)", err, i+1, len(batch))
		}
		if len(v) != len(vectors[0]) {
			return fmt.Errorf("%w: the embedder returned vectors of %d and of %d dimensions", ErrDimension, len(vectors[0]), len(v))
		}
	}
	return nil
}

// normalize returns a copy of v with length 1. chromem-go would do it too, but
// keeps the embedder's slice if it is normalised already, and makes NaN of a
// zero vector and zeros of a very long one.
func normalize(v []float32) ([]float32, error) {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 || math.IsNaN(sum) || math.IsInf(sum, 0) {
		return nil, fmt.Errorf("%w: a vector that is empty, has zeros only, or NaN or infinite values", ErrEmbedding)
	}
	unit := make([]float32, len(v))
	length := math.Sqrt(sum)
	for i, x := range v {
		unit[i] = float32(float64(x) / length)
	}
	return unit, nil
}
