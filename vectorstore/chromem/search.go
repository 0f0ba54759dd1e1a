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
// higher is closer; a score that differs from 1 by rounding only is 1. The
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
// are certain: among equal scores it keeps any at the cut, and it takes a
// missing key for an empty value.
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
	for k := min(n+1, count); ; k = min(2*k, count) {
		found, err := col.QueryEmbedding(ctx, v, k, filter.Where, filter.WhereDocument)
		// First the context: chromem-go returns a part of the documents and no
		// error when it ends.
		if ctxErr := ctx.Err(); ctxErr != nil {
			return nil, fmt.Errorf("chromem: search: %w", ctxErr)
		}
		if err != nil {
			return nil, queryError(name, len(v), err)
		}
		complete := len(found) < k || k == count
		var kept []chromemgo.Result
		for i := range found {
			found[i].Similarity = score(found[i].Similarity, len(v))
			if found[i].Similarity >= threshold || threshold == 0 {
				if filter.hasKeys(found[i].Metadata) {
					kept = append(kept, found[i])
				}
			} else {
				complete = true
			}
		}
		if complete || (len(kept) >= n && kept[n-1].Similarity > found[len(found)-1].Similarity) {
			slices.SortFunc(kept, func(a, b chromemgo.Result) int {
				return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), strings.Compare(a.ID, b.ID))
			})
			return kept[:min(n, len(kept))], nil
		}
	}
}

// score removes the rounding error where it matters: beyond 1, and for equal
// vectors, which a threshold of 1 must find. The error grows with the root of
// the number of summands.
func score(similarity float32, dim int) float32 {
	if float64(similarity) > 1-2e-7*math.Sqrt(float64(dim)) {
		return 1
	}
	return max(similarity, -1)
}

// queryError recognises the one reason for which chromem-go fails a search with
// valid arguments; it has no error value for it.
func queryError(name string, dim int, err error) error {
	if strings.Contains(err.Error(), "vectors must have the same length") {
		return fmt.Errorf("%w: the embedder returns %d dimensions, collection %q has vectors of another length: "+
			"use the embedding model it was filled with, or another collection", ErrDimension, dim, name)
	}
	return fmt.Errorf("chromem: search collection %q: %w", name, err)
}
