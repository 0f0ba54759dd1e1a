// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os/exec"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/retrieval/index"
	"github.com/spanloom/spanloom/retrieval/loaders"
)

// erring gives a document and then the error, as a stream or at once.
type erring struct{ err error }

func (l erring) Load(context.Context) ([]schema.Document, error) {
	return list{document("a", "a1")}, l.err
}

func (l erring) stream(context.Context) iter.Seq2[schema.Document, error] {
	return func(yield func(schema.Document, error) bool) {
		_ = yield(document("a", "a1"), nil) && yield(schema.Document{}, l.err)
	}
}

func TestLoaderErrors(t *testing.T) {
	down := errors.New("down")
	x, err := index.New(oteltest.New(t).Handler, index.WithStore(&remote{}))
	require.NoError(t, err)
	for _, l := range []index.Loader{
		erring{down},
		index.LoaderFunc(erring{down}.stream),
		index.Join(texts{"b": "b1"}, erring{down}, texts{"c": "c1"}),
	} {
		_, err := x.Add(t.Context(), l)
		require.ErrorIs(t, err, down)
		require.ErrorContains(t, err, "index: load: down")
	}
	_, err = index.Join(texts{"b": "b1"}, erring{down}, texts{"c": "c1"}).Load(t.Context())
	require.ErrorIs(t, err, down)
}

func TestPartialLoads(t *testing.T) {
	load := texts{"a": "!broken", "b": "b1", "c": "!broken, too"}
	joined := index.Join(load, texts{"d": "d1"})
	for name, l := range map[string]index.Loader{"streaming": joined, "at once": onlyLoad{joined}} {
		t.Run(name, func(t *testing.T) {
			docs, err := l.Load(t.Context())
			assert.Len(t, docs, 2)
			require.EqualError(t, err, "index: 2 sources could not be read: a: broken; c: broken, too")

			x, err := index.New(oteltest.New(t).Handler, index.WithStore(&remote{}))
			require.NoError(t, err)
			r, err := x.Add(t.Context(), l)
			assert.Equal(t, 2, r.Added)
			failed, ok := errors.AsType[*index.PartialError](err)
			require.True(t, ok)
			require.Len(t, failed.Failed, 2)
			assert.Equal(t, "a", failed.Failed[0].Source)
		})
	}
}

type onlyLoad struct{ index.Loader }

func TestPartialErrorIsShort(t *testing.T) {
	e := &index.PartialError{}
	for i := range 7 {
		e.Failed = append(e.Failed, &index.SourceError{Source: fmt.Sprint(i), Err: fs.ErrPermission})
	}
	assert.Equal(t, "index: 7 sources could not be read: 0: permission denied; 1: permission denied; "+
		"2: permission denied; 3: permission denied; 4: permission denied; and 2 more", e.Error())
	assert.ErrorIs(t, e, fs.ErrPermission)
	e.Failed = e.Failed[:1]
	assert.Equal(t, "index: 1 source could not be read: 0: permission denied", e.Error())
}

func TestJoinStopsWhenAsked(t *testing.T) {
	n := 0
	for _, err := range index.Join(texts{"a": "1", "b": "2"}, onlyLoad{texts{"c": "!3"}}, texts{"d": "4"}).Documents(t.Context()) {
		if n++; n == 3 {
			assert.EqualError(t, err, "c: 3")
			break
		}
	}
	assert.Equal(t, 3, n)
}

// TestFolder runs the loaders of files with the index.
func TestFolder(t *testing.T) {
	files := fstest.MapFS{
		"a.md":         {Data: []byte("# A\n\nمرحبا")},
		"b/table.csv":  {Data: []byte("k,v\n1,2\n3,4\n")},
		"c.pdf":        {Data: []byte("no PDF")},
		".git/x.md":    {Data: []byte("hidden")},
		"picture.jpeg": {Data: []byte("\xff")},
	}
	s := &listing{}
	k := oteltest.New(t)
	x, err := index.New(k.Handler, index.WithStore(s))
	require.NoError(t, err)
	r, err := x.Sync(t.Context(), loaders.FS(files))
	require.ErrorContains(t, err, "c.pdf: is not a PDF")
	assert.Equal(t, []string{"a.md: # A\n\nمرحبا", "b/table.csv: k: 1\nv: 2", "b/table.csv: k: 3\nv: 4"}, s.held())
	r.Elapsed = 0
	assert.Equal(t, "3 documents in 0s: 3 chunks added, 0 unchanged, 0 deleted, 2 files skipped, 1 sources could not be read", r.String())
	span := k.Span(t, "invoke_workflow ingest")
	assert.Equal(t, "2", oteltest.Value(span, "spanloom.index.sources_skipped"))
	assert.Equal(t, "1", oteltest.Value(span, "spanloom.index.sources_failed"))

	delete(files, "b/table.csv")
	delete(files, "c.pdf")
	r, err = x.Sync(t.Context(), loaders.FS(files))
	require.NoError(t, err)
	assert.Equal(t, 2, r.Deleted)
	assert.Equal(t, []string{"a.md: # A\n\nمرحبا"}, s.held())
}

// Who uses this package without files pays for no PDF reader and no database.
func TestImportsStayLight(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	for _, heavy := range []string{"documentloaders", "pdf", "assemblyai", "chromem", "otel/sdk"} {
		assert.NotContains(t, string(out), heavy)
	}
}

// circle is an error whose Unwrap leads back to it: errors.As does not end with it.
type circle struct{}

func (circle) Error() string { return "circle" }
func (circle) Unwrap() error { return circle{} }

func TestEndlessErrorsEndTheRun(t *testing.T) {
	x, err := index.New(oteltest.New(t).Handler, index.WithStore(&remote{}))
	require.NoError(t, err)
	for _, l := range []index.Loader{
		erring{circle{}},
		index.LoaderFunc(erring{circle{}}.stream),
		index.Join(erring{circle{}}, texts{"c": "c1"}),
	} {
		_, err := x.Add(t.Context(), l)
		require.ErrorContains(t, err, "index: load: circle")
	}
	one := &index.SourceError{Source: "a", Err: circle{}}
	report, err := x.Add(t.Context(), index.Join(index.LoaderFunc(erring{one}.stream), texts{"c": "c1"}))
	require.ErrorContains(t, err, "circle")
	assert.Equal(t, []*index.SourceError{one}, report.Failed)
	assert.Equal(t, 2, report.Documents)
	_, err = index.LoaderFunc(erring{circle{}}.stream).Load(t.Context())
	assert.Equal(t, circle{}, err)
}
