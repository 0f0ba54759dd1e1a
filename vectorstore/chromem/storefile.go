// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	chromemgo "github.com/philippgille/chromem-go"
	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

const (
	fileName      = "chromem.db"
	formatVersion = "3"
	// createdTx is the transaction with which bbolt creates a file.
	createdTx = 1
	// lockWait is how long New waits for another process that ends.
	lockWait = 500 * time.Millisecond
)

// The buckets of the file. documents has a bucket for each collection.
var (
	formatBucket    = []byte("spanloom.chromem")
	formatKey       = []byte("format")
	documentsBucket = []byte("documents")
)

// change is what one call does to one collection.
type change struct {
	collection string
	put        []chromemgo.Document
	remove     []string // Ids that are there.
}

// storeFile keeps the documents of a backend. backend.writing must be held, or
// nobody else must know it yet.
type storeFile struct {
	path string
	db   *bbolt.DB
	file *os.File // Of db.
	// broken is why the file may have what memory has not.
	broken error
}

// openStoreFile opens the file in the folder, or creates it, and visits all
// documents. After an error the file is as it was.
//
// It is read first without the right to write, since bbolt would follow a damaged
// page anywhere when it looks for free ones.
func openStoreFile(dir string, visit func(collection string, doc chromemgo.Document) error) (*storeFile, error) {
	f := &storeFile{path: filepath.Join(dir, fileName)}
	last := createdTx
	if info, err := os.Lstat(f.path); err == nil && info.Size() > 0 {
		if last, err = f.read(visit); err != nil {
			return nil, err
		}
	}
	if err := f.open(false); err != nil {
		return nil, err
	}
	now, err := f.lastTx()
	if err == nil && now != last {
		err = fmt.Errorf("%w: %q was changed while it was opened", ErrInUse, f.path)
	}
	if err == nil && last == createdTx {
		err = f.create(dir)
	}
	if err != nil {
		return nil, errors.Join(err, f.db.Close())
	}
	return f, nil
}

// create makes the buckets of a new file. bbolt does not sync the folder.
func (f *storeFile) create(dir string) error {
	err := f.db.Update(func(tx *bbolt.Tx) error {
		if _, err := tx.CreateBucket(documentsBucket); err != nil {
			return err
		}
		format, err := tx.CreateBucket(formatBucket)
		if err != nil {
			return err
		}
		return format.Put(formatKey, []byte(formatVersion))
	})
	if err = errors.Join(err, syncFolder(dir)); err != nil {
		err = f.writeError(err)
	}
	return err
}

// open opens the database. The lock of a database that may not write keeps others
// from writing.
func (f *storeFile) open(readOnly bool) (err error) {
	f.db, err = bbolt.Open(f.path, 0o600, &bbolt.Options{
		Timeout: lockWait, ReadOnly: readOnly,
		// A list of free pages that is damaged would let documents be overwritten.
		NoFreelistSync: true, FreelistType: bbolt.FreelistMapType, NoStatistics: true,
		OpenFile: func(path string, flag int, perm os.FileMode) (_ *os.File, err error) {
			f.file, err = openRegular(path, flag, perm)
			return f.file, err
		},
	})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, bolterrors.ErrTimeout), errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%w: %q: end that process, or name another folder", ErrInUse, f.path)
	case errors.Is(err, errNotRegular):
		return fmt.Errorf("chromem: WithPersistence: %q %w: move it away, or name another folder", f.path, err)
	case readOnly && !errors.Is(err, fs.ErrPermission):
		return f.damaged(fmt.Errorf("%w: %w", errForeign, err))
	}
	return fmt.Errorf("chromem: WithPersistence: %w: change the permissions of %q, or name another folder", err, f.path)
}

// write makes the change durable, all of it or nothing.
func (f *storeFile) write(c change) error {
	if f.broken != nil {
		return fmt.Errorf("chromem: %q takes no more changes: "+
			"close the store and open it again to see what it has, after this error: %w", f.path, f.broken)
	}
	if err := f.inPlace(); err != nil {
		return err
	}
	var id int
	if err := f.db.Update(func(tx *bbolt.Tx) error {
		id = tx.ID()
		return writeChange(tx, c)
	}); err != nil {
		return f.failed(id, err)
	}
	return nil
}

// failed returns the error of the transaction id, which may be there for all
// that: its last step is a sync of the disk.
func (f *storeFile) failed(id int, err error) error {
	err = f.writeError(err)
	if last, viewErr := f.lastTx(); viewErr != nil || (id > 0 && last >= id) {
		f.broken = errors.Join(err, viewErr)
	}
	return err
}

func (f *storeFile) writeError(err error) error {
	return fmt.Errorf("chromem: write to %q: %w", f.path, err)
}

// lastTx returns the number of the last transaction.
func (f *storeFile) lastTx() (id int, err error) {
	err = f.db.View(func(tx *bbolt.Tx) error {
		id = tx.ID()
		return nil
	})
	return id, err
}

// inPlace returns an error if what is confirmed would not be found again.
func (f *storeFile) inPlace() error {
	open, err := f.file.Stat()
	if err != nil {
		return fmt.Errorf("chromem: %q: %w", f.path, err)
	}
	if there, err := os.Lstat(f.path); err != nil || !os.SameFile(open, there) {
		return errors.Join(fmt.Errorf("chromem: %q was removed or replaced while in use: "+
			"close the store and open it again", f.path), err)
	}
	return f.db.View(func(tx *bbolt.Tx) error { return f.checkSize(tx) })
}

func writeChange(tx *bbolt.Tx, c change) error {
	all, name := tx.Bucket(documentsBucket), []byte(c.collection)
	docs, err := all.CreateBucketIfNotExists(name)
	if err != nil {
		return fmt.Errorf("collection %.100q: %w", c.collection, err)
	}
	before := tally(docs.Sequence())
	sum := before
	for _, id := range c.remove {
		sum = sum.with(docs.Get([]byte(id)), -1)
		if err := docs.Delete([]byte(id)); err != nil {
			return fmt.Errorf("document %.100q: %w", id, err)
		}
	}
	for _, doc := range c.put {
		value := encodeDocument(c.collection, doc)
		sum = sum.with(docs.Get([]byte(doc.ID)), -1).with(value, 1)
		if err := docs.Put([]byte(doc.ID), value); err != nil {
			return fmt.Errorf("document %.100q: %w", doc.ID, err)
		}
	}
	switch {
	case sum.count() == 0:
		return errors.Join(all.DeleteBucket(name), all.SetSequence(all.Sequence()-1))
	case before.count() == 0:
		err = all.SetSequence(all.Sequence() + 1)
	}
	return errors.Join(err, docs.SetSequence(uint64(sum)))
}

// tally is the sequence of a collection's bucket. Its upper half is the number of
// the documents, the lower one the XOR of their checksums: it tells that one is
// missing, or is an older one. The sequence of all is the number of collections.
type tally uint64

// with counts a value n times: 1 or -1. Nil is no value.
func (t tally) with(value []byte, n int) tally {
	if len(value) < sumSize {
		return t
	}
	return (t + tally(n)<<32) ^ tally(binary.BigEndian.Uint32(value))
}

func (t tally) count() int { return int(t >> 32) }
