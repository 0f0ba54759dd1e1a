// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// fakeEmbedder maps a text to the numbers in it, "1 0 anything" to (1, 0).
type fakeEmbedder struct {
	mu      sync.Mutex
	batches [][]string
	queries []string

	err     error
	vectors func([]string) [][]float32
}

func (e *fakeEmbedder) EmbedDocuments(_ context.Context, texts []string) ([][]float32, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.batches = append(e.batches, slices.Clone(texts))
	if e.err != nil {
		return nil, e.err
	}
	if e.vectors != nil {
		return e.vectors(texts), nil
	}
	out := make([][]float32, len(texts))
	for i, text := range texts {
		out[i] = numbers(text)
		texts[i] = "rewritten, as langchaingo's EmbedderImpl does"
	}
	return out, nil
}

func (e *fakeEmbedder) EmbedQuery(_ context.Context, text string) ([]float32, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.queries = append(e.queries, text)
	return numbers(text), e.err
}

func numbers(text string) []float32 {
	var v []float32
	for field := range strings.FieldsSeq(text) {
		if x, err := strconv.ParseFloat(field, 32); err == nil {
			v = append(v, float32(x))
		}
	}
	return v
}

func doc(content string, keysAndValues ...any) schema.Document {
	d := schema.Document{PageContent: content}
	for i := 0; i < len(keysAndValues); i += 2 {
		if d.Metadata == nil {
			d.Metadata = map[string]any{}
		}
		d.Metadata[keysAndValues[i].(string)] = keysAndValues[i+1]
	}
	return d
}

func docs(contents ...string) []schema.Document {
	out := make([]schema.Document, len(contents))
	for i, c := range contents {
		out[i] = doc(c)
	}
	return out
}

func contents(docs []schema.Document) []string {
	out := []string{}
	for _, d := range docs {
		out = append(out, d.PageContent)
	}
	return out
}

// metadataID is for WithIDs.
func metadataID(d schema.Document) string {
	id, _ := d.Metadata["id"].(string)
	return id
}

func newStore(t *testing.T, opts ...Option) (*Store, *fakeEmbedder) {
	t.Helper()
	e := &fakeEmbedder{}
	s, err := New(append([]Option{WithEmbedder(e)}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s, e
}

func add(t *testing.T, s *Store, d []schema.Document, opts ...vectorstores.Option) []string {
	t.Helper()
	ids, err := s.AddDocuments(t.Context(), d, opts...)
	require.NoError(t, err)
	return ids
}

func search(t *testing.T, s *Store, query string, n int, opts ...vectorstores.Option) []schema.Document {
	t.Helper()
	found, err := s.SimilaritySearch(t.Context(), query, n, opts...)
	require.NoError(t, err)
	require.NotNil(t, found)
	return found
}

func TestNewOptions(t *testing.T) {
	s, err := New(nil, WithIDs(nil))
	require.NoError(t, err)
	assert.Equal(t, "documents", s.Collection())

	s, err = New(WithCollection("books"))
	require.NoError(t, err)
	assert.Equal(t, "books", s.Collection())

	for want, opts := range map[string][]Option{
		"WithCollection":                 {WithCollection("")},
		"WithPersistence: the folder is": {WithPersistence("")},
	} {
		_, err := New(opts...)
		require.ErrorContains(t, err, "chromem: "+want)
	}
}

func TestAddAndSearch(t *testing.T) {
	s, e := newStore(t)
	in := []schema.Document{
		doc("3 0 east", "n", 1, "tags", []string{"a"}), doc("0 1 north"), doc("-1 0 west", "n", 3), doc("1 1 north-east"),
	}
	before := []schema.Document{
		doc("3 0 east", "n", 1, "tags", []string{"a"}), doc("0 1 north"), doc("-1 0 west", "n", 3), doc("1 1 north-east"),
	}
	ids := add(t, s, in)
	assert.Equal(t, before, in, "the caller's documents are not touched")
	assert.Len(t, ids, 4)
	assert.Len(t, slices.Compact(slices.Sorted(slices.Values(ids))), 4)
	assert.Len(t, ids[0], 26)
	assert.Equal(t, [][]string{contents(before)}, e.batches, "one call of the embedder")
	assert.Equal(t, 4, s.Count())

	found := search(t, s, "2 0", 3)
	require.Len(t, found, 3)
	assert.Equal(t, []string{"3 0 east", "1 1 north-east", "0 1 north"}, contents(found))
	assert.Equal(t, float32(1), found[0].Score)
	assert.InDelta(t, math.Sqrt(0.5), found[1].Score, 1e-6)
	assert.Zero(t, found[2].Score)
	assert.Equal(t, map[string]any{"n": 1, "tags": []string{"a"}}, found[0].Metadata)
	assert.Nil(t, found[1].Metadata)

	t.Run("more than stored", func(t *testing.T) {
		found := search(t, s, "1 0", math.MaxInt)
		require.Len(t, found, 4)
		assert.Equal(t, float32(-1), found[3].Score)
	})
	t.Run("results are copies", func(t *testing.T) {
		found[0].Metadata["n"] = 2
		found[0].Metadata["tags"].([]string)[0] = "b"
		assert.Equal(t, map[string]any{"n": 1, "tags": []string{"a"}}, search(t, s, "1 0", 1)[0].Metadata)
	})
	t.Run("the input is copied", func(t *testing.T) {
		in[0].Metadata["tags"].([]string)[0] = "changed"
		delete(in[0].Metadata, "n")
		assert.Equal(t, map[string]any{"n": 1, "tags": []string{"a"}}, search(t, s, "1 0", 1)[0].Metadata)
	})
	t.Run("as a retriever", func(t *testing.T) {
		found, err := vectorstores.ToRetriever(s, 1).GetRelevantDocuments(t.Context(), "0 1")
		require.NoError(t, err)
		assert.Equal(t, []string{"0 1 north"}, contents(found))
	})
}

func TestEmbedderVectorsAreCopied(t *testing.T) {
	s, e := newStore(t)
	shared := []float32{1, 0}
	e.vectors = func([]string) [][]float32 { return [][]float32{shared} }
	add(t, s, docs("a"))
	shared[0], shared[1] = 0, 1
	assert.Equal(t, float32(1), search(t, s, "1 0", 1)[0].Score)
}

func TestAddNothing(t *testing.T) {
	s, e := newStore(t)
	dropAll := vectorstores.WithDeduplicater(func(context.Context, schema.Document) bool { return true })
	for _, ids := range [][]string{add(t, s, nil), add(t, s, docs("1 0", ""), dropAll)} {
		assert.Equal(t, []string{}, ids)
	}
	assert.Empty(t, e.batches)
	assert.Empty(t, s.db.ListCollections())
}

// A blank page does not keep the others from being stored.
func TestBlankDocumentsAreLeftOut(t *testing.T) {
	s, e := newStore(t, WithIDs(metadataID), WithPersistence(t.TempDir()))
	ids := add(t, s, []schema.Document{
		doc("1 0", "id", "a"), doc("", "id", "b"), doc(" \n\f\u00a0", "id", "c"), doc("0 1", "id", "d"),
	})
	assert.Equal(t, []string{"a", "d"}, ids)
	assert.Equal(t, [][]string{{"1 0", "0 1"}}, e.batches)
	assert.Equal(t, 2, s.Count())
	assert.Equal(t, []string{}, add(t, s, docs("", "\t")))
	assert.Len(t, e.batches, 1)
}

func TestAddOptions(t *testing.T) {
	t.Run("embedder", func(t *testing.T) {
		s, err := New()
		require.NoError(t, err)
		_, err = s.AddDocuments(t.Context(), docs("1 0"))
		require.ErrorIs(t, err, ErrNoEmbedder)
		_, err = s.SimilaritySearch(t.Context(), "1 0", 1)
		require.ErrorIs(t, err, ErrNoEmbedder)

		own := &fakeEmbedder{}
		add(t, s, docs("1 0"), vectorstores.WithEmbedder(own), nil)
		assert.Len(t, search(t, s, "1 0", 1, vectorstores.WithEmbedder(own), nil), 1)

		s, e := newStore(t)
		add(t, s, docs("1 0"), vectorstores.WithEmbedder(own))
		search(t, s, "1 0", 1, vectorstores.WithEmbedder(own))
		assert.Len(t, own.batches, 2)
		assert.Len(t, own.queries, 2)
		assert.Empty(t, e.batches)
		assert.Empty(t, e.queries)
	})
	t.Run("name space", func(t *testing.T) {
		s, _ := newStore(t)
		other := vectorstores.WithNameSpace("other")
		ids := add(t, s, docs("1 0 0"), other)
		add(t, s, docs("0 1"))
		assert.Equal(t, 1, s.Count())
		assert.Equal(t, 1, s.Count(other))
		assert.Equal(t, []string{"1 0 0"}, contents(search(t, s, "1 0 0", 5, other)))
		assert.Equal(t, []string{"0 1"}, contents(search(t, s, "1 0", 5)))

		require.NoError(t, s.Delete(t.Context(), ids), "unknown here")
		assert.Equal(t, 1, s.Count(other))
		require.NoError(t, s.Delete(t.Context(), ids, other))
		assert.Equal(t, 0, s.Count(other))
	})
	t.Run("deduplicater", func(t *testing.T) {
		s, e := newStore(t, WithIDs(metadataID))
		ids := add(t, s, []schema.Document{doc("1 0", "id", "a"), doc("2 0", "id", "b"), doc("3 0", "id", "c")},
			vectorstores.WithDeduplicater(func(_ context.Context, d schema.Document) bool {
				return d.PageContent == "2 0"
			}))
		assert.Equal(t, []string{"a", "c"}, ids)
		assert.Equal(t, [][]string{{"1 0", "3 0"}}, e.batches)
	})
	t.Run("refused", func(t *testing.T) {
		s, e := newStore(t)
		for _, opt := range []vectorstores.Option{
			vectorstores.WithScoreThreshold(0.5), vectorstores.WithFilters(map[string]any{"a": 1}),
		} {
			_, err := s.AddDocuments(t.Context(), docs("1 0"), opt)
			require.ErrorIs(t, err, ErrUnsupportedOptions)
		}
		assert.Empty(t, e.batches)
	})
}

func TestIDs(t *testing.T) {
	s, e := newStore(t, WithIDs(metadataID))
	ids := add(t, s, []schema.Document{doc("1 0", "id", "a"), doc("0 1"), doc("1 1", "id", "c"), doc("2 1")})
	assert.Equal(t, "a", ids[0])
	assert.Len(t, ids[1], 26)
	assert.Equal(t, "c", ids[2])
	assert.NotEqual(t, ids[1], ids[3])

	t.Run("an existing id is replaced", func(t *testing.T) {
		assert.Equal(t, []string{"a"}, add(t, s, []schema.Document{doc("-1 0", "id", "a", "new", true)}))
		assert.Equal(t, 4, s.Count())
		found := search(t, s, "-1 0", 1)
		assert.Equal(t, "-1 0", found[0].PageContent)
		assert.Equal(t, map[string]any{"id": "a", "new": true}, found[0].Metadata)
	})
	t.Run("a duplicate is an error", func(t *testing.T) {
		calls := len(e.batches)
		_, err := s.AddDocuments(t.Context(), []schema.Document{doc("1 0", "id", "x"), doc("0 1"), doc("1 0", "id", "x")})
		require.ErrorIs(t, err, ErrDuplicateID)
		require.ErrorContains(t, err, `documents 0 and 2 have the id "x"`)
		assert.Len(t, e.batches, calls)
		assert.Equal(t, 4, s.Count())
	})
}

func TestAddRefused(t *testing.T) {
	broken := errors.New("broken")
	vectors := func(v ...[]float32) func(*fakeEmbedder) {
		return func(e *fakeEmbedder) { e.vectors = func([]string) [][]float32 { return v } }
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for name, tc := range map[string]struct {
		docs  []schema.Document
		setup func(*fakeEmbedder)
		want  error
		text  string
	}{
		"embedder fails":   {setup: func(e *fakeEmbedder) { e.err = broken }, want: broken, text: "embed 2 documents"},
		"too few vectors":  {setup: vectors([]float32{1, 0}), want: ErrEmbedding, text: "1 vectors for 2 documents"},
		"too many vectors": {setup: vectors([]float32{1}, []float32{1}, []float32{1}), want: ErrEmbedding},
		"empty vector":     {setup: vectors([]float32{1, 0}, nil), want: ErrEmbedding, text: "number 2 of 2"},
		"zeros":            {setup: vectors([]float32{1, 0}, []float32{0, 0}), want: ErrEmbedding, text: "zeros"},
		"NaN":              {setup: vectors([]float32{1, 0}, []float32{nan, 0}), want: ErrEmbedding, text: "NaN"},
		"infinite":         {setup: vectors([]float32{inf, 0}, []float32{1, 0}), want: ErrEmbedding, text: "number 1 of 2"},
		"mixed":            {setup: vectors([]float32{1, 0}, []float32{1, 0, 0}), want: ErrDimension, text: "of 2 and of 3"},
		"other dimension":  {docs: docs("1 0 0"), want: ErrDimension, text: `a vector of 3 dimensions, collection "documents" has vectors of 2`},
		"metadata":         {docs: []schema.Document{doc("1 0", "k", struct{}{})}, want: ErrInvalidMetadata, text: `document 0: key "k": the type struct {}`},
		"reserved":         {docs: []schema.Document{doc("1 0", reservedKey, "")}, want: ErrInvalidMetadata, text: "reserved"},
	} {
		t.Run(name, func(t *testing.T) {
			s, e := newStore(t)
			add(t, s, docs("1 0"))
			if tc.setup != nil {
				tc.setup(e)
			}
			if tc.docs == nil {
				tc.docs = docs("1 0", "0 1")
			}
			for _, opt := range []vectorstores.Option{nil, vectorstores.WithNameSpace("new")} {
				if name == "other dimension" && opt != nil {
					continue
				}
				_, err := s.AddDocuments(t.Context(), tc.docs, opt)
				require.ErrorIs(t, err, tc.want)
				require.ErrorContains(t, err, tc.text)
				assert.True(t, strings.HasPrefix(err.Error(), "chromem: "), err)
			}
			assert.Equal(t, 1, s.Count())
			assert.Len(t, s.db.ListCollections(), 1, "no collection is created in vain")
		})
	}
}

func TestDimensionOfAnEmptiedCollection(t *testing.T) {
	s, _ := newStore(t)
	ids := add(t, s, docs("1 0"))
	_, err := s.SimilaritySearch(t.Context(), "1 0 0", 1)
	require.ErrorIs(t, err, ErrDimension)
	require.NoError(t, s.Delete(t.Context(), ids))
	add(t, s, docs("1 0 0"))
	assert.Len(t, search(t, s, "1 0 0", 1), 1)
}

func TestSearchRefused(t *testing.T) {
	s, e := newStore(t)
	add(t, s, docs("1 0"))
	filters := vectorstores.WithFilters
	for name, tc := range map[string]struct {
		query string
		n     int
		opt   vectorstores.Option
		want  error
		text  string
	}{
		"empty query":     {"", 1, nil, ErrEmptyText, "query"},
		"none":            {"1 0", 0, nil, nil, "is 0, it must be at least 1"},
		"negative":        {"1 0", -1, nil, nil, "is -1"},
		"threshold low":   {"1 0", 1, vectorstores.WithScoreThreshold(-0.1), ErrInvalidScoreThreshold, "-0.1"},
		"threshold high":  {"1 0", 1, vectorstores.WithScoreThreshold(1.1), ErrInvalidScoreThreshold, "1.1"},
		"threshold NaN":   {"1 0", 1, vectorstores.WithScoreThreshold(float32(math.NaN())), ErrInvalidScoreThreshold, "NaN"},
		"filter type":     {"1 0", 1, filters("a=b"), ErrUnsupportedFilter, "the type string, allowed are map[string]string"},
		"filter value":    {"1 0", 1, filters(map[string]any{"k": []any{1}}), ErrUnsupportedFilter, `key "k" is of type []interface {}`},
		"filter nil":      {"1 0", 1, filters(map[string]any{"k": nil}), ErrUnsupportedFilter, "<nil>"},
		"filter reserved": {"1 0", 1, filters(map[string]string{reservedKey: ""}), ErrUnsupportedFilter, "reserved"},
		"filter compare":  {"1 0", 1, filters(map[string]any{"k": map[string]any{"$near": 1}}), ErrUnsupportedFilter, `"$near" of key "k"`},
		"filter in":       {"1 0", 1, filters(map[string]any{"k": map[string]any{"$in": 1}}), ErrUnsupportedFilter, "$in with a slice"},
		"filter in value": {"1 0", 1, filters(map[string]any{"k": map[string]any{"$in": []any{nil}}}), ErrUnsupportedFilter, "<nil>"},
		"filter operand":  {"1 0", 1, filters(map[string]any{"k": map[string]any{"$gt": nil}}), ErrUnsupportedFilter, "<nil>"},
		"filter key":      {"1 0", 1, filters(map[string]any{reservedKey: map[string]any{"$ne": 1}}), ErrUnsupportedFilter, "reserved"},
		"filter operator": {"1 0", 1, filters(Filter{WhereDocument: map[string]string{"$or": ""}}), ErrUnsupportedFilter, `"$or"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.SimilaritySearch(t.Context(), tc.query, tc.n, tc.opt)
			if tc.want != nil {
				require.ErrorIs(t, err, tc.want)
			}
			require.ErrorContains(t, err, tc.text)
			assert.True(t, strings.HasPrefix(err.Error(), "chromem: "), err)
		})
	}
	assert.Empty(t, e.queries)

	_, err := s.SimilaritySearch(t.Context(), "0 0", 1)
	require.ErrorIs(t, err, ErrEmbedding)
	_, err = s.SimilaritySearch(t.Context(), "words only", 1)
	require.ErrorIs(t, err, ErrEmbedding)
	_, err = s.SimilaritySearch(t.Context(), "1 0 0", 1)
	require.ErrorIs(t, err, ErrDimension)
	e.err = errors.New("broken")
	_, err = s.SimilaritySearch(t.Context(), "1 0", 1)
	require.ErrorIs(t, err, e.err)
}

func TestSearchEmpty(t *testing.T) {
	s, e := newStore(t)
	assert.Empty(t, search(t, s, "1 0", 1))
	assert.Empty(t, search(t, s, "1 0", 1, vectorstores.WithNameSpace("missing")))
	assert.Empty(t, s.db.ListCollections())

	require.NoError(t, s.Delete(t.Context(), add(t, s, docs("1 0"))))
	assert.Empty(t, search(t, s, "1 0", 1))
	assert.Empty(t, e.queries)
}

func TestScoreThreshold(t *testing.T) {
	s, _ := newStore(t)
	add(t, s, docs("1 0", "3 4", "0 1", "-1 0"))
	for threshold, want := range map[float32]int{0: 4, 0.1: 2, 0.6: 2, 0.61: 1, 1: 1} {
		for n := 1; n <= 5; n++ {
			found := search(t, s, "1 0", n, vectorstores.WithScoreThreshold(threshold))
			assert.Len(t, found, min(n, want), "threshold %v, n %d", threshold, n)
		}
	}
}

// The score is chromem-go's own, to the last bit.
func TestScoresAreThoseOfChromemGo(t *testing.T) {
	e := newBenchEmbedder()
	s, err := New(WithEmbedder(e), WithIDs(metadataID))
	require.NoError(t, err)
	add(t, s, benchDocuments()[:300])
	query, err := normalize(e.vectors[0])
	require.NoError(t, err)
	want, err := s.get("documents").QueryEmbedding(t.Context(), query, 20, nil, nil)
	require.NoError(t, err)
	found := search(t, s, "query", 20)
	require.Len(t, found, 20)
	for i, d := range found {
		assert.Equal(t, want[i].Similarity, d.Score)
	}
}

// As many documents with the same score as tieSlack are ordered by id, also where
// the result ends among them.
func TestFewTiesAreCertain(t *testing.T) {
	s, _ := newStore(t, WithIDs(metadataID))
	var in []schema.Document
	for i := range tieSlack {
		in = append(in, doc("1 0 same", "id", fmt.Sprintf("%02d", (i*7)%tieSlack)))
	}
	add(t, s, append(in, doc("2 1 best", "id", "z"), doc("0 1 worst", "id", "worst")))
	for n := 1; n <= tieSlack; n++ {
		found := search(t, s, "2 1", n)
		require.Len(t, found, n)
		for i, d := range found[1:] {
			assert.Equal(t, fmt.Sprintf("%02d", i), d.Metadata["id"])
		}
	}
}

// Documents with the same score are ordered by id among those that are found.
func TestTiesAreSortedByID(t *testing.T) {
	s, _ := newStore(t, WithIDs(metadataID))
	var in []schema.Document
	for i := range 40 {
		in = append(in, doc("1 0 same", "id", fmt.Sprintf("%02d", (i*7)%40)))
	}
	in = append(in, doc("2 1 best", "id", "z"), doc("0 1 worst", "id", "0"))
	add(t, s, in)
	for n := 1; n <= 42; n++ {
		var ids []string
		for _, d := range search(t, s, "2 1", n) {
			ids = append(ids, d.Metadata["id"].(string))
		}
		require.Len(t, ids, n)
		assert.Equal(t, "z", ids[0])
		ties := ids[1:min(n, 41)]
		assert.True(t, slices.IsSorted(ties), ties)
		if n == 42 {
			assert.Equal(t, "0", ids[41])
		}
	}
}

func TestFilters(t *testing.T) {
	s, _ := newStore(t)
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	add(t, s, []schema.Document{
		doc("1 0 a red fox", "kind", "x", "n", 1, "ok", true, "at", at),
		doc("0 1 a blue fox", "kind", "x", "n", 2.0, "ok", false),
		doc("1 1 a red hen", "kind", "y", "n", "1", "note", ""),
		doc("2 1 an owl", "list", []string{"x"}, "none", nil, "big", 1e6),
	})
	type m = map[string]any
	for name, tc := range map[string]struct {
		filter any
		want   []string
	}{
		"nil":            {nil, []string{"1 0 a red fox", "2 1 an owl", "1 1 a red hen", "0 1 a blue fox"}},
		"empty":          {m{}, []string{"1 0 a red fox", "2 1 an owl", "1 1 a red hen", "0 1 a blue fox"}},
		"strings":        {map[string]string{"kind": "x"}, []string{"1 0 a red fox", "0 1 a blue fox"}},
		"any string":     {m{"kind": "y"}, []string{"1 1 a red hen"}},
		"int and string": {m{"n": int64(1)}, []string{"1 0 a red fox", "1 1 a red hen"}},
		"string form":    {map[string]string{"n": "1"}, []string{"1 0 a red fox", "1 1 a red hen"}},
		"int for float":  {m{"n": 2}, []string{"0 1 a blue fox"}},
		"float for int":  {m{"n": 1.0}, []string{"1 0 a red fox", "1 1 a red hen"}},
		"large float":    {m{"big": 1000000}, []string{"2 1 an owl"}},
		"bool":           {m{"ok": false}, []string{"0 1 a blue fox"}},
		"time":           {m{"at": at.In(time.FixedZone("", 3600))}, []string{"1 0 a red fox"}},
		"all of them":    {m{"kind": "x", "n": 2}, []string{"0 1 a blue fox"}},
		"none":           {m{"kind": "z"}, []string{}},
		"unknown key":    {m{"missing": "x"}, []string{}},
		"empty value":    {m{"note": ""}, []string{"1 1 a red hen"}},
		"nil value":      {m{"none": ""}, []string{}},
		"list":           {m{"list": "x"}, []string{}},
		"gt":             {m{"n": m{"$gt": 1}}, []string{"0 1 a blue fox"}},
		"gte":            {m{"n": m{"$gte": 1.0}}, []string{"1 0 a red fox", "1 1 a red hen", "0 1 a blue fox"}},
		"lt":             {m{"n": m{"$lt": 2}}, []string{"1 0 a red fox", "1 1 a red hen"}},
		"lte":            {m{"big": m{"$lte": 1e6}}, []string{"2 1 an owl"}},
		"between":        {m{"n": m{"$gt": 0.5, "$lt": 1.5}, "kind": "x"}, []string{"1 0 a red fox"}},
		"not as text":    {m{"big": m{"$gt": 9}}, []string{"2 1 an owl"}},
		"no number":      {m{"kind": m{"$gte": 0}}, []string{}},
		"later":          {m{"at": m{"$gt": at.Add(-time.Nanosecond)}}, []string{"1 0 a red fox"}},
		"not later":      {m{"at": m{"$gt": at.In(time.FixedZone("", 3600))}}, []string{}},
		"no time":        {m{"kind": m{"$lt": at}}, []string{}},
		"text order":     {m{"kind": m{"$gt": "x"}}, []string{"1 1 a red hen"}},
		"date as text":   {m{"at": m{"$gte": "2024-01-01"}}, []string{"1 0 a red fox"}},
		"eq":             {m{"n": m{"$eq": 2}}, []string{"0 1 a blue fox"}},
		"eq bool":        {m{"ok": m{"$eq": true}}, []string{"1 0 a red fox"}},
		"ne":             {m{"n": m{"$ne": 1}}, []string{"0 1 a blue fox"}},
		"ne text":        {m{"kind": m{"$ne": 1}}, []string{"1 0 a red fox", "1 1 a red hen", "0 1 a blue fox"}},
		"in":             {m{"n": m{"$in": []any{2, "3"}}}, []string{"0 1 a blue fox"}},
		"in strings":     {m{"kind": m{"$in": []string{"y", "z"}}}, []string{"1 1 a red hen"}},
		"in none":        {m{"kind": m{"$in": []string{}}}, []string{}},
		"no operator":    {m{"kind": m{}}, []string{"1 0 a red fox", "2 1 an owl", "1 1 a red hen", "0 1 a blue fox"}},
		"contains": {
			Filter{WhereDocument: map[string]string{"$contains": "red", "$not_contains": "hen"}},
			[]string{"1 0 a red fox"},
		},
		"both": {
			Filter{Where: map[string]string{"kind": "x"}, WhereDocument: map[string]string{"$contains": "blue"}},
			[]string{"0 1 a blue fox"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for n := 1; n <= 4; n++ {
				found := search(t, s, "1 0", n, vectorstores.WithFilters(tc.filter))
				assert.Equal(t, tc.want[:min(n, len(tc.want))], contents(found))
			}
		})
	}
}

func TestContext(t *testing.T) {
	s, e := newStore(t)
	ids := add(t, s, docs("1 0"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.AddDocuments(ctx, docs("0 1"))
	require.ErrorIs(t, err, context.Canceled)
	_, err = s.SimilaritySearch(ctx, "1 0", 1)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, s.Delete(ctx, ids), context.Canceled)
	assert.Equal(t, 1, s.Count())
	assert.Len(t, e.batches, 1)
	assert.Empty(t, e.queries)

	t.Run("cancelled while embedding", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		e.vectors = func([]string) [][]float32 {
			cancel()
			return [][]float32{{0, 1}}
		}
		_, err := s.AddDocuments(ctx, docs("0 1"), vectorstores.WithNameSpace("new"))
		require.ErrorIs(t, err, context.Canceled)
		assert.Zero(t, s.Count(vectorstores.WithNameSpace("new")))

		ctx, cancel = context.WithCancel(t.Context())
		_, err = s.SimilaritySearch(ctx, "1 0", 1, vectorstores.WithEmbedder(cancellingEmbedder{e, cancel}))
		require.ErrorIs(t, err, context.Canceled)
	})
}

// lateContext is cancelled after the last check before the write.
type lateContext struct {
	context.Context
	checks int
}

func (c *lateContext) Done() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

func (c *lateContext) Err() error {
	if c.checks--; c.checks < 0 {
		return context.Canceled
	}
	return nil
}

func TestCancelledWhileWriting(t *testing.T) {
	s, _ := newStore(t)
	ids, err := s.AddDocuments(&lateContext{t.Context(), 2}, docs("1 0", "0 1"))
	require.NoError(t, err)
	assert.Len(t, ids, 2)
	assert.Equal(t, 2, s.Count(), "chromem-go would drop them without an error")
}

type cancellingEmbedder struct {
	embeddings.Embedder
	cancel context.CancelFunc
}

func (e cancellingEmbedder) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	e.cancel()
	return e.Embedder.EmbedQuery(ctx, text)
}

func TestLangchaingoEmbedder(t *testing.T) {
	e, err := embeddings.NewEmbedder(embeddings.EmbedderClientFunc(
		func(_ context.Context, texts []string) ([][]float32, error) {
			out := make([][]float32, len(texts))
			for i, text := range texts {
				assert.NotContains(t, text, "\n")
				out[i] = numbers(text)
			}
			return out, nil
		}), embeddings.WithBatchSize(2))
	require.NoError(t, err)
	s, err := New(WithEmbedder(e))
	require.NoError(t, err)
	in := docs("1\n0", "0\n1", "1\n1")
	add(t, s, in)
	assert.Equal(t, []string{"1\n0", "0\n1", "1\n1"}, contents(in))
	assert.Equal(t, []string{"0\n1"}, contents(search(t, s, "0\n1", 1)))
}

func TestConcurrentUse(t *testing.T) {
	for name, opts := range map[string][]Option{
		"memory": nil, "persistent": {WithPersistence(t.TempDir())},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := newStore(t, append(opts, WithIDs(metadataID))...)
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					ns := vectorstores.WithNameSpace(fmt.Sprintf("c%d", i%3))
					for j := range 10 {
						// The batch is seen as a whole, or not at all.
						batch := make([]schema.Document, 4)
						for k := range batch {
							batch[k] = doc(fmt.Sprintf("1 %d", k), "id", fmt.Sprintf("%d-%d-%d", i, j, k))
						}
						ids, err := s.AddDocuments(context.Background(), batch, ns)
						assert.NoError(t, err)
						found, err := s.SimilaritySearch(context.Background(), "1 0", 1000, ns)
						assert.NoError(t, err)
						assert.Zero(t, len(found)%4)
						assert.Zero(t, s.Count(ns)%4)
						if j%2 == 0 {
							assert.NoError(t, s.Delete(context.Background(), ids, ns))
						}
					}
				})
			}
			wg.Wait()
			total := 0
			for name := range maps.Keys(s.db.ListCollections()) {
				total += s.Count(vectorstores.WithNameSpace(name))
			}
			assert.Equal(t, 8*5*4, total)
		})
	}
}
