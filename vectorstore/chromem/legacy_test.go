// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// legacyName is how chromem-go names files.
func legacyName(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:4])
}

// legacy returns a folder that chromem-go has written, and what is in it.
func legacy(t *testing.T, compress bool) (string, map[string]map[string]schema.Document) {
	t.Helper()
	dir := t.TempDir()
	db, err := chromemgo.NewPersistentDB(dir, compress)
	require.NoError(t, err)
	s, _ := newStore(t, WithDB(db), WithIDs(metadataID))
	add(t, s, []schema.Document{
		doc("1 0", "id", "a", "n", 1, "list", []any{1, "x"}), doc("0 1 \xff", "id", "b"),
	})
	add(t, s, docs("1 0 0", "0 1 0"), vectorstores.WithNameSpace("other"))
	return dir, everything(t, s)
}

func TestFoldersOfChromemGo(t *testing.T) {
	for _, compress := range []bool{false, true} {
		t.Run(fmt.Sprintf("compress %t", compress), func(t *testing.T) {
			dir, want := legacy(t, compress)
			before := files(t, dir)
			s, _ := newStore(t, WithPersistence(dir))
			assert.Equal(t, want, everything(t, s))
			assert.Subset(t, files(t, dir), before, "its files stay")

			// From now on they are not looked at.
			require.NoError(t, s.Delete(t.Context(), []string{"a"}))
			require.NoError(t, os.RemoveAll(filepath.Join(dir, legacyName("other"))))
			s, _ = reopen(t, s, WithPersistence(dir))
			delete(want["documents"], "a")
			assert.Equal(t, want, everything(t, s))
		})
	}
}

func TestDamagedFoldersOfChromemGo(t *testing.T) {
	for name, tc := range map[string]struct {
		damage func(dir, ext string) error
		want   []string
	}{
		"cut off document": {
			func(dir, ext string) error { return os.Truncate(filepath.Join(dir, legacyName("a")+ext), 20) },
			[]string{legacyName("a"), "remove it and add its document again"},
		},
		"empty name": {
			func(dir, ext string) error { return os.Truncate(filepath.Join(dir, "00000000"+ext), 0) },
			[]string{"00000000", "remove the folder it is in"},
		},
		"missing name": {
			func(dir, ext string) error { return os.Remove(filepath.Join(dir, "00000000"+ext)) },
			[]string{legacyName("documents"), "restore it from a backup"},
		},
	} {
		for _, ext := range []string{".gob", ".gob.gz"} {
			t.Run(name+ext, func(t *testing.T) {
				dir, _ := legacy(t, ext == ".gob.gz")
				require.NoError(t, tc.damage(filepath.Join(dir, legacyName("documents")), ext))
				before := files(t, dir)
				_, err := New(WithPersistence(dir))
				require.ErrorIs(t, err, ErrDamaged)
				for _, want := range tc.want {
					require.ErrorContains(t, err, want)
				}
				assert.Equal(t, before, files(t, dir))
			})
		}
	}

	t.Run("two dimensions", func(t *testing.T) {
		dir := t.TempDir()
		db, err := chromemgo.NewPersistentDB(dir, false)
		require.NoError(t, err)
		col, err := db.CreateCollection("c", nil, nil)
		require.NoError(t, err)
		for id, v := range map[string][]float32{"a": {1}, "b": {1, 0}} {
			require.NoError(t, col.AddDocument(t.Context(), chromemgo.Document{ID: id, Embedding: v}))
		}
		_, err = New(WithPersistence(dir))
		require.ErrorIs(t, err, ErrDimension)
	})
}
