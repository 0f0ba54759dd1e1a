// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDocuments(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.md": "# A", "b.txt": " \n", "c.txt": "caf\xe9", "d.csv": "k\n1\n", ".hidden.md": "x"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	pages, err := os.ReadFile("testdata/three-pages.pdf")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "p.pdf"), pages, 0o600))
	var progress bytes.Buffer
	l, err := Documents(t.Context(), dir, &progress)
	require.NoError(t, err)
	files, err := Files(t.Context(), l)
	require.NoError(t, err)
	require.Len(t, files, 4)
	assert.Equal(t, File{Name: "a.md", Text: "# A"}, files[0])
	require.ErrorContains(t, files[1].Err, "b.txt: is empty")
	require.ErrorContains(t, files[2].Err, "c.txt: is not valid UTF-8")
	assert.Equal(t, "p.pdf", files[3].Name)
	assert.Contains(t, files[3].Text, "\n\n", "pages are one text")
	assert.Equal(t, "loading 1/4 a.md\nloading 2/4 b.txt\nloading 3/4 c.txt\nloading 4/4 p.pdf\n", progress.String())
}

func TestDocumentsOfNoUse(t *testing.T) {
	empty := t.TempDir()
	file := filepath.Join(empty, "only.csv")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for dir, want := range map[string]string{empty: "holds no document", file: "is a file", filepath.Join(empty, "none"): "does not exist"} {
		_, err := Documents(t.Context(), dir, &bytes.Buffer{})
		require.ErrorContains(t, err, want)
		assert.Equal(t, ExitUsage, Exit("x", &bytes.Buffer{}, err))
	}
}
