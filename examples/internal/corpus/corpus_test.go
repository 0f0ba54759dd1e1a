// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
)

// makePDF writes the smallest PDF that the loader's library accepts, with one
// page for each text.
func makePDF(pages ...string) []byte {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"}
	var kids []string
	for _, text := range pages {
		stream := "BT /F1 12 Tf 72 720 Td (" + text + ") Tj ET"
		n := len(objects) + 1
		kids = append(kids, fmt.Sprintf("%d 0 R", n))
		objects = append(objects,
			fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>", n+1),
			fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(stream), stream))
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", strings.Join(kids, " "), len(pages))

	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref)
	return b.Bytes()
}

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
	write(t, dir, map[string]string{
		"b.MD":          "\ufeff# Title\r\n\r\nText.\r\n",
		"a/z.txt":       "مرحبا",
		"a.markdown":    "markdown",
		"page.HTML":     page,
		"manual.pdf":    string(makePDF("First page", "", "Third page")),
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
	good := makePDF("text")
	for _, tt := range []struct{ name, data, want string }{
		{"a.md", "", "is empty"},
		{"a.txt", " \n\t", "is empty"},
		{"a.txt", "\ufeff\n", "is empty"},
		{"a.pdf", "", "is empty"},
		{"a.txt", "caf\xe9", "is not valid UTF-8"},
		{"a.html", "<p>caf\xe9</p>", "is not valid UTF-8"},
		{"a.md", "h\x00i\x00", "is not text (it holds zero bytes)"},
		{"a.html", "<html><head><title>T</title></head><body><script>x()</script><img src=x></body></html>", "holds no text"},
		{"a.pdf", string(makePDF("")), "holds no text"},
		{"a.pdf", "hello", "is not a PDF that can be read (not a PDF file: invalid header)"},
		{"a.pdf", string(good[:len(good)/2]), "is not a PDF that can be read"},
		{"a.pdf", "%PDF-1.4\n" + strings.Repeat("\n", 200), "is not a PDF that can be read"},
		{"a.pdf", strings.Replace(string(good), "/Root 1 0 R", "/Root 9 0 R", 1), "holds no text"},
		{"a.pdf", strings.Replace(string(good), "2 0 obj\n<<", "2 0 obj\n>>", 1), "is not a PDF that can be read"},
		{"a.pdf", strings.Replace(string(good), "4 0 obj", "7 7 xyz", 1), "is not a PDF that can be read"},
	} {
		t.Run(tt.want, func(t *testing.T) {
			_, err := LoadFS(t.Context(), fstest.MapFS{"sub/" + tt.name: file(tt.data), "z.md": file("good")}, nil)
			e := problem(t, err)
			assert.Equal(t, "sub/"+tt.name, e.Path)
			assert.Contains(t, e.Problem, tt.want)
		})
	}
}

// The PDF library panics on some damaged files; none of them may end the
// program.
func TestDamagedPDF(t *testing.T) {
	good := makePDF("text", "more")
	for i := 9; i < len(good); i += 3 {
		// Digits and names of the page tree are left alone: a wrong count sends
		// the library into an endless loop, which only the limit ends.
		if bytes.Contains(good[max(0, i-60):min(len(good), i+60)], []byte("Pages")) {
			continue
		}
		bad := bytes.Clone(good)
		bad[i] = '('
		_, err := LoadFS(t.Context(), fstest.MapFS{"a.pdf": {Data: bad}}, nil)
		if err != nil {
			_ = problem(t, err)
		}
	}
}

func TestGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		hang := func() ([]schema.Document, error) { <-release; return nil, nil }
		start := time.Now()
		_, err := guard(t.Context(), time.Minute, hang)
		require.ErrorIs(t, err, errTooLong)
		assert.Equal(t, time.Minute, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = guard(ctx, time.Minute, hang)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		_, err = guard(t.Context(), time.Minute, func() ([]schema.Document, error) { panic("broken\nfile") })
		require.EqualError(t, err, "broken\nfile")
	})
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
