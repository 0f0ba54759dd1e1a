// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"testing"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

func TestAll(t *testing.T) {
	s, e := newStore(t, WithIDs(metadataID))
	in := []schema.Document{
		doc("1 0 red", "id", "b", "source", "x.md", "n", 1), doc("0 1 blue", "id", "a", "source", "x.md"),
		doc("1 1 red", "id", "c", "source", "y.md"), doc("1 2 red", "id", "d"),
	}
	add(t, s, in)
	add(t, s, []schema.Document{doc("1 0", "id", "z")}, vectorstores.WithNameSpace("other"))
	e.batches = nil
	ids := func(opts ...vectorstores.Option) []string {
		var out []string
		for e, err := range s.All(t.Context(), opts...) {
			require.NoError(t, err)
			assert.Equal(t, e.ID, e.Metadata["id"])
			out = append(out, e.ID)
		}
		return out
	}
	assert.Equal(t, []string{"a", "b", "c", "d"}, ids())
	assert.Equal(t, []string{"z"}, ids(vectorstores.WithNameSpace("other")))
	assert.Empty(t, ids(vectorstores.WithNameSpace("missing")))
	filters := vectorstores.WithFilters
	assert.Equal(t, []string{"a", "b"}, ids(filters(map[string]any{"source": "x.md"})))
	assert.Equal(t, []string{"b"}, ids(filters(map[string]any{"source": "x.md", "n": 1.0})))
	assert.Empty(t, ids(filters(map[string]any{"n": ""})), "a missing key is no empty value")
	assert.Equal(t, []string{"b", "c", "d"}, ids(filters(Filter{WhereDocument: map[string]string{"$contains": "red"}})))
	assert.Equal(t, []string{"c"}, ids(filters(Filter{
		Where:         map[string]string{"source": "y.md"},
		WhereDocument: map[string]string{"$contains": "red", "$not_contains": "1 2"},
	})))
	assert.Empty(t, e.batches)
	assert.Empty(t, e.queries)

	t.Run("documents are copies", func(t *testing.T) {
		for e, err := range s.All(t.Context()) {
			require.NoError(t, err)
			e.Metadata["id"] = "changed"
		}
		assert.Equal(t, []string{"a", "b", "c", "d"}, ids())
	})
	t.Run("the loop may change the store", func(t *testing.T) {
		n := 0
		for e, err := range s.All(t.Context()) {
			require.NoError(t, err)
			require.NoError(t, s.Delete(t.Context(), []string{e.ID}))
			add(t, s, []schema.Document{doc("1 0", "id", e.ID+"2")})
			n++
		}
		assert.Equal(t, 4, n)
		assert.Equal(t, []string{"a2", "b2", "c2", "d2"}, ids())
	})
	t.Run("the loop may end", func(t *testing.T) {
		for _, err := range s.All(t.Context()) {
			require.NoError(t, err)
			break
		}
	})
	t.Run("errors", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		n := 0
		for _, err := range s.All(ctx) {
			if n++; n == 2 {
				require.ErrorIs(t, err, context.Canceled)
			}
			cancel()
		}
		assert.Equal(t, 2, n)
		for _, err := range s.All(t.Context(), filters("x")) {
			require.ErrorIs(t, err, ErrUnsupportedFilter)
		}
		for _, err := range s.All(t.Context(), vectorstores.WithScoreThreshold(0.5)) {
			require.ErrorIs(t, err, ErrUnsupportedOptions)
		}
	})
}

func TestDamagedMetadata(t *testing.T) {
	s, _ := newStore(t)
	add(t, s, docs("1 0"))
	require.NoError(t, s.get("documents").AddDocument(t.Context(), chromemgo.Document{
		ID: "x", Content: "0 1", Embedding: []float32{0, 1}, Metadata: map[string]string{reservedKey: "\xff"},
	}))
	for name, err := range map[string]error{
		"search": second(s.SimilaritySearch(t.Context(), "0 1", 1)),
	} {
		require.ErrorContains(t, err, `document "x": damaged metadata key`, name)
	}
	var last error
	for _, err := range s.All(t.Context()) {
		last = err
	}
	require.ErrorContains(t, last, `document "x": damaged metadata key`)
}

// List is what an index asks for.
func TestList(t *testing.T) {
	s, _ := newStore(t, WithIDs(metadataID))
	add(t, s, []schema.Document{doc("1 0", "id", "b", "n", 1), doc("0 1", "id", "a")}, vectorstores.WithNameSpace("x"))
	var ids []string
	yield := func(id string, metadata map[string]any) bool {
		assert.Equal(t, id, metadata["id"])
		ids = append(ids, id)
		return id != "b"
	}
	require.NoError(t, s.List(t.Context(), yield))
	assert.Empty(t, ids)
	require.NoError(t, s.List(t.Context(), yield, vectorstores.WithNameSpace("x")))
	require.NoError(t, s.List(t.Context(), yield, vectorstores.WithNameSpace("x"), vectorstores.WithFilters(map[string]any{"n": 1})))
	assert.Equal(t, []string{"a", "b", "b"}, ids)
	require.ErrorIs(t, s.List(t.Context(), yield, vectorstores.WithScoreThreshold(1)), ErrUnsupportedOptions)
}

func TestDelete(t *testing.T) {
	s, _ := newStore(t)
	require.NoError(t, s.Delete(t.Context(), []string{"a"}), "no collection")
	ids := add(t, s, docs("1 0", "0 1", "1 1"))
	require.NoError(t, s.Delete(t.Context(), nil))
	require.NoError(t, s.Delete(t.Context(), []string{"unknown", ""}))
	assert.Equal(t, 3, s.Count())
	require.NoError(t, s.Delete(t.Context(), []string{ids[0], "unknown", ids[0], ids[2]}))
	assert.Equal(t, []string{"0 1"}, contents(search(t, s, "1 0", 5)))

	err := s.Delete(t.Context(), ids, vectorstores.WithFilters(map[string]any{"k": "v"}))
	require.ErrorIs(t, err, ErrUnsupportedOptions)
	err = s.Delete(t.Context(), ids, vectorstores.WithScoreThreshold(1))
	require.ErrorIs(t, err, ErrUnsupportedOptions)
	assert.Equal(t, 1, s.Count())
}

func TestDeleteWritesNothingForNothing(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir))
	add(t, s, docs("1 0"))
	before := readFile(t, dir)
	require.NoError(t, s.Delete(t.Context(), []string{"unknown"}))
	_, err := s.DeleteWhere(t.Context(), map[string]string{"k": "v"})
	require.NoError(t, err)
	assert.Equal(t, before, readFile(t, dir))
}

func TestDeleteWhere(t *testing.T) {
	s, _ := newStore(t, WithIDs(metadataID))
	for _, ns := range []string{"", "other"} {
		add(t, s, []schema.Document{
			doc("1 0 red", "id", "a", "source", "x.md"), doc("0 1 blue", "id", "b", "source", "x.md"),
			doc("1 1 red", "id", "c", "source", "y.md"), doc("1 1 red", "id", "d"),
		}, vectorstores.WithNameSpace(ns))
	}
	remove := func(filters any, want int, opts ...vectorstores.Option) {
		t.Helper()
		n, err := s.DeleteWhere(t.Context(), filters, opts...)
		require.NoError(t, err)
		assert.Equal(t, want, n)
	}
	remove(map[string]any{"source": ""}, 0)
	remove(map[string]any{"source": "z.md"}, 0)
	remove(map[string]any{"source": "x.md"}, 0, vectorstores.WithNameSpace("missing"))
	assert.Equal(t, 4, s.Count())
	remove(map[string]any{"source": "x.md"}, 2)
	remove(Filter{WhereDocument: map[string]string{"$contains": "red"}, Where: map[string]string{"source": "y.md"}}, 1)
	assert.Equal(t, 1, s.Count())
	assert.Equal(t, 4, s.Count(vectorstores.WithNameSpace("other")))
	remove(map[string]any{"source": "x.md"}, 2, vectorstores.WithNameSpace("other"))

	for name, filters := range map[string]any{
		"nil": nil, "empty": map[string]any{}, "zero": Filter{}, "type": 1, "value": map[string]any{"k": nil},
		"operator": Filter{WhereDocument: map[string]string{"$or": ""}},
	} {
		_, err := s.DeleteWhere(t.Context(), filters)
		require.ErrorIs(t, err, ErrUnsupportedFilter, name)
	}
	_, err := s.DeleteWhere(t.Context(), map[string]any{"a": 1}, vectorstores.WithFilters(map[string]any{"b": 1}))
	require.ErrorIs(t, err, ErrUnsupportedOptions)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.DeleteWhere(ctx, map[string]any{"id": "d"})
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, s.Count())
}
