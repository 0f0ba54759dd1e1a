// SPDX-License-Identifier: Apache-2.0

// Package corpus loads folders of documents for the examples, through package
// retrieval/loaders, and cuts them into chunks.
//
// Nothing is skipped silently: a document that cannot be used gives an [*Error]
// that says which one, why, and what to do. It stops [LoadDir] and [LoadFS];
// [FilesInDir] and [FilesInFS] go on with the others.
package corpus

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"path/filepath"
	"strings"

	"github.com/tmc/langchaingo/schema"

	"github.com/spanloom/spanloom/retrieval/index"
	"github.com/spanloom/spanloom/retrieval/loaders"
)

// Extensions are the file names that count as documents, in lower case. Other
// files are not looked at.
func Extensions() []string {
	return []string{".md", ".markdown", ".txt", ".html", ".htm", ".pdf"}
}

// Error says in one line what is wrong with which path and what to do.
type Error struct {
	Path    string
	Problem string
	Hint    string

	cause error
}

func (e *Error) Error() string {
	// Problems can quote a library or a file name: keep them on one line.
	return strings.Join(strings.Fields(fmt.Sprintf("%q %s: %s", e.Path, e.Problem, e.Hint)), " ")
}

// Unwrap gives the error of the file system or the library, if there was one.
func (e *Error) Unwrap() error { return e.cause }

// LoadDir loads all documents below dir, sorted by path. Metadata["source"] is
// the path relative to dir with slashes; pages of a PDF carry "page" and
// "total_pages" too, and pages without text are left out.
//
// Hidden files and folders are passed over. A link to a document inside dir is
// read, a link to a document outside is an error, a link to a folder is not
// followed.
//
// progress may be nil. It is called before a file is read, with n from 1 to
// total.
func LoadDir(ctx context.Context, dir string, progress func(file string, n, total int)) ([]schema.Document, error) {
	return folder(dir).load(ctx, progress)
}

// LoadFS is [LoadDir] for a file system, such as embedded documents.
func LoadFS(ctx context.Context, fsys fs.FS, progress func(file string, n, total int)) ([]schema.Document, error) {
	return embedded(fsys).load(ctx, progress)
}

// source is a folder or a file system.
type source struct {
	open func(...loaders.Option) *loaders.Loader
	// show makes a path that the user knows of a name.
	show func(string) string
}

func folder(dir string) source {
	return source{
		func(o ...loaders.Option) *loaders.Loader { return loaders.Folder(dir, o...) },
		func(name string) string {
			if name == "." {
				return dir
			}
			return filepath.Join(dir, filepath.FromSlash(name))
		},
	}
}

func embedded(fsys fs.FS) source {
	return source{
		func(o ...loaders.Option) *loaders.Loader { return loaders.FS(fsys, o...) },
		func(name string) string { return name },
	}
}

// count returns the number of documents, those that cannot be read included, and
// the first thing that is wrong.
func (s source) count(ctx context.Context) (total int, err error) {
	for _, e := range s.open(loaders.WithExtensions(Extensions()...)).Files(ctx) {
		if errors.Is(e, index.ErrSkipped) {
			continue
		}
		// Of the folder itself there is nothing to count.
		if f, ok := errors.AsType[*index.SourceError](e); e == nil || ok && strings.TrimSuffix(f.Source, "/") != s.show(".") {
			total++
		}
		if e != nil && err == nil {
			err = explain(e, s.show)
		}
	}
	if total == 0 && err == nil {
		err = &Error{
			s.show("."), "holds no document",
			"put files there that end in " + strings.Join(Extensions(), " ") + " (hidden files do not count)", nil,
		}
	}
	return total, err
}

// documents are those of all files in order, or what is wrong with one.
func (s source) documents(ctx context.Context, total int, progress func(string, int, int)) iter.Seq2[schema.Document, error] {
	n := 0
	tell := func(file string) {
		if n++; progress != nil {
			progress(file, n, total)
		}
	}
	return func(yield func(schema.Document, error) bool) {
		for doc, err := range s.open(loaders.WithExtensions(Extensions()...), loaders.WithProgress(tell)).Documents(ctx) {
			if errors.Is(err, index.ErrSkipped) {
				continue
			}
			if err == nil {
				err = checkText(doc, s.show)
			}
			if !yield(doc, err) {
				return
			}
		}
	}
}

func (s source) load(ctx context.Context, progress func(string, int, int)) ([]schema.Document, error) {
	total, err := s.count(ctx)
	if err != nil {
		return nil, err
	}
	var docs []schema.Document
	for doc, err := range s.documents(ctx, total, progress) {
		if err != nil {
			return nil, explain(err, s.show)
		}
		docs = append(docs, doc)
	}
	return docs, nil
}

// checkText is stricter than the loaders are: in an example, a document without
// text is a mistake.
func checkText(doc schema.Document, show func(string) string) error {
	if strings.TrimSpace(doc.PageContent) != "" {
		return nil
	}
	source, _ := doc.Metadata["source"].(string)
	switch ext(source) {
	case ".html", ".htm":
		return &Error{show(source), "holds no text", "remove it, or run text recognition first if it holds scanned pages", nil}
	}
	return &Error{show(source), "is empty", "write something into it or remove it", nil}
}

func explain(err error, show func(string) string) error {
	e, ok := errors.AsType[*loaders.Error](err)
	if !ok {
		return err
	}
	name := "."
	if s, ok := errors.AsType[*index.SourceError](err); ok {
		name = strings.TrimSuffix(s.Source, "/")
	}
	return &Error{show(name), e.Problem, e.Hint, e.Err}
}

func ext(name string) string { return strings.ToLower(path.Ext(name)) }
