// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
)

func file(data string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(data)} }

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, data := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(p), 0o755))
		require.NoError(t, os.WriteFile(p, []byte(data), 0o600))
	}
}

func problem(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	require.ErrorAs(t, err, &e)
	assert.NotContains(t, e.Error(), "\n")
	assert.NotEmpty(t, e.Hint)
	return e
}

const page = `<html><head><title>T</title><style>p{}</style></head><body>
<script>var x = "</b>secret";</script>
<h1>Pumps &amp; hoses</h1><p>One.</p><p>Use List&lt;T&gt; and "quotes".</p>
<ul><li>red</li><li>blue</li></ul></body></html>`

func TestLoadDir(t *testing.T) {
	dir := t.TempDir()
	manual, err := os.ReadFile("testdata/three-pages.pdf") // The second one is empty.
	require.NoError(t, err)
	write(t, dir, map[string]string{
		"b.MD":          "\ufeff# Title\r\n\r\nText.\r\n",
		"a/z.txt":       "مرحبا",
		"a.markdown":    "markdown",
		"page.HTML":     page,
		"manual.pdf":    string(manual),
		"skip.go":       "package main",
		".hidden.md":    "",
		".git/notes.md": "",
		"folder.md/x":   "x",
	})
	type call struct {
		file     string
		n, total int
	}
	var calls []call
	docs, err := LoadDir(t.Context(), dir, func(f string, n, total int) { calls = append(calls, call{f, n, total}) })
	require.NoError(t, err)
	assert.Equal(t, []call{{"a.markdown", 1, 5}, {"a/z.txt", 2, 5}, {"b.MD", 3, 5}, {"manual.pdf", 4, 5}, {"page.HTML", 5, 5}}, calls)
	assert.Equal(t, []schema.Document{
		{PageContent: "markdown", Metadata: map[string]any{"source": "a.markdown"}},
		{PageContent: "مرحبا", Metadata: map[string]any{"source": "a/z.txt"}},
		{PageContent: "# Title\n\nText.\n", Metadata: map[string]any{"source": "b.MD"}},
		{PageContent: "First page", Metadata: map[string]any{"source": "manual.pdf", "page": 1, "total_pages": 3}},
		{PageContent: "Third page", Metadata: map[string]any{"source": "manual.pdf", "page": 3, "total_pages": 3}},
		{PageContent: "Pumps & hoses\n\nOne.\n\nUse List<T> and \"quotes\".\n\n- red\n- blue", Metadata: map[string]any{"source": "page.HTML"}},
	}, docs)

	same, err := LoadFS(t.Context(), os.DirFS(dir), nil)
	require.NoError(t, err)
	assert.Equal(t, docs, same)
}

func TestFolderErrors(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"file.md": "x", "none/main.go": "x"})

	missing := filepath.Join(dir, "missing")
	_, err := LoadDir(t.Context(), missing, nil)
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.Equal(t, "does not exist", problem(t, err).Problem)
	assert.Equal(t, missing, problem(t, err).Path)

	_, err = LoadDir(t.Context(), "", nil)
	assert.Equal(t, "does not exist", problem(t, err).Problem)

	_, err = LoadDir(t.Context(), filepath.Join(dir, "file.md"), nil)
	assert.Equal(t, "is a file, not a folder", problem(t, err).Problem)

	_, err = LoadDir(t.Context(), filepath.Join(dir, "none"), nil)
	assert.Equal(t, filepath.Join(dir, "none"), problem(t, err).Path)
	assert.Equal(t, "holds no document", problem(t, err).Problem)
	assert.Contains(t, problem(t, err).Hint, ".md .markdown .txt .html .htm .pdf")

	_, err = LoadFS(t.Context(), fstest.MapFS{}, nil)
	assert.Equal(t, "holds no document", problem(t, err).Problem)
	_, err = LoadFS(t.Context(), nil, nil)
	assert.Equal(t, "is not a file system", problem(t, err).Problem)
	_, err = LoadFS(t.Context(), os.DirFS(missing), nil)
	assert.Equal(t, "does not exist", problem(t, err).Problem)
}

func TestFileErrors(t *testing.T) {
	for _, tt := range []struct{ name, data, want string }{
		{"a.md", "", "is empty"},
		{"a.txt", " \n\t", "is empty"},
		{"a.txt", "\ufeff\n", "is empty"},
		{"a.pdf", "", "is empty"},
		{"a.txt", "caf\xe9", "is not valid UTF-8"},
		{"a.html", "<p>caf\xe9</p>", "is not valid UTF-8"},
		{"a.md", "h\x00i\x00", "is not text (it holds zero bytes)"},
		{"a.html", "<html><head><title>T</title></head><body><script>x()</script><img src=x></body></html>", "holds no text"},
		{"a.pdf", "hello", "is not a PDF that can be read (not a PDF file: invalid header)"},
	} {
		t.Run(tt.want, func(t *testing.T) {
			_, err := LoadFS(t.Context(), fstest.MapFS{"sub/" + tt.name: file(tt.data), "z.md": file("good")}, nil)
			e := problem(t, err)
			assert.Equal(t, "sub/"+tt.name, e.Path)
			assert.Contains(t, e.Problem, tt.want)
		})
	}
}

func TestPermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads every file, so a permission error cannot be made")
	}
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.md": "x"})
	require.NoError(t, os.Chmod(filepath.Join(dir, "a.md"), 0))
	_, err := LoadDir(t.Context(), dir, nil)
	require.ErrorIs(t, err, fs.ErrPermission)
	assert.Contains(t, problem(t, err).Hint, "right to read")
}

type denied struct{ fs.FS }

func (d denied) Open(name string) (fs.File, error) {
	if strings.HasSuffix(name, "no.md") || strings.HasSuffix(name, "closed") {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.FS.Open(name)
}

func TestDenied(t *testing.T) {
	for path, fsys := range map[string]fstest.MapFS{
		"no.md":  {"no.md": file("x")},
		"closed": {"closed/x.md": file("x")},
	} {
		_, err := LoadFS(t.Context(), denied{fsys}, nil)
		require.ErrorIs(t, err, fs.ErrPermission)
		assert.Equal(t, path, problem(t, err).Path)
		assert.Equal(t, "cannot be read (permission denied)", problem(t, err).Problem)
	}
}

func TestLinks(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	write(t, outside, map[string]string{"secret.md": "secret"})
	write(t, dir, map[string]string{"real.md": "real", "sub/x.md": "x"})
	link := func(target, name string) {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skipf("links cannot be made here: %v", err)
		}
	}
	link("real.md", "alias.md")
	link("sub", "again")
	link(outside, "away")

	docs, err := LoadDir(t.Context(), dir, nil)
	require.NoError(t, err)
	var sources []any
	for _, d := range docs {
		sources = append(sources, d.Metadata["source"])
	}
	assert.Equal(t, []any{"alias.md", "real.md", "sub/x.md"}, sources)

	link(filepath.Join(outside, "secret.md"), "leak.md")
	_, err = LoadDir(t.Context(), dir, nil)
	assert.Contains(t, problem(t, err).Problem, "is a link that cannot be followed")
}

func TestSpecialFile(t *testing.T) {
	_, err := LoadFS(t.Context(), fstest.MapFS{"pipe.txt": {Mode: fs.ModeNamedPipe}}, nil)
	assert.Equal(t, "is not a regular file", problem(t, err).Problem)
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := LoadFS(ctx, fstest.MapFS{"a.md": file("x"), "b.md": file("y")}, func(string, int, int) { cancel() })
	require.ErrorIs(t, err, context.Canceled)
	_, err = LoadFS(ctx, fstest.MapFS{"a.md": file("x")}, nil)
	require.ErrorIs(t, err, context.Canceled)
}
