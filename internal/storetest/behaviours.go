// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

const query = "amber birch cedar"

// shelf is ordered by nearness to the query: three words in common, two, one.
var shelf = []schema.Document{
	{PageContent: "amber birch cedar", Metadata: map[string]any{"kind": "tree"}},
	{PageContent: "amber birch delta", Metadata: map[string]any{"kind": "river"}},
	{PageContent: "amber ember flint", Metadata: map[string]any{"kind": "stone"}},
}

type behaviour struct {
	name string
	skip func(Caps) string
	run  func(*testing.T, *session)
}

var behaviours = []behaviour{
	{"ids", nil, ids},
	{"nearest first", nil, nearestFirst},
	{"metadata", nil, metadata},
	{"top k", nil, topK},
	{"threshold", func(c Caps) string { return when(c.NoThreshold, "the store ignores the score threshold") }, threshold},
	{"filter", func(c Caps) string { return when(c.Filter == nil, "the store has no filters") }, filter},
	{"namespaces", func(c Caps) string { return when(c.Namespaces == NoNamespaces, "the store has no name spaces") }, namespaces},
	{"empty collection", nil, emptyCollection},
	{"empty add", nil, emptyAdd},
	{"deduplicater", func(c Caps) string { return when(c.NoDeduplicater, "the store takes no deduplicater") }, deduplicater},
	{"embedder of the call", func(c Caps) string { return when(c.NoCallEmbedder, "the store takes no embedder per call") }, callEmbedder},
	{"failing embedder", nil, failingEmbedder},
	{"rejected options", nil, rejectedOptions},
	{"cancelled before", nil, cancelledBefore},
	{"cancelled while embedding", nil, cancelledWhileEmbedding},
	{"concurrent", nil, concurrent},
}

func when(yes bool, reason string) string {
	if yes {
		return reason
	}
	return ""
}

// fill adds the shelf, last things first: the order must come from the search.
func fill(t *testing.T, s *session, opts ...vectorstores.Option) []string {
	t.Helper()
	docs := copies(shelf)
	slices.Reverse(docs)
	ids, err := s.add(t.Context(), docs, opts...)
	require.NoError(t, err)
	return ids
}

func copies(docs []schema.Document) []schema.Document {
	out := slices.Clone(docs)
	for i := range out {
		out[i].Metadata = maps.Clone(out[i].Metadata)
	}
	return out
}

func ids(t *testing.T, s *session) {
	got := append(fill(t, s), fill(t, s)...)
	if s.caps.NilIDs {
		assert.Empty(t, got)
		return
	}
	assert.Len(t, got, 2*len(shelf))
	assert.NotContains(t, got, "")
	slices.Sort(got)
	assert.Len(t, slices.Compact(got), 2*len(shelf), "each document has its own")
}

func nearestFirst(t *testing.T, s *session) {
	fill(t, s)
	found, err := s.search(t.Context(), query, len(shelf))
	require.NoError(t, err)
	require.Equal(t, contents(shelf), contents(found))
	for i := 1; i < len(found); i++ {
		nearer, farther := found[i-1].Score, found[i].Score
		if s.caps.Distances {
			nearer, farther = farther, nearer
		}
		assert.Greater(t, nearer, farther, "%s before %s", found[i-1].PageContent, found[i].PageContent)
	}
}

func metadata(t *testing.T, s *session) {
	given := map[string]any{
		"text": `größer, "quoted" and 'single'; 中文`, "empty": "", "share": 0.25, "flag": true, "count": 42,
		"list": []any{"a", "b"}, "map": map[string]any{"inner": "x"},
	}
	docs := []schema.Document{{PageContent: "with metadata", Metadata: given}, {PageContent: "no such thing"}}
	before := copies(docs)
	_, err := s.add(t.Context(), docs)
	require.NoError(t, err)
	assert.Equal(t, before, docs, "the caller's documents are left alone")

	found, err := s.search(t.Context(), "with metadata", 2)
	require.NoError(t, err)
	require.Len(t, found, 2)
	want := maps.Clone(given)
	if !s.caps.TypedMetadata {
		want["count"] = 42.0
	}
	own := func(d schema.Document) map[string]any {
		if s.caps.Metadata == nil {
			return d.Metadata
		}
		return s.caps.Metadata(maps.Clone(d.Metadata))
	}
	assert.Equal(t, want, own(found[0]))
	assert.Empty(t, own(found[1]))
}

func topK(t *testing.T, s *session) {
	fill(t, s)
	fill(t, s)
	for _, n := range []int{1, 4, 100} {
		found, err := s.search(t.Context(), query, n)
		require.NoError(t, err)
		assert.Len(t, found, s.found(n, 2*len(shelf)), "asked for %d", n)
	}
}

// between gives a threshold that only the nearest document passes.
func between(t *testing.T, s *session) vectorstores.Option {
	t.Helper()
	found, err := s.search(t.Context(), query, 2)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(found), 2)
	return vectorstores.WithScoreThreshold((found[0].Score + found[1].Score) / 2)
}

func threshold(t *testing.T, s *session) {
	fill(t, s)
	found, err := s.search(t.Context(), query, len(shelf), between(t, s))
	require.NoError(t, err)
	assert.Equal(t, contents(shelf[:1]), contents(found))
}

func filter(t *testing.T, s *session) {
	fill(t, s)
	for _, tc := range []struct {
		value string
		want  []string
	}{{"stone", contents(shelf[2:])}, {"no such kind", nil}} {
		found, err := s.search(t.Context(), query, len(shelf), vectorstores.WithFilters(s.caps.Filter("kind", tc.value)))
		require.NoError(t, err)
		assert.Equal(t, tc.want, contents(found), tc.value)
	}
}

func namespaces(t *testing.T, s *session) {
	fill(t, s)
	var name string
	if s.caps.Namespaces == AllNamespaces {
		name = s.Collection + "_other"
		_, err := s.add(t.Context(), []schema.Document{{PageContent: "amber elsewhere"}}, vectorstores.WithNameSpace(name))
		require.NoError(t, err)
	} else {
		other := s.open(t)
		name = other.Collection
		_, err := other.add(t.Context(), []schema.Document{{PageContent: "amber elsewhere"}})
		require.NoError(t, err)
	}
	found, err := s.search(t.Context(), query, 10, vectorstores.WithNameSpace(name))
	require.NoError(t, err)
	assert.Equal(t, []string{"amber elsewhere"}, contents(found))
	found, err = s.search(t.Context(), query, 10)
	require.NoError(t, err)
	assert.Equal(t, contents(shelf), contents(found), "the store's own collection is as it was")
}

func emptyCollection(t *testing.T, s *session) {
	found, err := s.search(t.Context(), query, 3)
	require.NoError(t, err)
	assert.Empty(t, found)
}

func emptyAdd(t *testing.T, s *session) {
	for _, none := range [][]schema.Document{nil, {}} {
		ids, err := s.add(t.Context(), none)
		require.NoError(t, err)
		assert.Empty(t, ids)
	}
	found, err := s.search(t.Context(), query, 3)
	require.NoError(t, err)
	assert.Empty(t, found)
}

func deduplicater(t *testing.T, s *session) {
	seen := vectorstores.WithDeduplicater(func(_ context.Context, d schema.Document) bool { return d.Metadata["kind"] != "tree" })
	ids := fill(t, s, seen)
	if !s.caps.NilIDs {
		assert.Len(t, ids, 1)
	}
	found, err := s.search(t.Context(), query, 3)
	require.NoError(t, err)
	assert.Equal(t, contents(shelf[:1]), contents(found))

	ids, err = s.add(t.Context(), copies(shelf), vectorstores.WithDeduplicater(func(context.Context, schema.Document) bool { return true }))
	require.NoError(t, err)
	assert.Empty(t, ids, "all of them known")
}

func callEmbedder(t *testing.T, s *session) {
	other := &Embedder{Salt: "another model"}
	option := vectorstores.WithEmbedder(other)
	fill(t, s, option)
	found, err := s.search(t.Context(), query, 3, option)
	require.NoError(t, err)
	assert.Equal(t, contents(shelf), contents(found))
	assert.Equal(t, 2, other.Calls())
	assert.Zero(t, s.embedder.Calls(), "the store's own is not asked")
}

func failingEmbedder(t *testing.T, s *session) {
	boom := errors.New("the model is gone")
	s.embedder.Fail = func(context.Context, string) error { return boom }
	_, err := s.add(t.Context(), copies(shelf))
	require.ErrorIs(t, err, boom)
	s.embedder.Fail = nil
	fill(t, s) // a search of an empty collection may need no vector
	s.embedder.Fail = func(context.Context, string) error { return boom }
	_, err = s.search(t.Context(), query, 3)
	require.ErrorIs(t, err, boom)
	s.embedder.Fail = nil
	found, err := s.search(t.Context(), query, 10)
	require.NoError(t, err)
	assert.Equal(t, contents(shelf), contents(found), "what failed has left nothing behind")
}

func rejectedOptions(t *testing.T, s *session) {
	if len(s.caps.AddRejects)+len(s.caps.SearchRejects) == 0 {
		t.Skip("the store rejects no option")
	}
	fill(t, s)
	for _, name := range slices.Sorted(maps.Keys(s.caps.AddRejects)) {
		_, err := s.add(t.Context(), copies(shelf), s.caps.AddRejects[name])
		assert.Error(t, err, name)
	}
	for _, name := range slices.Sorted(maps.Keys(s.caps.SearchRejects)) {
		_, err := s.search(t.Context(), query, 3, s.caps.SearchRejects[name])
		assert.Error(t, err, name)
	}
}

func cancelledBefore(t *testing.T, s *session) {
	fill(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	isCanceled := func(err error) {
		t.Helper()
		if s.caps.OpaqueErrors {
			require.ErrorContains(t, err, context.Canceled.Error())
		} else {
			require.ErrorIs(t, err, context.Canceled)
		}
	}
	_, err := s.add(ctx, copies(shelf))
	isCanceled(err)
	_, err = s.search(ctx, query, 3)
	isCanceled(err)
	found, err := s.search(t.Context(), query, 10)
	require.NoError(t, err, "the store is none the worse")
	assert.Len(t, found, s.found(10, len(shelf)))
}

func cancelledWhileEmbedding(t *testing.T, s *session) {
	fill(t, s)
	for name, call := range map[string]func(context.Context) error{
		"add":    func(ctx context.Context) error { _, err := s.Store.AddDocuments(ctx, copies(shelf)); return err },
		"search": func(ctx context.Context) error { _, err := s.Store.SimilaritySearch(ctx, query, 3); return err },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		s.embedder.Fail = func(ctx context.Context, _ string) error {
			cancel()
			return ctx.Err()
		}
		assert.ErrorIs(t, call(ctx), context.Canceled, name)
	}
}

// concurrent is for the race detector, and for stores on one connection.
func concurrent(t *testing.T, s *session) {
	const workers, each = 4, 4
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				_, err := s.Store.AddDocuments(t.Context(), []schema.Document{{PageContent: fmt.Sprintf("amber %d %d", w, i)}})
				assert.NoError(t, err)
				_, err = s.Store.SimilaritySearch(t.Context(), "amber", 2)
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
	found, err := s.Store.SimilaritySearch(t.Context(), "amber", 100)
	require.NoError(t, err)
	assert.Len(t, found, s.found(100, workers*each), "nothing is lost")
	if s.kit != nil {
		assertTree(t, s.kit, workers*each, workers*each+1)
	}
}
