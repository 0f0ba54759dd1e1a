// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
)

// One Store at a time has the file, also within a process.
func TestInUse(t *testing.T) {
	dir := t.TempDir()
	a, _ := newStore(t, WithPersistence(dir))
	add(t, a, docs("1 0"))
	_, err := New(WithPersistence(dir))
	require.ErrorIs(t, err, ErrInUse)
	require.ErrorContains(t, err, filepath.Join(dir, fileName))
	add(t, a, docs("0 1"))
	require.NoError(t, a.Close())
	require.NoError(t, a.Close(), "a second time")
	b, _ := newStore(t, WithPersistence(dir))
	assert.Equal(t, 2, b.Count())
}

// Whichever of many stores at a time has the folder, none loses what another added.
func TestStoresOfOneFolderAtTheSameTime(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 3 {
				s, err := New(WithPersistence(dir), WithEmbedder(&fakeEmbedder{}), WithIDs(metadataID))
				for errors.Is(err, ErrInUse) {
					s, err = New(WithPersistence(dir), WithEmbedder(&fakeEmbedder{}), WithIDs(metadataID))
				}
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
	assert.Equal(t, 12, s.Count())
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
