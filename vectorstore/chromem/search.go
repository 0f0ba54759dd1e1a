// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// tieSlack is how many more documents are asked for than wanted: chromem-go keeps
// any of those with equal scores.
const tieSlack = 16

// SimilaritySearch returns the numDocuments documents closest to the query, or
// as many as there are, in the order of falling scores, and of ids where scores
// are equal. The Score is chromem-go's cosine similarity, from -1 to 1: a sum of
// float32 numbers, so that its last digits are not exact, and 1 may be 0.9999999.
// Of more than 16 documents with the same score, any may be the last.
//
// An empty or missing collection gives an empty result, and nothing is embedded.
//
// [vectorstores.WithEmbedder] and [vectorstores.WithNameSpace] take the place of
// the store's own, and [vectorstores.WithScoreThreshold] drops the documents with
// a lower score. [vectorstores.WithFilters] takes a map[string]string or a
// map[string]any of metadata keys and values, or a [Filter]. A value is a string,
// bool, integer, float, time.Time or time.Duration, and is compared by its string
// form: 1, 1.0 and "1" are the same. In a map[string]any it may be a map[string]any
// of operators: $eq, $ne, $gt, $gte, $lt, $lte, and $in with a slice. They compare as
// numbers (float64) or times if the operand is one, else as strings. A document
// without the key never matches.
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
	embedder := cmp.Or(o.Embedder, s.cfg.embedder)
	if embedder == nil {
		return nil, ErrNoEmbedder
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
	found, err := s.nearest(ctx, s.namespace(o), unit, numDocuments, filter)
	if err != nil {
		return nil, err
	}
	docs := make([]schema.Document, 0, len(found))
	for _, r := range found {
		if o.ScoreThreshold > 0 && r.Similarity < o.ScoreThreshold {
			break
		}
		doc, err := toDocument(r.ID, r.Content, r.Metadata)
		if err != nil {
			return nil, err
		}
		doc.Score = r.Similarity
		docs = append(docs, doc)
	}
	return docs, nil
}

func (s *Store) nearest(
	ctx context.Context, name string, v []float32, n int, f filter,
) ([]chromemgo.Result, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.checkDimension(name, len(v)); err != nil {
		return nil, err
	}
	col, _ := s.filled(name)
	if col == nil {
		return nil, nil
	}
	// chromem-go refuses to look for more than there is.
	n = min(n, col.Count())
	k := min(n+tieSlack, col.Count())
	if len(f.checks) > 0 {
		k = col.Count() // Some may be left out below.
	}
	found, err := col.QueryEmbedding(ctx, v, k, f.Where, f.WhereDocument)
	// First the context: chromem-go returns a part of the documents and no
	// error when it ends.
	if ctxErr := ctx.Err(); ctxErr != nil {
		return nil, fmt.Errorf("chromem: search: %w", ctxErr)
	}
	if err != nil {
		return nil, fmt.Errorf("chromem: search collection %q: %w", name, err)
	}
	found = f.check(found)
	slices.SortFunc(found, func(a, b chromemgo.Result) int {
		return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), strings.Compare(a.ID, b.ID))
	})
	return found[:min(n, len(found))], nil
}
