// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/spanloom/spanloom/retrieval/index"
)

// walk goes through a folder in the order of the full paths: "a.md" comes before
// "a/x.md", which fs.WalkDir would turn round. It lists one folder at a time.
type walk struct {
	cfg  config
	fsys fs.FS
	file func(w *walk, name, source string) bool
	fail func(error) bool
}

// each calls file for the files to load, and fail for what cannot be; false ends
// it.
func (l *Loader) each(ctx context.Context, file func(w *walk, name, source string) bool, fail func(error) bool) {
	fsys, closer, one, err := l.open()
	if err != nil {
		fail(err)
		return
	}
	if closer != nil {
		defer func() { _ = closer.Close() }()
	}
	w := &walk{l.cfg, fsys, file, fail}
	if one != "" {
		w.oneFile(ctx, one, l.cfg.prefix+l.named)
		return
	}
	w.folder(ctx, ".")
}

func (w *walk) oneFile(ctx context.Context, name, source string) {
	if err := ctx.Err(); err != nil {
		w.fail(err)
		return
	}
	info, err := fs.Stat(w.fsys, name)
	switch {
	case err != nil:
		w.fail(&index.SourceError{Source: source, Err: unreadable(err)})
	case info.IsDir():
		w.fail(&index.SourceError{Source: source, Err: &Error{"is a folder, not a file", "use loaders.Folder", nil}})
	case !w.known(name):
		w.fail(&index.SourceError{Source: source, Err: &Error{"is of a type that is not known", "use loaders.WithType", nil}})
	case !info.Mode().IsRegular():
		w.fail(&index.SourceError{Source: source, Err: irregular()})
	default:
		w.file(w, name, source)
	}
}

func (w *walk) folder(ctx context.Context, name string) bool {
	if err := ctx.Err(); err != nil {
		w.fail(err)
		return false
	}
	entries, err := fs.ReadDir(w.fsys, name)
	if err != nil {
		if name == "." {
			w.fail(unreadable(err))
			return false
		}
		// What could be listed is not loaded either: it may be a part.
		return w.failed(name+"/", unreadable(err))
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(sortKey(a), sortKey(b)) })
	for _, d := range entries {
		if !w.entry(ctx, path.Join(name, d.Name()), d) {
			return false
		}
	}
	return true
}

func sortKey(d fs.DirEntry) string {
	if d.IsDir() {
		return d.Name() + "/"
	}
	return d.Name()
}

func (w *walk) entry(ctx context.Context, name string, d fs.DirEntry) bool {
	hidden := strings.HasPrefix(d.Name(), ".")
	switch {
	case hidden && d.IsDir():
		return w.failed(name+"/", index.ErrSkipped)
	case d.IsDir():
		return w.folder(ctx, name)
	case hidden, !w.known(name):
		return w.failed(name, index.ErrSkipped)
	}
	if err := ctx.Err(); err != nil {
		w.fail(err)
		return false
	}
	info, err := fs.Stat(w.fsys, name)
	switch {
	case err != nil && d.Type()&fs.ModeSymlink != 0:
		return w.failed(name, &Error{
			"is a link that cannot be followed (" + reason(err) + ")",
			"put the file itself there; links that lead out of the folder are not followed", err,
		})
	case err != nil:
		return w.failed(name, unreadable(err))
	case info.IsDir():
		return w.failed(name+"/", index.ErrSkipped) // A link: following it might never end.
	case !info.Mode().IsRegular():
		return w.failed(name, irregular())
	}
	return w.file(w, name, w.cfg.prefix+name)
}

func (w *walk) failed(name string, err error) bool {
	return w.fail(&index.SourceError{Source: w.cfg.prefix + name, Err: err})
}

// irregular: reading a pipe would block for ever.
func irregular() *Error {
	return &Error{"is not a regular file", "remove it or rename it", nil}
}

func ext(name string) string { return strings.ToLower(path.Ext(name)) }

func (w *walk) known(name string) bool {
	e := ext(name)
	if w.cfg.only != nil && !w.cfg.only[e] {
		return false
	}
	if f, ok := w.cfg.types[e]; ok {
		return f != nil
	}
	switch e {
	case ".txt", ".md", ".markdown", ".html", ".htm", ".pdf", ".csv":
		return true
	}
	return false
}
