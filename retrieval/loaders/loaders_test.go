// SPDX-License-Identifier: Apache-2.0

package loaders_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/documentloaders"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/textsplitter"

	"github.com/spanloom/spanloom/retrieval/index"
	"github.com/spanloom/spanloom/retrieval/loaders"
)

func file(data string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(data)} }

// outline is what a loader gives, a line each.
func outline(t *testing.T, l *loaders.Loader) []string {
	t.Helper()
	var got []string
	for d, err := range l.Documents(t.Context()) {
		one, ok := errors.AsType[*index.SourceError](err)
		switch {
		case errors.Is(err, index.ErrSkipped):
			got = append(got, "skipped "+one.Source)
		case ok:
			got = append(got, "failed "+one.Source)
		case err != nil:
			got = append(got, "ended "+err.Error())
		default:
			got = append(got, fmt.Sprintf("%v %q", d.Metadata["source"], d.PageContent))
		}
	}
	return got
}

var mixed = fstest.MapFS{
	"b.MD":          file("\ufeff# Title\r\n\r\nText.\r\n"),
	"a/z.txt":       file("مرحبا"),
	"a.markdown":    file("markdown"),
	"a/bad.txt":     file("\xff"),
	"page.html":     file("<script>x</script><h1>A &amp; b</h1><p>List&lt;T&gt;</p>"),
	"empty.txt":     file(""),
	"t.csv":         file("\ufeffk,v\n1,\"a\nb\"\n"),
	"skip.go":       file("package main"),
	".hidden.md":    file("x"),
	".git/notes.md": file("x"),
}

func TestFolder(t *testing.T) {
	want := []string{
		"skipped .git/", "skipped .hidden.md",
		`a.markdown "markdown"`, "failed a/bad.txt", `a/z.txt "مرحبا"`, `b.MD "# Title\n\nText.\n"`,
		`empty.txt ""`, `page.html "A & b\n\nList<T>"`, "skipped skip.go", `t.csv "k: 1\nv: a\nb"`,
	}
	assert.Equal(t, want, outline(t, loaders.FS(mixed)))
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, mixed))
	l := loaders.Folder(dir)
	for range 2 {
		assert.Equal(t, want, outline(t, l), "a loader can be used again")
	}
	docs, err := l.Load(t.Context())
	require.ErrorContains(t, err, "a/bad.txt: is not valid UTF-8: save it as UTF-8 text")
	assert.Len(t, docs, 6)
}

func TestOptions(t *testing.T) {
	files := fstest.MapFS{"a.md": file("a"), "b.log": file("b"), "c.csv": file("k,v\n1,2\n"), "d.TXT": file("d"), "e.txt": file("\xff"), "f.txt": file("f")}
	text := func(r *bytes.Reader) documentloaders.Loader { return documentloaders.NewText(r) }
	column := func(r *bytes.Reader) documentloaders.Loader { return documentloaders.NewCSV(r, "v") }
	assert.Equal(t, []string{`x/a.md "a"`, "skipped x/b.log", `x/c.csv "k: 1\nv: 2"`, `x/d.TXT "d"`, "failed x/e.txt", `x/f.txt "f"`},
		outline(t, loaders.FS(files, loaders.WithPrefix("x/"), nil)))
	assert.Equal(t, []string{`a.md "a"`, `b.log "b"`, `c.csv "v: 2"`, "skipped d.TXT", "skipped e.txt", "skipped f.txt"},
		outline(t, loaders.FS(files, loaders.WithType("LOG", text), loaders.WithType(".csv", column), loaders.WithType("txt", nil))))
	var begun []string
	assert.Equal(t, []string{"skipped a.md", "skipped b.log", "skipped c.csv", `d.TXT "d"`, "failed e.txt", `f.txt "f"`},
		outline(t, loaders.FS(files, loaders.WithExtensions("txt"), loaders.WithProgress(func(s string) { begun = append(begun, s) }))))
	assert.Equal(t, []string{"d.TXT", "e.txt", "f.txt"}, begun)
	var found []string
	for s, err := range loaders.FS(files, loaders.WithPrefix("x/"), loaders.WithExtensions(".md", ".txt")).Files(t.Context()) {
		if err == nil {
			found = append(found, s)
		}
	}
	assert.Equal(t, []string{"x/a.md", "x/d.TXT", "x/e.txt", "x/f.txt"}, found)
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, mixed))
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	source := filepath.ToSlash(at("a/z.txt"))
	assert.Equal(t, []string{fmt.Sprintf("%s %q", source, "مرحبا")}, outline(t, loaders.File(at("a/z.txt"))))
	assert.Equal(t, []string{`docs:` + source + ` "مرحبا"`}, outline(t, loaders.File(at("a/z.txt"), loaders.WithPrefix("docs:"))))
	assert.Equal(t, []string{filepath.ToSlash(at(".hidden.md")) + ` "x"`}, outline(t, loaders.File(at(".hidden.md"))), "it is named")
	for name, want := range map[string]string{
		"none.txt": "cannot be read (no such file or directory)", "skip.go": "of a type that is not known", "a": "is a folder", "a/bad.txt": "UTF-8",
	} {
		_, err := loaders.File(at(name)).Load(t.Context())
		require.ErrorContains(t, err, want)
		_, ok := errors.AsType[*index.PartialError](err)
		assert.True(t, ok)
	}
}

func TestFolderErrors(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "f.md"), nil, 0o600))
	for want, l := range map[string]*loaders.Loader{
		"missing: does not exist: give the path": loaders.Folder(filepath.Join(dir, "missing")),
		"f.md: is a file, not a folder":          loaders.Folder(filepath.Join(dir, "f.md")),
		"is not a file system":                   loaders.FS(nil),
		"does not exist":                         loaders.FS(os.DirFS(filepath.Join(dir, "missing"))),
	} {
		docs, err := l.Load(t.Context())
		require.ErrorContains(t, err, want)
		assert.Empty(t, docs)
		_, ok := errors.AsType[*index.PartialError](err)
		assert.False(t, ok, "nothing was loaded")
	}
}

// denied is a folder that cannot be listed.
type denied struct{ fs.FS }

func (d denied) Open(name string) (fs.File, error) {
	if name == "closed" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.FS.Open(name)
}

func TestFolderThatCannotBeListed(t *testing.T) {
	got := outline(t, loaders.FS(denied{fstest.MapFS{"closed/x.md": file("x"), "open.md": file("y")}}))
	assert.Equal(t, []string{"failed closed/", `open.md "y"`}, got)
}

func TestLinks(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(outside, "secret.md"), []byte("secret"), 0o600))
	require.NoError(t, os.CopyFS(dir, fstest.MapFS{"real.md": file("real"), "sub/x.md": file("x")}))
	for name, target := range map[string]string{
		"alias.md": "real.md", "sub/loop": "..", "again": "sub", "away": outside,
		"round.md": "round.md", "leak.md": filepath.Join(outside, "secret.md"), "dir.md": "sub",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skipf("links cannot be made here: %v", err)
		}
	}
	assert.Equal(t, []string{
		"skipped again", `alias.md "real"`, "skipped away", "skipped dir.md/", "failed leak.md", `real.md "real"`,
		"failed round.md", "skipped sub/loop", `sub/x.md "x"`,
	}, outline(t, loaders.Folder(dir)))
}

func TestSpecialFile(t *testing.T) {
	assert.Equal(t, []string{"failed pipe.txt"}, outline(t, loaders.FS(fstest.MapFS{"pipe.txt": {Mode: fs.ModeNamedPipe}})))
}

func TestCancel(t *testing.T) {
	files := fstest.MapFS{"a.md": file("x"), "b.csv": file("k\n" + strings.Repeat("1\n", 100)), "c.md": file("z")}
	for n := range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		if n == 0 {
			cancel()
		}
		seen := 0
		var last error
		for _, err := range loaders.FS(files).Documents(ctx) {
			if seen++; seen == n {
				cancel()
			}
			last = err
		}
		require.ErrorIs(t, last, context.Canceled)
		assert.Equal(t, n+1, seen)
		cancel()
	}
}

func TestStopping(t *testing.T) {
	for want := 1; want < 11; want++ {
		seen := 0
		for _, err := range loaders.FS(mixed).Documents(t.Context()) {
			assert.NotErrorIs(t, err, context.Canceled)
			if seen++; seen == want {
				break
			}
		}
		assert.Equal(t, min(want, 10), seen)
	}
}

func TestLoadAndSplit(t *testing.T) {
	s := textsplitter.NewRecursiveCharacter(textsplitter.WithChunkSize(3), textsplitter.WithChunkOverlap(0))
	docs, err := loaders.FS(fstest.MapFS{"a.txt": file("one two")}).LoadAndSplit(t.Context(), s)
	require.NoError(t, err)
	assert.Len(t, docs, 2)
	_, err = loaders.FS(fstest.MapFS{"a.txt": file("\xff")}).LoadAndSplit(t.Context(), s)
	assert.Error(t, err)
}

type shared struct{ docs []schema.Document }

func (l shared) Load(context.Context) ([]schema.Document, error) { return l.docs, nil }
func (l shared) LoadAndSplit(context.Context, textsplitter.TextSplitter) ([]schema.Document, error) {
	return nil, nil
}

// What a loader of the user's gives is the user's.
func TestMetadataOfOthersIsNotChanged(t *testing.T) {
	l := shared{[]schema.Document{{PageContent: "x", Metadata: map[string]any{"source": "inside", "k": 1}}}}
	docs, err := loaders.FS(fstest.MapFS{"a.x": file(""), "b.x": file("")},
		loaders.WithType(".x", func(*bytes.Reader) documentloaders.Loader { return l })).Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []schema.Document{
		{PageContent: "x", Metadata: map[string]any{"source": "a.x", "k": 1}},
		{PageContent: "x", Metadata: map[string]any{"source": "b.x", "k": 1}},
	}, docs)
	assert.Equal(t, "inside", l.docs[0].Metadata["source"])
}
