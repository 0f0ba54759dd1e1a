// SPDX-License-Identifier: Apache-2.0

// Package corpus loads folders of documents for the examples, through
// langchaingo's document loaders, and cuts them into chunks.
//
// Nothing is skipped silently: the first document that cannot be used stops the
// load with an [*Error] that says which one, why, and what to do.
package corpus

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tmc/langchaingo/schema"
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
	if err := checkDir(dir); err != nil {
		return nil, err
	}
	// os.DirFS would follow links out of the folder.
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, unreadable(dir, err)
	}
	defer func() { _ = root.Close() }()
	return load(ctx, root.FS(), progress, func(name string) string {
		return filepath.Join(dir, filepath.FromSlash(name))
	})
}

func checkDir(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Error{dir, "does not exist", "give the path of a folder with documents", err}
	case err != nil:
		return unreadable(dir, err)
	case !info.IsDir():
		return &Error{dir, "is a file, not a folder", "give the path of the folder that holds it", nil}
	}
	return nil
}

// LoadFS is [LoadDir] for a file system, such as embedded documents.
func LoadFS(ctx context.Context, fsys fs.FS, progress func(file string, n, total int)) ([]schema.Document, error) {
	if fsys == nil {
		return nil, &Error{".", "is not a file system", "pass an fs.FS that is not nil", nil}
	}
	info, err := fs.Stat(fsys, ".")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &Error{".", "does not exist", "pass a file system with documents", err}
	case err != nil:
		return nil, unreadable(".", err)
	case !info.IsDir():
		return nil, &Error{".", "is a file, not a folder", "pass the file system of the folder that holds it", nil}
	}
	return load(ctx, fsys, progress, func(name string) string { return name })
}

func load(
	ctx context.Context, fsys fs.FS, progress func(string, int, int), show func(string) string,
) ([]schema.Document, error) {
	files, err := find(ctx, fsys, show)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, &Error{
			show("."), "holds no document",
			"put files there that end in " + strings.Join(Extensions(), " ") + " (hidden files do not count)", nil,
		}
	}
	var docs []schema.Document
	for i, name := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if progress != nil {
			progress(name, i+1, len(files))
		}
		loaded, err := loadFile(ctx, fsys, name, show(name))
		if err != nil {
			return nil, err
		}
		docs = append(docs, loaded...)
	}
	return docs, nil
}

func find(ctx context.Context, fsys fs.FS, show func(string) string) ([]string, error) {
	var files []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		hidden := name != "." && strings.HasPrefix(path.Base(name), ".")
		switch {
		case hidden && d != nil && d.IsDir():
			return fs.SkipDir
		case hidden:
			return nil
		case err != nil:
			return unreadable(show(name), err)
		case d.IsDir() || !slices.Contains(Extensions(), ext(name)):
			return nil
		}
		keep, err := checkFile(fsys, name, show(name), d)
		if keep {
			files = append(files, name)
		}
		return err
	})
	// WalkDir sorts within a folder only: "a/x.md" would come before "a.md".
	slices.Sort(files)
	return files, err
}

func checkFile(fsys fs.FS, name, shown string, d fs.DirEntry) (bool, error) {
	info, err := fs.Stat(fsys, name)
	link := d.Type()&fs.ModeSymlink != 0
	switch {
	case err != nil && link:
		return false, &Error{
			shown, "is a link that cannot be followed (" + reason(err) + ")",
			"put the file itself there; links that lead out of the folder are not followed", err,
		}
	case err != nil:
		return false, unreadable(shown, err)
	case info.IsDir():
		return false, nil
	case !info.Mode().IsRegular():
		// Reading a pipe would block for ever.
		return false, &Error{shown, "is not a regular file", "remove it or rename it", nil}
	}
	return true, nil
}

func ext(name string) string { return strings.ToLower(path.Ext(name)) }

func unreadable(shown string, err error) *Error {
	hint := "check the disk and try again"
	if errors.Is(err, fs.ErrPermission) {
		hint = "give your user the right to read it"
	}
	return &Error{shown, "cannot be read (" + reason(err) + ")", hint, err}
}

// reason leaves out the path, which the message already shows.
func reason(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}
