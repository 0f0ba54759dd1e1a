// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

func TestStoresOfOneFolder(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip(err) // Windows allows it to some.
	}
	t.Chdir(filepath.Dir(dir))

	a, _ := newStore(t, WithPersistence(dir), WithCollection("a"))
	b, _ := newStore(t, WithPersistence(link), WithCollection("b"))
	c, _ := newStore(t, WithPersistence(filepath.Base(dir)+"/../"+filepath.Base(dir)), WithCollection("a"))
	add(t, a, docs("1 0"))
	add(t, b, docs("0 1 0"))
	add(t, c, docs("0 1"))
	assert.Equal(t, []string{"1 0", "0 1"}, contents(search(t, a, "1 0", 5)))
	assert.Equal(t, 2, c.Count())
	assert.Equal(t, 1, a.Count(vectorstores.WithNameSpace("b")))

	require.NoError(t, a.Close())
	require.NoError(t, a.Close(), "a second time")
	_, err := a.AddDocuments(t.Context(), docs("1 0"))
	require.ErrorIs(t, err, ErrClosed)
	add(t, c, docs("1 1"))
	require.NoError(t, b.Close())
	assert.Len(t, openFolders.backends, 1)
	require.NoError(t, c.Close())
	assert.Empty(t, openFolders.backends)

	a, _ = newStore(t, WithPersistence(dir), WithCollection("a"))
	assert.Equal(t, 3, a.Count())
}

func TestStoresOfOneFolderAtTheSameTime(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 5 {
				s, err := New(WithPersistence(dir), WithEmbedder(&fakeEmbedder{}), WithIDs(metadataID))
				if !assert.NoError(t, err) {
					return
				}
				_, err = s.AddDocuments(context.Background(), []schema.Document{doc("1 0", "id", fmt.Sprintf("%d-%d", i, j))})
				assert.NoError(t, err)
				assert.NoError(t, s.Close())
			}
		})
	}
	wg.Wait()
	s, _ := newStore(t, WithPersistence(dir))
	assert.Equal(t, 40, s.Count())
}

func TestClosed(t *testing.T) {
	s, _ := newStore(t)
	ids := add(t, s, docs("1 0"))
	all := s.All(t.Context())
	require.NoError(t, s.Close())
	for call, err := range map[string]error{
		"add":      second(s.AddDocuments(t.Context(), docs("1 0"))),
		"add none": second(s.AddDocuments(t.Context(), nil)),
		"search":   second(s.SimilaritySearch(t.Context(), "1 0", 1)),
		"delete":   s.Delete(t.Context(), ids),
		"where":    second(s.DeleteWhere(t.Context(), map[string]string{"a": "b"})),
		"get":      second(s.Get(t.Context(), ids)),
		"list":     s.List(t.Context(), nil),
	} {
		require.ErrorIs(t, err, ErrClosed, call)
	}
	assert.Zero(t, s.Count())
	for _, err := range all {
		require.ErrorIs(t, err, ErrClosed)
	}
}

func second[T any](_ T, err error) error { return err }
