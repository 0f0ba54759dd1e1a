// SPDX-License-Identifier: Apache-2.0

// Package loaders loads files and folders of text, markdown, HTML, PDF and CSV
// as langchaingo's document loaders do, one file after the other: a folder takes
// no more memory than its largest file. Files may come from anybody: what they cost
// is bounded ([WithMaxSize]), and a hostile one is an error like any other.
//
//	x, err := index.New(handler, index.WithStore(store))
//	report, err := x.Add(ctx, loaders.Folder("./docs"))
package loaders

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"github.com/tmc/langchaingo/documentloaders"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/textsplitter"

	"github.com/spanloom/spanloom/retrieval/index"
)

// Loader loads files. It is an [index.Loader], an [index.Streamer] and a
// langchaingo documentloaders.Loader, can be used again, and is safe for
// concurrent use.
//
// A text, markdown or HTML file is one document. A PDF is one for each page with
// text, with metadata "page" and "total_pages". A CSV file is one for each row,
// with "row" counted from 1; its first line names the columns. "source" is the
// path below the folder, with slashes.
//
// Of a PDF the text is taken that its pages show, with their lines, but not that of
// forms and pictures. Of HTML it is the text that a browser shows, with a blank line
// between paragraphs, and a row of a table or an item of a list to a line. Text must
// be UTF-8; a byte order mark is taken off, and line ends are made "\n". An empty
// text is an empty document: what an index has stored of it before is deleted.
//
// A file that cannot be read, or a PDF without text, is a [*index.SourceError]
// with an [*Error], and does not keep the others from being loaded.
type Loader struct {
	cfg  config
	walk func(context.Context, *walk)
}

var _ interface {
	documentloaders.Loader
	index.Streamer
} = (*Loader)(nil)

// File loads one file, by its extension; one that is not known is an error. The
// source is the path as given, with slashes.
func File(path string, opts ...Option) *Loader {
	return &Loader{newConfig(opts), func(ctx context.Context, w *walk) {
		w.fsys = os.DirFS(filepath.Dir(path))
		w.oneFile(ctx, filepath.Base(path), filepath.ToSlash(filepath.Clean(path)))
	}}
}

// Folder loads the files in dir and below, sorted by path. Files of other types
// and what is hidden, with a dot as the first letter, is skipped. A link to a
// file inside dir is read, one to a file outside cannot be read, and one to a
// folder is skipped.
func Folder(dir string, opts ...Option) *Loader {
	return &Loader{newConfig(opts), func(ctx context.Context, w *walk) {
		err := checkFolder(os.Stat(dir))
		if err != nil {
			w.yield(file{}, fmt.Errorf("%s: %w", dir, err))
			return
		}
		root, err := os.OpenRoot(dir) // os.DirFS would follow links out of the folder.
		if err != nil {
			w.yield(file{}, fmt.Errorf("%s: %w", dir, unreadable(err)))
			return
		}
		defer func() { _ = root.Close() }()
		w.fsys = root.FS()
		w.folder(ctx, ".")
	}}
}

// FS is [Folder] for a file system, such as embedded files.
func FS(fsys fs.FS, opts ...Option) *Loader {
	return &Loader{newConfig(opts), func(ctx context.Context, w *walk) {
		if fsys == nil {
			w.yield(file{}, &Error{"is not a file system", "pass an fs.FS that is not nil", nil})
		} else if err := checkFolder(fs.Stat(fsys, ".")); err != nil {
			w.yield(file{}, err)
		} else {
			w.fsys = fsys
			w.folder(ctx, ".")
		}
	}}
}

func checkFolder(info fs.FileInfo, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Error{"does not exist", "give the path of a folder with documents", err}
	case err != nil:
		return unreadable(err)
	case !info.IsDir():
		return &Error{"is a file, not a folder", "give the path of the folder that holds it", nil}
	}
	return nil
}

// Documents implements [index.Streamer].
func (l *Loader) Documents(ctx context.Context) iter.Seq2[schema.Document, error] {
	return func(yield func(schema.Document, error) bool) {
		for f, err := range l.files(ctx) {
			if err != nil {
				if !yield(schema.Document{}, err) {
					return
				}
				continue
			}
			if l.cfg.progress != nil {
				l.cfg.progress(f.source)
			}
			if !f.read(ctx, yield) {
				return
			}
		}
	}
}

// files gives the files to load, and a [*index.SourceError] for each that cannot
// be. Any other error is the last element.
func (l *Loader) files(ctx context.Context) iter.Seq2[file, error] {
	return func(yield func(file, error) bool) { l.walk(ctx, &walk{cfg: l.cfg, yield: yield}) }
}

// Files gives the sources that Documents would read, without reading them.
func (l *Loader) Files(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for f, err := range l.files(ctx) {
			if !yield(f.source, err) {
				return
			}
		}
	}
}

// Load implements [index.Loader]: it loads everything at once. If some files
// cannot be read, the error is a [*index.PartialError], and the documents
// are those of the others.
func (l *Loader) Load(ctx context.Context) ([]schema.Document, error) {
	return index.LoaderFunc(l.Documents).Load(ctx)
}

// LoadAndSplit implements documentloaders.Loader.
func (l *Loader) LoadAndSplit(ctx context.Context, s textsplitter.TextSplitter) ([]schema.Document, error) {
	docs, err := l.Load(ctx)
	if err != nil {
		return nil, err
	}
	return textsplitter.SplitDocuments(s, docs)
}
