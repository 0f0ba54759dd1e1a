// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// Two names with the same file name: the first 32 bits of their SHA-256
// are equal. TestLayout checks that.
const (
	collidingA = "id-10014"
	collidingB = "id-22672"
)

func withCompression(on bool) []Option {
	if on {
		return []Option{WithCompression()}
	}
	return nil
}

func TestReopen(t *testing.T) {
	for _, compress := range []bool{false, true} {
		t.Run(fmt.Sprintf("compress %t", compress), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "a", "b")
			opts := append(withCompression(compress), WithPersistence(dir))
			s, _ := newStore(t, opts...)
			in := []schema.Document{
				doc("1 0", "n", int32(1), "at", time.Unix(0, 1).UTC(), "tags", []string{"a"}, "none", nil),
				doc("0 1"),
				{PageContent: "1 1", Metadata: map[string]any{}},
			}
			ids := add(t, s, in)
			add(t, s, docs("1 0 0"), vectorstores.WithNameSpace("other"))
			require.NoError(t, s.Delete(t.Context(), ids[1:2]))

			s, e := newStore(t, opts...)
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

			s, _ = newStore(t, opts...)
			assert.Equal(t, []string{"0 1"}, contents(search(t, s, "1 0", 5)))
		})
	}
}

func TestReopenKeepsNilMetadata(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir))
	add(t, s, docs("1 0"))
	s, _ = newStore(t, WithPersistence(dir))
	assert.Nil(t, search(t, s, "1 0", 1)[0].Metadata)
}

func TestConcurrentFirstSearches(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir))
	add(t, s, docs("1 0"))
	s, e := newStore(t, WithPersistence(dir))
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

func TestUnusableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := New(WithPersistence(file))
	require.ErrorContains(t, err, "is a file: name a folder")
	_, err = New(WithPersistence(filepath.Join(file, "below")))
	require.ErrorContains(t, err, "create the folder")
	require.ErrorContains(t, err, "name one that this process may write to")

	if os.Geteuid() > 0 {
		dir := t.TempDir()
		require.NoError(t, os.Chmod(dir, 0o500))
		_, err = New(WithPersistence(dir))
		require.ErrorContains(t, err, "cannot be written to")
		require.ErrorIs(t, err, os.ErrPermission)
	}
}

func TestOtherFilesAreIgnored(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "README"), []byte("x"), 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "mine", "too"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "mine", "notes.txt"), []byte("x"), 0o600))
	s, _ := newStore(t, WithPersistence(dir))
	add(t, s, docs("1 0"))
	_, err := New(WithPersistence(dir))
	require.NoError(t, err)
}

func TestWrongCompression(t *testing.T) {
	for _, compress := range []bool{false, true} {
		dir := t.TempDir()
		s, _ := newStore(t, append(withCompression(compress), WithPersistence(dir))...)
		add(t, s, docs("1 0"))
		_, err := New(append(withCompression(!compress), WithPersistence(dir))...)
		if compress {
			require.ErrorContains(t, err, "add WithCompression")
		} else {
			require.ErrorContains(t, err, "leave WithCompression away")
		}
	}
}

func TestDamagedFolder(t *testing.T) {
	for _, compress := range []bool{false, true} {
		for name, tc := range map[string]struct {
			damage func(t *testing.T, l layout)
			want   []string
		}{
			"cut off document": {
				func(t *testing.T, l layout) { require.NoError(t, os.Truncate(l.key("documents", "a"), 20)) },
				[]string{hashName("a"), "remove it and add its document again"},
			},
			"empty documents": {
				func(t *testing.T, l layout) {
					require.NoError(t, os.Truncate(l.key("documents", "a"), 0))
					require.NoError(t, os.Truncate(l.key("documents", "b"), 0))
				},
				[]string{hashName("a"), "and 1 more", hashName("b")},
			},
			"garbage": {
				func(t *testing.T, l layout) {
					require.NoError(t, os.WriteFile(l.key("documents", "a"), []byte(strings.Repeat("garbage", 9)), 0o600))
				},
				[]string{hashName("a")},
			},
			"empty metadata": {
				func(t *testing.T, l layout) {
					require.NoError(t, os.Truncate(filepath.Join(l.collectionDir("documents"), metadataFile+l.ext), 0))
				},
				[]string{metadataFile, "remove the folder it is in"},
			},
			"missing metadata": {
				func(t *testing.T, l layout) {
					require.NoError(t, os.Remove(filepath.Join(l.collectionDir("documents"), metadataFile+l.ext)))
				},
				[]string{hashName("documents"), "restore it from a backup"},
			},
		} {
			t.Run(fmt.Sprintf("%s, compress %t", name, compress), func(t *testing.T) {
				dir := t.TempDir()
				opts := append(withCompression(compress), WithPersistence(dir), WithIDs(metadataID))
				s, _ := newStore(t, opts...)
				add(t, s, []schema.Document{doc("1 0", "id", "a"), doc("1 0", "id", "b")})
				tc.damage(t, s.files)
				_, err := New(opts...)
				require.ErrorIs(t, err, ErrDamaged)
				for _, want := range tc.want {
					require.ErrorContains(t, err, want)
				}
			})
		}
	}
}

// A failing write must leave what was there: the file of an existing document
// is made unwritable, for root as well, by a folder in its place.
func TestFailedWriteIsTakenBack(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir), WithIDs(metadataID), WithConcurrency(1))
	add(t, s, []schema.Document{doc("1 0 old", "id", "a")})
	path := s.files.key("documents", "a")
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Mkdir(path, 0o700))

	_, err := s.AddDocuments(t.Context(), []schema.Document{
		doc("1 0 new", "id", "a"), doc("0 1 new", "id", "b"), doc("0 1 new", "id", "c"),
	})
	require.ErrorContains(t, err, `chromem: write to collection "documents"`)
	assert.Equal(t, []string{"1 0 old"}, contents(search(t, s, "1 0", 5)))
	assert.NoFileExists(t, s.files.key("documents", "b"))
	assert.NoFileExists(t, s.files.key("documents", "c"))
}

func TestFailedCreateLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir))
	require.NoError(t, os.WriteFile(s.files.collectionDir("documents"), nil, 0o600))
	_, err := s.AddDocuments(t.Context(), docs("1 0"))
	require.ErrorContains(t, err, `chromem: create collection "documents"`)
	assert.Zero(t, s.Count())
	_, err = New(WithPersistence(dir))
	require.NoError(t, err)
}

func TestNameCollisions(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir), WithIDs(metadataID))
	a, b := doc("1 0", "id", collidingA), doc("0 1", "id", collidingB)

	t.Run("in a batch", func(t *testing.T) {
		_, err := s.AddDocuments(t.Context(), []schema.Document{a, b})
		require.ErrorIs(t, err, ErrNameCollision)
		require.ErrorContains(t, err, fmt.Sprintf("the document id %q has the file name of the id %q", collidingB, collidingA))
		assert.Empty(t, s.db.ListCollections())
	})
	t.Run("with a stored document", func(t *testing.T) {
		add(t, s, []schema.Document{a})
		add(t, s, []schema.Document{a})
		_, err := s.AddDocuments(t.Context(), []schema.Document{b})
		require.ErrorIs(t, err, ErrNameCollision)
		require.NoError(t, s.Delete(t.Context(), []string{collidingB}))
		assert.FileExists(t, s.files.key("documents", collidingA), "not the file of the unknown id")
	})
	t.Run("of collections", func(t *testing.T) {
		add(t, s, docs("1 0"), vectorstores.WithNameSpace(collidingA))
		_, err := s.AddDocuments(t.Context(), docs("1 0"), vectorstores.WithNameSpace(collidingB))
		require.ErrorIs(t, err, ErrNameCollision)
		require.ErrorContains(t, err, "choose another name")
	})
	t.Run("in memory there are none", func(t *testing.T) {
		s, _ := newStore(t, WithIDs(metadataID))
		add(t, s, []schema.Document{a, b})
		assert.Equal(t, 2, s.Count())
	})
	t.Run("the folder can be opened again", func(t *testing.T) {
		again, _ := newStore(t, WithPersistence(dir))
		assert.Equal(t, []string{"1 0"}, contents(search(t, again, "1 0", 5)))
	})
}

// The layout is chromem-go's; see type layout.
func TestLayout(t *testing.T) {
	assert.Equal(t, hashName(collidingA), hashName(collidingB))
	for _, compress := range []bool{false, true} {
		dir := t.TempDir()
		s, _ := newStore(t, append(withCompression(compress), WithPersistence(dir))...)
		ids := add(t, s, docs("1 0", "0 1"))
		var files []string
		require.NoError(t, s.files.walk(func(path string, _ bool) error {
			files = append(files, path)
			return nil
		}))
		assert.ElementsMatch(t, []string{
			filepath.Join(s.files.collectionDir("documents"), metadataFile+s.files.ext),
			s.files.key("documents", ids[0]), s.files.key("documents", ids[1]),
		}, files)
	}
}
