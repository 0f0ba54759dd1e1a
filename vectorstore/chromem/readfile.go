// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	chromemgo "github.com/philippgille/chromem-go"
	"go.etcd.io/bbolt"
)

var errNotRegular = errors.New("is a link or no regular file")

// openRegular is os.OpenFile, but follows no link.
func openRegular(path string, flag int, perm os.FileMode) (*os.File, error) {
	before, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) && flag&os.O_CREATE != 0 {
		f, err := os.OpenFile(path, flag|os.O_EXCL, perm)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
		before, err = os.Lstat(path)
		if err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	if !before.Mode().IsRegular() {
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

// refuseFormer returns an error for a folder in which others keep documents.
func refuseFormer(dir string) error {
	for pattern, writer := range map[string]string{
		"[0-9]*-[0-9]*.seg":      "an earlier state of this package",
		"????????/00000000.gob*": "chromem-go",
	} {
		found, err := fs.Glob(os.DirFS(dir), pattern)
		if err != nil || len(found) > 0 {
			return errors.Join(fmt.Errorf("chromem: WithPersistence: the folder %q has documents in the format of %s, which is not read: "+
				"name another folder and add the documents again", dir, writer), err)
		}
	}
	return nil
}

// read visits all documents and checks the file. It returns the number of the
// last transaction.
func (f *storeFile) read(visit func(collection string, doc chromemgo.Document) error) (last int, err error) {
	if err := f.open(true); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.db.Close()) }()
	err = f.db.View(func(tx *bbolt.Tx) error {
		last = tx.ID()
		if err := f.checkSize(tx); err != nil {
			return err
		}
		pageSize := f.db.Info().PageSize
		pages := pageCheck{f.file, pageSize, uint64(tx.Size()) / uint64(pageSize), map[uint64]bool{}}
		err := checkMetas(f.file, pageSize)
		if err == nil {
			err = pages.tree(uint64(tx.Cursor().Bucket().Root()), nil, nil)
		}
		if err != nil {
			return f.damaged(err)
		}
		return f.readTx(tx, visit)
	})
	return last, err
}

func (f *storeFile) readTx(tx *bbolt.Tx, visit func(collection string, doc chromemgo.Document) error) error {
	if tx.ID() == createdTx {
		return nil // The process ended before it made the buckets.
	}
	format, all, totals := tx.Bucket(formatBucket), tx.Bucket(documentsBucket), tx.Bucket(totalsBucket)
	if format == nil || all == nil || totals == nil {
		return f.foreign(nil)
	}
	if version := format.Get(formatKey); !bytes.Equal(version, []byte(formatVersion)) {
		return fmt.Errorf("chromem: %q has format %.20q, this version of the package knows %s: it was written by another version",
			f.path, version, formatVersion)
	}
	collections := 0
	err := all.ForEachBucket(func(key []byte) error {
		collections++
		name := string(key)
		want, err := readTotal(name, totals.Get(key))
		if err != nil {
			return f.damaged(err)
		}
		var got total
		err = all.Bucket(key).ForEach(func(key, value []byte) error {
			id := string(key)
			doc, err := decodeDocument(name, id, value)
			if err != nil {
				return f.damaged(fmt.Errorf("document %.100q of collection %.100q: %w", id, name, err))
			}
			got.add(value)
			return visit(name, doc)
		})
		if err == nil && got != want {
			return f.damaged(fmt.Errorf("collection %.100q has %d documents, and not the %d that were stored", name, got.count, want.count))
		}
		return err
	})
	if err != nil {
		return err
	}
	if n := totals.Inspect().KeyN; n != collections {
		return f.damaged(fmt.Errorf("it has %d collections instead of %d", collections, n))
	}
	return nil
}

// checkSize keeps bbolt from reading behind the end, which would end the program.
func (f *storeFile) checkSize(tx *bbolt.Tx) error {
	info, err := f.file.Stat()
	if err == nil && info.Size() < tx.Size() {
		err = f.damaged(fmt.Errorf("it is cut off: it has %d bytes of %d", info.Size(), tx.Size()))
	}
	return err
}

// unreadable is the error for a file that is no database, or whose first pages
// are damaged.
func (f *storeFile) unreadable(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("chromem: WithPersistence: read %q: %w: change its permissions, or name another folder", f.path, err)
	}
	return f.foreign(err)
}

func (f *storeFile) foreign(err error) error {
	return errors.Join(fmt.Errorf("%w: %q is no store of this package, or is damaged at its beginning: "+
		"move it away, restore it from a backup, or name another folder", ErrDamaged, f.path), err)
}

func (f *storeFile) damaged(err error) error {
	return fmt.Errorf("%w: the file %q: %w: restore it from a backup, or remove it and add the documents again",
		ErrDamaged, f.path, err)
}
