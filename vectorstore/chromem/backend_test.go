// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"os"
	"path/filepath"
	"testing"

	chromemgo "github.com/philippgille/chromem-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// A failing write of chromem-go must leave what was there: the file of an
// existing document is made unwritable, for root as well, by a folder in its
// place.
func TestFailedWriteOfADBIsTakenBack(t *testing.T) {
	dir := t.TempDir()
	db, err := chromemgo.NewPersistentDB(dir, false)
	require.NoError(t, err)
	s, _ := newStore(t, WithDB(db), WithIDs(metadataID), WithConcurrency(1))
	add(t, s, []schema.Document{doc("1 0 old", "id", "a")})
	file := func(id string) string { return filepath.Join(dir, legacyName("documents"), legacyName(id)+".gob") }
	require.NoError(t, os.Remove(file("a")))
	require.NoError(t, os.Mkdir(file("a"), 0o700))

	_, err = s.AddDocuments(t.Context(), []schema.Document{
		doc("1 0 new", "id", "a"), doc("0 1 new", "id", "b"), doc("0 1 new", "id", "c"),
	})
	require.ErrorContains(t, err, `chromem: write to collection "documents"`)
	require.ErrorContains(t, err, `take back document "a"`)
	assert.Equal(t, []string{"1 0 old"}, contents(search(t, s, "1 0", 5)))
	assert.NoFileExists(t, file("b"))
	assert.NoFileExists(t, file("c"))
}

// All collections of an import, or none.
func TestFailedImportIntoADBIsTakenBack(t *testing.T) {
	dir := t.TempDir()
	db, err := chromemgo.NewPersistentDB(dir, false)
	require.NoError(t, err)
	s, _ := newStore(t, WithDB(db), WithIDs(metadataID))
	add(t, s, []schema.Document{doc("1 0 old", "id", "a")}, vectorstores.WithNameSpace("c1"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, legacyName("c3")), nil, 0o600))
	before := everything(t, s)

	source, _ := newStore(t, WithIDs(metadataID))
	for _, name := range []string{"c1", "c2", "c3"} {
		add(t, source, []schema.Document{doc("1 0 new", "id", "a"), doc("1 0 new", "id", "b")}, vectorstores.WithNameSpace(name))
	}
	_, err = s.Import(t.Context(), exported(t, source))
	require.ErrorContains(t, err, `chromem: write to collection "c3"`)
	assert.Equal(t, before, everything(t, s))
	assert.Len(t, db.ListCollections(), 1)
	require.NoError(t, os.Remove(filepath.Join(dir, legacyName("c3"))))
	db, err = chromemgo.NewPersistentDB(dir, false)
	require.NoError(t, err)
	again, _ := newStore(t, WithDB(db))
	assert.Equal(t, before, everything(t, again))
}

// chromem-go removes the file of an unknown id, which may be another document's.
func TestDeleteInADBKeepsOtherFiles(t *testing.T) {
	dir := t.TempDir()
	db, err := chromemgo.NewPersistentDB(dir, false)
	require.NoError(t, err)
	s, _ := newStore(t, WithDB(db), WithIDs(metadataID))
	add(t, s, []schema.Document{doc("1 0", "id", collidingA)})
	require.NoError(t, s.Delete(t.Context(), []string{collidingB}))
	assert.FileExists(t, filepath.Join(dir, legacyName("documents"), legacyName(collidingA)+".gob"))
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
