// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// SimilaritySearch returns the numDocuments documents closest to the query, or
// as many as there are. Their Score is the cosine similarity, from -1 to 1,
// higher is closer; that of a document with the query's own vector is 1. The
// result is sorted by descending score, and by id where scores are equal; choose
// the ids ([WithIDs]) if that order shall be the same for a store filled anew.
//
// An empty or missing collection gives an empty result; the collection is not
// created and the query not embedded.
//
// Of the options, [vectorstores.WithEmbedder] replaces the store's embedder,
// [vectorstores.WithNameSpace] selects the collection,
// [vectorstores.WithScoreThreshold] drops the documents with a lower score (0:
// none), and [vectorstores.WithFilters] takes a map[string]string or a
// map[string]any of metadata keys and values, or a [Filter]. A filter value is a
// string, bool, integer, float, time.Time or time.Duration, and is compared with the metadata
// by its string form: 1, 1.0 and "1" are the same, and so are times of the same
// instant. A document without the key does not match. Values that are nil,
// lists or maps cannot be matched. A deduplicater is ignored.
//
// The errors are [ErrEmptyText], [ErrNoEmbedder], [ErrInvalidScoreThreshold],
// [ErrUnsupportedFilter], [ErrEmbedding], [ErrDimension], [ErrClosed], those of
// the embedder and of the context, and one for a numDocuments below 1.
func (s *Store) SimilaritySearch(
	ctx context.Context, query string, numDocuments int, opts ...vectorstores.Option,
) ([]schema.Document, error) {
	o := callOptions(opts)
	if query == "" {
		return nil, fmt.Errorf("%w: the query", ErrEmptyText)
	}
	if numDocuments < 1 {
		return nil, fmt.Errorf("chromem: the number of documents to search is %d, it must be at least 1", numDocuments)
	}
	// The negation also catches NaN.
	if !(o.ScoreThreshold >= 0 && o.ScoreThreshold <= 1) {
		return nil, fmt.Errorf("%w: %v", ErrInvalidScoreThreshold, o.ScoreThreshold)
	}
	filter, err := newFilter(o.Filters)
	if err != nil {
		return nil, err
	}
	embedder, err := s.embedderFor(o)
	if err != nil {
		return nil, err
	}
	if err := s.begin(ctx, "search"); err != nil {
		return nil, err
	}
	if s.Count(opts...) == 0 {
		return []schema.Document{}, nil
	}
	v, err := embedder.EmbedQuery(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("chromem: embed the query: %w", err)
	}
	unit, err := normalize(v)
	if err != nil {
		return nil, fmt.Errorf("%w (for the query)", err)
	}
	found, err := s.nearest(ctx, s.namespace(o), unit, numDocuments, filter, o.ScoreThreshold)
	if err != nil {
		return nil, err
	}
	docs := make([]schema.Document, len(found))
	for i, r := range found {
		e, err := entryOf(chromemgo.Document{ID: r.ID, Content: r.Content, Metadata: r.Metadata})
		if err != nil {
			return nil, err
		}
		docs[i] = e.Document
		docs[i].Score = r.Similarity
	}
	return docs, nil
}

// nearest asks chromem-go for a growing number of documents until the n best
// are certain: it ranks by a sum in float32, which is wrong in the last digits,
// keeps any at the cut where scores are equal, and takes a missing key for an
// empty value.
func (s *Store) nearest(
	ctx context.Context, name string, v []float32, n int, filter Filter, threshold float32,
) ([]chromemgo.Result, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	col := s.get(name)
	if col == nil || col.Count() == 0 {
		return nil, nil
	}
	if dim, ok := s.dims[name]; ok && dim != len(v) {
		return nil, dimensionError(name, len(v), dim)
	}
	// chromem-go refuses to look for more than there is.
	count := col.Count()
	n = min(n, count)
	// A few more cost little, and another round is a search of its own.
	for k := min(n+8, count); ; k = min(2*k, count) {
		found, err := col.QueryEmbedding(ctx, v, k, filter.Where, filter.WhereDocument)
		// First the context: chromem-go returns a part of the documents and no
		// error when it ends.
		if ctxErr := ctx.Err(); ctxErr != nil {
			return nil, fmt.Errorf("chromem: search: %w", ctxErr)
		}
		if err != nil {
			return nil, queryError(name, len(v), err)
		}
		complete := len(found) < k || k == count // Nothing else matches.
		// No other document can be closer.
		limit := float32(1)
		if len(found) > 0 {
			limit = found[len(found)-1].Similarity + roundingError(len(v))
		}
		kept := rank(found, v, filter, threshold)
		if complete || (threshold > 0 && limit < threshold) || (len(kept) >= n && kept[n-1].Similarity > limit) {
			return kept[:min(n, len(kept))], nil
		}
	}
}

// rank sorts what is close enough by its exact similarity, and then by id.
func rank(found []chromemgo.Result, v []float32, filter Filter, threshold float32) []chromemgo.Result {
	kept := found[:0]
	for _, r := range found {
		r.Similarity = cosine(v, r.Embedding)
		if (r.Similarity >= threshold || threshold == 0) && filter.hasKeys(r.Metadata) {
			kept = append(kept, r)
		}
	}
	slices.SortFunc(kept, func(a, b chromemgo.Result) int {
		return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), strings.Compare(a.ID, b.ID))
	})
	return kept
}

// cosine is exact in float32: that of equal vectors is 1, and that of vectors
// which nearly are is less. Dividing by the lengths takes out how they were
// rounded when they were made 1.
func cosine(a, b []float32) float32 {
	var ab, aa, bb float64
	for i := range min(len(a), len(b)) {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	return float32(ab / math.Sqrt(aa*bb))
}

// roundingError bounds that of chromem-go's similarity: half a unit in the last
// place for each summand, and a few for the lengths. Sums of equal numbers come
// near it, since all are rounded in one direction.
func roundingError(dim int) float32 { return float32(dim+8) / (1 << 24) }

// queryError recognises the one reason for which chromem-go fails a search with
// valid arguments; it has no error value for it.
func queryError(name string, dim int, err error) error {
	if strings.Contains(err.Error(), "vectors must have the same length") {
		return fmt.Errorf("%w: the embedder returns %d dimensions, collection %q has vectors of another length: "+
			"use the embedding model it was filled with, or another collection", ErrDimension, dim, name)
	}
	return fmt.Errorf("chromem: search collection %q: %w", name, err)
}
