// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

var errNotRegular = errors.New("is a link or no regular file")

// openRegular is os.OpenFile, but follows no link.
func openRegular(path string, flag int, perm os.FileMode) (*os.File, error) {
	before, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && flag&os.O_CREATE != 0:
		return os.OpenFile(path, flag|os.O_EXCL, perm)
	case err != nil:
		return nil, err
	case !before.Mode().IsRegular():
		return nil, errNotRegular
	}
	f, err := os.OpenFile(path, flag&^os.O_CREATE, perm)
	if err != nil {
		return nil, err
	}
	// A link may have taken its place.
	if after, err := f.Stat(); err != nil || !os.SameFile(before, after) {
		return nil, errors.Join(errNotRegular, err, f.Close())
	}
	return f, nil
}

// makeDir is os.MkdirAll, but the folders it makes are durable.
func makeDir(dir string) error {
	parent := filepath.Dir(dir)
	if _, err := os.Stat(dir); err == nil || parent == dir {
		return nil
	}
	if err := makeDir(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(parent)
}

// syncFolder makes the names in a folder durable, as fsync does a file's content.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // It cannot sync a folder; NTFS has a journal for names.
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
