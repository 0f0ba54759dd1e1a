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
	fileName = "chromem.db"
	// createdTx is the transaction with which bbolt creates a file.
	createdTx = 1
	// lockWait is how long New waits for another process that ends.
	lockWait = 500 * time.Millisecond
)

// rootBucket has a bucket for each collection. Its name has the version of the
// format.
var rootBucket = []byte("spanloom.chromem.3")

// change is what one call does to one collection.
type change struct {
	collection string
	put        []chromemgo.Document
	remove     []string // Ids that are there.
}

// storeFile keeps the documents of a Store. Store.writing must be held, or nobody
// else must know it yet.
type storeFile struct {
	path string
	db   *bbolt.DB
	file *os.File // Of db.
	// broken is why the file may have what memory has not.
	broken error
}

type visitFunc func(collection string, doc chromemgo.Document) error

// openStoreFile opens the file in the folder, or creates it, and visits all
// documents. After an error the file is as it was.
//
// It is read first without the right to write, since bbolt would follow a damaged
// page anywhere when it looks for free ones.
func openStoreFile(dir string, visit visitFunc) (*storeFile, error) {
	dir, err := filepath.Abs(dir)
	if err == nil {
		err = makeDir(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("chromem: WithPersistence: create the folder %q: %w: name one that this process may write to", dir, err)
	}
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
	// bbolt does not sync the folder.
	if err = errors.Join(err, syncFolder(dir)); err != nil {
		return nil, errors.Join(err, f.db.Close())
	}
	return f, nil
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
		return fmt.Errorf("%w: %q: close that store, or name another folder", ErrInUse, f.path)
	case errors.Is(err, errNotRegular):
		return fmt.Errorf("chromem: WithPersistence: %q %w: move it away, or name another folder", f.path, err)
	case readOnly && !errors.Is(err, fs.ErrPermission):
		return f.damaged(fmt.Errorf("%w: %w", errForeign, err))
	}
	return fmt.Errorf("chromem: WithPersistence: %w: change the permissions of %q, or name another folder", err, f.path)
}

// read checks the file and visits all documents. It returns the number of the
// last transaction.
func (f *storeFile) read(visit visitFunc) (last int, err error) {
	if err := f.open(true); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.db.Close()) }()
	err = f.db.View(func(tx *bbolt.Tx) error {
		last = tx.ID()
		if err := f.checkSize(tx); err != nil {
			return err
		}
		err := checkPages(f.file, f.db.Info().PageSize, tx)
		if err == nil && last != createdTx { // Else the process ended before it added documents.
			err = readDocuments(tx, visit)
		}
		if err != nil {
			return f.damaged(err)
		}
		return nil
	})
	return last, err
}

func readDocuments(tx *bbolt.Tx, visit visitFunc) error {
	all := tx.Bucket(rootBucket)
	if all == nil {
		return errForeign
	}
	collections := uint64(0)
	err := all.ForEachBucket(func(key []byte) error {
		collections++
		name, docs, sum := string(key), all.Bucket(key), tally(0)
		err := docs.ForEach(func(id, value []byte) error {
			sum = sum.with(value, 1)
			doc, err := decodeDocument(name, string(id), value)
			if err == nil {
				err = visit(name, doc)
			}
			if err != nil {
				return fmt.Errorf("document %.100q of collection %.100q: %w", id, name, err)
			}
			return nil
		})
		if want := tally(docs.Sequence()); err == nil && sum != want {
			err = fmt.Errorf("collection %.100q has %d documents, and not the %d that were stored", name, sum.count(), want.count())
		}
		return err
	})
	if want := all.Sequence(); err == nil && collections != want {
		err = fmt.Errorf("it has %d collections instead of %d", collections, want)
	}
	return err
}

var errForeign = errors.New("it is no store of this version of the package, or is damaged at its beginning")

func (f *storeFile) damaged(err error) error {
	return fmt.Errorf("%w: the file %q: %w: restore it from a backup, or remove it and add the documents again",
		ErrDamaged, f.path, err)
}

// checkSize keeps bbolt from reading behind the end, which would end the program.
func (f *storeFile) checkSize(tx *bbolt.Tx) error {
	info, err := f.file.Stat()
	if err == nil && info.Size() < tx.Size() {
		err = f.damaged(fmt.Errorf("it is cut off: it has %d bytes of %d", info.Size(), tx.Size()))
	}
	return err
}

// inPlace returns an error if the open file is no longer the one at its path, or is
// cut off: a change would be lost.
func (f *storeFile) inPlace() error {
	there, err := os.Lstat(f.path)
	open, openErr := f.file.Stat()
	if err = errors.Join(err, openErr); err != nil || !os.SameFile(open, there) {
		return errors.Join(fmt.Errorf("chromem: %q was removed or replaced while in use: "+
			"close the store and open it again", f.path), err)
	}
	return f.db.View(f.checkSize)
}

// lastTx returns the number of the last transaction.
func (f *storeFile) lastTx() (id int, err error) {
	err = f.db.View(func(tx *bbolt.Tx) error {
		id = tx.ID()
		return nil
	})
	return id, err
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
	err := f.db.Update(func(tx *bbolt.Tx) error {
		id = tx.ID()
		return writeChange(tx, c)
	})
	if err != nil {
		return f.failed(id, err)
	}
	return nil
}

// failed returns the error of the transaction id, which may be there for all
// that: its last step is a sync of the disk.
func (f *storeFile) failed(id int, err error) error {
	err = fmt.Errorf("chromem: write to %q: %w", f.path, err)
	if last, viewErr := f.lastTx(); viewErr != nil || (id > 0 && last >= id) {
		f.broken = errors.Join(err, viewErr)
	}
	return err
}

func writeChange(tx *bbolt.Tx, c change) error {
	name := []byte(c.collection)
	all, err := tx.CreateBucketIfNotExists(rootBucket)
	if err != nil {
		return err
	}
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
// missing, or is an older one. That of rootBucket is the number of collections.
type tally uint64

// with counts a value n times: 1 or -1. Nil is no value.
func (t tally) with(value []byte, n int) tally {
	if len(value) < sumSize {
		return t
	}
	return (t + tally(n)<<32) ^ tally(binary.BigEndian.Uint32(value))
}

func (t tally) count() int { return int(t >> 32) }
