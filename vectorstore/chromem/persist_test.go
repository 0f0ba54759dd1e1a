// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"go.etcd.io/bbolt"
)

// Names of which the first 32 bits of the SHA-256 are the same: chromem-go names
// its files by these.
const (
	collidingA = "id-10014"
	collidingB = "id-22672"
)

// reopen closes the store before, so that the documents come from the disk.
func reopen(t *testing.T, before *Store, opts ...Option) (*Store, *fakeEmbedder) {
	t.Helper()
	require.NoError(t, before.Close())
	return newStore(t, opts...)
}

// everything returns the documents of all collections by collection and id.
func everything(t testing.TB, s *Store) map[string]map[string]schema.Document {
	t.Helper()
	all := map[string]map[string]schema.Document{}
	for name, col := range s.db.ListCollections() {
		if col.Count() == 0 {
			continue
		}
		all[name] = map[string]schema.Document{}
		for e, err := range s.All(t.Context(), vectorstores.WithNameSpace(name)) {
			require.NoError(t, err)
			all[name][e.ID] = e.Document
		}
		assert.Len(t, all[name], s.Count(vectorstores.WithNameSpace(name)))
	}
	return all
}

func readFile(t testing.TB, dir string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, fileName))
	require.NoError(t, err)
	return data
}

func writeFile(t testing.TB, dir string, data []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, fileName), data, 0o600))
}

func TestReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	opt := WithPersistence(dir)
	s, _ := newStore(t, opt)
	in := []schema.Document{
		doc("1 0", "n", int32(1), "at", time.Unix(0, 1).UTC(), "tags", []string{"a"}, "none", nil),
		doc("0 1"),
		{PageContent: "1 1", Metadata: map[string]any{}},
	}
	ids := add(t, s, in)
	add(t, s, docs("1 0 0"), vectorstores.WithNameSpace("other"))
	require.NoError(t, s.Delete(t.Context(), ids[1:2]))

	s, e := reopen(t, s, opt)
	assert.Equal(t, 2, s.Count())
	found := search(t, s, "1 0", 5)
	require.Len(t, found, 2)
	assert.Equal(t, in[0].Metadata, found[0].Metadata)
	assert.Equal(t, float32(1), found[0].Score)
	assert.Equal(t, in[2].Metadata, found[1].Metadata)
	assert.Equal(t, []string{"1 0"},
		contents(search(t, s, "1 0", 5, vectorstores.WithFilters(map[string]any{"n": 1}))))

	_, err := s.SimilaritySearch(t.Context(), "1 0 0", 1)
	require.ErrorIs(t, err, ErrDimension)
	require.ErrorContains(t, err, "has vectors of 2")
	_, err = s.AddDocuments(t.Context(), docs("1 0"), vectorstores.WithNameSpace("other"))
	require.ErrorIs(t, err, ErrDimension)
	require.ErrorContains(t, err, "has vectors of 3")

	e.batches = nil
	add(t, s, docs("0 1"))
	assert.Equal(t, [][]string{{"0 1"}}, e.batches)
	require.NoError(t, s.Delete(t.Context(), ids))

	s, _ = reopen(t, s, opt)
	assert.Equal(t, []string{"0 1"}, contents(search(t, s, "1 0", 5)))

	// An emptied collection may begin anew with another dimension.
	_, err = s.DeleteWhere(t.Context(), Filter{WhereDocument: map[string]string{"$contains": "0"}})
	require.NoError(t, err)
	add(t, s, docs("0 0 1"))
	s, _ = reopen(t, s, opt)
	assert.Equal(t, []string{"0 0 1"}, contents(search(t, s, "1 0 0", 5)))
}

func TestReopenKeepsNilMetadata(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir))
	add(t, s, docs("1 0"))
	s, _ = reopen(t, s, WithPersistence(dir))
	assert.Nil(t, search(t, s, "1 0", 1)[0].Metadata)
}

// Scores are the same to the last bit, wherever the vectors come from.
func TestScoresOfAReopenedStore(t *testing.T) {
	opts := []Option{WithPersistence(t.TempDir()), WithEmbedder(newBenchEmbedder())}
	s, err := New(opts...)
	require.NoError(t, err)
	for part := range slices.Chunk(benchDocuments()[:200], 50) {
		add(t, s, part)
	}
	before := search(t, s, "query", 200)
	require.NoError(t, s.Close())
	s, err = New(opts...)
	require.NoError(t, err)
	assert.Equal(t, before, search(t, s, "query", 200))
	require.NoError(t, s.Close())
}

func TestConcurrentFirstSearches(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir))
	add(t, s, docs("1 0"))
	s, e := reopen(t, s, WithPersistence(dir))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			found, err := s.SimilaritySearch(t.Context(), "1 0", 1)
			assert.NoError(t, err)
			assert.Len(t, found, 1)
		})
	}
	wg.Wait()
	assert.Len(t, e.queries, 4)
}

// The space of what is deleted is used again.
func TestDeletedSpaceIsUsedAgain(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir))
	var size int
	for i := range 20 {
		ids := add(t, s, docs(slices.Repeat([]string{"1 0 " + strings.Repeat("x", 4000)}, 50)...))
		require.NoError(t, s.Delete(t.Context(), ids))
		if i == 4 {
			size = len(readFile(t, dir))
		}
	}
	assert.LessOrEqual(t, len(readFile(t, dir)), size)
}

// Ids and names whose files would collide in chromem-go.
func TestNoCollisions(t *testing.T) {
	dir := t.TempDir()
	opts := []Option{WithPersistence(dir), WithIDs(metadataID)}
	s, _ := newStore(t, opts...)
	for _, name := range []string{collidingA, collidingB} {
		add(t, s, []schema.Document{doc("1 0", "id", collidingA), doc("0 1", "id", collidingB)}, vectorstores.WithNameSpace(name))
	}
	s, _ = reopen(t, s, opts...)
	for _, name := range []string{collidingA, collidingB} {
		assert.Equal(t, []string{"1 0", "0 1"}, contents(search(t, s, "1 0", 5, vectorstores.WithNameSpace(name))))
		require.NoError(t, s.Delete(t.Context(), []string{collidingB}, vectorstores.WithNameSpace(name)))
	}
	s, _ = reopen(t, s, opts...)
	assert.Equal(t, []string{"1 0"}, contents(search(t, s, "1 0", 5, vectorstores.WithNameSpace(collidingB))))
}

// What bbolt cannot store is refused before anything changes.
func TestTooLongID(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir), WithIDs(metadataID))
	_, err := s.AddDocuments(t.Context(), []schema.Document{doc("1 0", "id", "a"), doc("1 0", "id", strings.Repeat("x", 40_000))})
	require.ErrorContains(t, err, `document "xxx`)
	require.ErrorContains(t, err, "key too large")
	assert.Less(t, len(err.Error()), 400)
	assert.Zero(t, s.Count())
	add(t, s, []schema.Document{doc("1 0", "id", "a")})
	s, _ = reopen(t, s, WithPersistence(dir))
	assert.Equal(t, 1, s.Count())
}

// A file that bbolt has compacted is smaller, and holds the same.
func TestCompactedFile(t *testing.T) {
	dir, smaller := t.TempDir(), t.TempDir()
	s, _ := newStore(t, WithPersistence(dir))
	ids := add(t, s, docs(slices.Repeat([]string{"1 0 " + strings.Repeat("x", 1000)}, 200)...))
	require.NoError(t, s.Delete(t.Context(), ids[5:]))
	want := everything(t, s)
	require.NoError(t, s.Close())

	from, err := bbolt.Open(filepath.Join(dir, fileName), 0o600, nil)
	require.NoError(t, err)
	to, err := bbolt.Open(filepath.Join(smaller, fileName), 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, bbolt.Compact(to, from, 0))
	require.NoError(t, errors.Join(from.Close(), to.Close()))
	assert.Less(t, len(readFile(t, smaller)), len(readFile(t, dir)))
	s, _ = newStore(t, WithPersistence(smaller))
	assert.Equal(t, want, everything(t, s))
	add(t, s, docs("0 1"))
}
