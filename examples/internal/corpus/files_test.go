// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFiles(t *testing.T) {
	manual, err := os.ReadFile("testdata/three-pages.pdf") // The second one is empty.
	require.NoError(t, err)
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"a.md": "# One", "b.txt": "", "c.txt": "caf\xe9", "manual.pdf": string(manual), "sub/z.html": "<p>last</p>", "skip.go": "",
	})
	calls := 0
	got, err := FilesInDir(t.Context(), dir, func(_ string, n, total int) {
		calls++
		assert.Equal(t, calls, n)
		assert.Equal(t, 5, total)
	})
	require.NoError(t, err)
	require.Len(t, got, 5)
	assert.Equal(t, File{Name: "a.md", Text: "# One"}, got[0])
	assert.Equal(t, "b.txt", got[1].Name)
	require.ErrorContains(t, got[1].Err, "is empty")
	assert.Equal(t, "c.txt", got[2].Name)
	require.ErrorContains(t, got[2].Err, "is not valid UTF-8")
	assert.Equal(t, File{Name: "manual.pdf", Text: "First page\n\nThird page"}, got[3])
	assert.Equal(t, File{Name: "sub/z.html", Text: "last"}, got[4])

	same, err := FilesInFS(t.Context(), os.DirFS(dir), nil)
	require.NoError(t, err)
	assert.Equal(t, got[3], same[3])
}

func TestFilesErrors(t *testing.T) {
	_, err := FilesInDir(t.Context(), "nowhere", nil)
	assert.Equal(t, "does not exist", problem(t, err).Problem)
	_, err = FilesInFS(t.Context(), fstest.MapFS{"main.go": file("x")}, nil)
	assert.Equal(t, "holds no document", problem(t, err).Problem)
}
