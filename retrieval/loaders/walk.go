// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/spanloom/spanloom/retrieval/index"
)

// file is one to load.
type file struct {
	cfg          config
	fsys         fs.FS
	name, source string
}

// walk goes through a folder in the order of the full paths: "a.md" comes before
// "a/x.md", which fs.WalkDir would turn round. It lists one folder at a time. Its
// methods return false when the walk is over.
type walk struct {
	cfg   config
	fsys  fs.FS
	yield func(file, error) bool
}

func (w *walk) oneFile(ctx context.Context, name, source string) {
	info, err := w.stat(name)
	switch {
	case ctx.Err() != nil:
		w.yield(file{}, ctx.Err())
		return
	case err != nil:
	case info.IsDir():
		err = &Error{"is a folder, not a file", "use loaders.Folder", nil}
	case !w.cfg.known(name):
		err = &Error{"is of a type that is not known", "use loaders.WithType", nil}
	}
	w.found(name, w.cfg.prefix+source, err)
}

// stat refuses what is no file or folder: reading a pipe would block for ever.
func (w *walk) stat(name string) (fs.FileInfo, error) {
	info, err := fs.Stat(w.fsys, name)
	switch {
	case err != nil:
		return nil, unreadable(err)
	case !info.IsDir() && !info.Mode().IsRegular():
		return info, &Error{"is not a regular file", "remove it or rename it", nil}
	}
	return info, nil
}

func (w *walk) folder(ctx context.Context, name string) bool {
	entries, err := fs.ReadDir(w.fsys, name)
	if err != nil && name == "." {
		w.yield(file{}, unreadable(err))
		return false
	}
	if err != nil { // What could be listed is not loaded either: it may be a part.
		return w.found("", w.cfg.prefix+name+"/", unreadable(err))
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(sortKey(a), sortKey(b)) })
	for _, d := range entries {
		if err := ctx.Err(); err != nil {
			w.yield(file{}, err)
			return false
		}
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
	source, hidden := w.cfg.prefix+name, strings.HasPrefix(d.Name(), ".")
	switch {
	case hidden && d.IsDir():
		return w.found("", source+"/", index.ErrSkipped)
	case d.IsDir():
		return w.folder(ctx, name)
	case hidden, !w.cfg.known(name):
		return w.found("", source, index.ErrSkipped)
	}
	info, err := w.stat(name)
	switch {
	case info == nil && d.Type()&fs.ModeSymlink != 0:
		err = &Error{
			"is a link that cannot be followed (" + reason(errors.Unwrap(err)) + ")",
			"put the file itself there; links that lead out of the folder are not followed", err,
		}
	case err == nil && info.IsDir(): // A link: following it might never end.
		source, err = source+"/", index.ErrSkipped
	}
	return w.found(name, source, err)
}

// found yields a file, or what is wrong with a source.
func (w *walk) found(name, source string, err error) bool {
	if err != nil {
		return w.yield(file{}, &index.SourceError{Source: source, Err: err})
	}
	return w.yield(file{w.cfg, w.fsys, name, source}, nil)
}

func ext(name string) string { return strings.ToLower(path.Ext(name)) }
