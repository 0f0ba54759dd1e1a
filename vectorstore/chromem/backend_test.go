// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// Two ids, also names of collections, with the same file name in chromem-go: the
// first 32 bits of their SHA-256 are equal.
const (
	collidingA = "id-10014"
	collidingB = "id-22672"
)

// fileOf is how chromem-go names files.
func fileOf(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:4])
}

// An error of chromem-go's own files reaches the caller.
func TestFailedWriteOfADB(t *testing.T) {
	dir := t.TempDir()
	db, err := chromemgo.NewPersistentDB(dir, false)
	require.NoError(t, err)
	s, _ := newStore(t, WithDB(db), WithIDs(metadataID))
	add(t, s, []schema.Document{doc("1 0 old", "id", "a")})
	file := filepath.Join(dir, fileOf("documents"), fileOf("b")+".gob")
	require.NoError(t, os.Mkdir(file, 0o700))
	_, err = s.AddDocuments(t.Context(), []schema.Document{doc("0 1 new", "id", "b")})
	require.ErrorContains(t, err, `chromem: write to collection "documents"`)
	require.ErrorContains(t, err, file)
}

// chromem-go removes the file of an unknown id, which may be another document's.
func TestDeleteInADBKeepsOtherFiles(t *testing.T) {
	dir := t.TempDir()
	db, err := chromemgo.NewPersistentDB(dir, false)
	require.NoError(t, err)
	s, _ := newStore(t, WithDB(db), WithIDs(metadataID))
	add(t, s, []schema.Document{doc("1 0", "id", collidingA)})
	require.NoError(t, s.Delete(t.Context(), []string{collidingB}))
	assert.FileExists(t, filepath.Join(dir, fileOf("documents"), fileOf(collidingA)+".gob"))
}

func TestAllOfADB(t *testing.T) {
	db := chromemgo.NewDB()
	s, _ := newStore(t, WithDB(db), WithIDs(metadataID))
	assert.Empty(t, everything(t, s))
	for e, err := range s.All(t.Context(), vectorstores.WithNameSpace("missing")) {
		t.Error("a document of a missing collection", e, err)
	}
	in := doc("1 0", "id", "a", "n", 1)
	add(t, s, []schema.Document{in})
	require.NoError(t, db.GetCollection("documents", nil).AddDocument(t.Context(), chromemgo.Document{
		ID: "of others", Content: "0 1", Metadata: map[string]string{"k": "v"},
	}))
	assert.Equal(t, map[string]map[string]schema.Document{
		"documents": {"a": in, "of others": doc("0 1", "k", "v")},
	}, everything(t, s))

	n, err := s.DeleteWhere(t.Context(), map[string]string{"k": "v"})
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	assert.Equal(t, map[string]map[string]schema.Document{"documents": {"a": in}}, everything(t, s))
}
