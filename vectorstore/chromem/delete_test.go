// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

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
