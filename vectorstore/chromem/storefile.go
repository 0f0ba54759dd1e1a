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
	formatVersion = "2"
	// createdTx is the transaction with which bbolt creates a file.
	createdTx = 1
	// lockWait is how long New waits for another process that ends.
	lockWait = 500 * time.Millisecond
)

// The buckets of the file. documents has a bucket for each collection, and totals
// a value.
var (
	formatBucket    = []byte("spanloom.chromem")
	formatKey       = []byte("format")
	documentsBucket = []byte("documents")
	totalsBucket    = []byte("totals")
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
	info, err := os.Lstat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		err = refuseFormer(dir)
	} else if err == nil && (info.Size() > 0 || !info.Mode().IsRegular()) {
		last, err = f.read(visit)
	}
	if err != nil {
		return nil, err
	}
	if err := f.open(false); err != nil {
		return nil, err
	}
	if now, err := f.lastTx(); err != nil || now != last {
		return nil, errors.Join(fmt.Errorf("%w: %q was changed while it was opened", ErrInUse, f.path), err, f.db.Close())
	}
	if last == createdTx {
		if err := f.create(dir); err != nil {
			return nil, errors.Join(f.writeError(err), f.db.Close())
		}
	}
	return f, nil
}

// create makes the buckets of a new file. bbolt does not sync the folder.
func (f *storeFile) create(dir string) error {
	err := f.db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{documentsBucket, totalsBucket, formatBucket} {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return tx.Bucket(formatBucket).Put(formatKey, []byte(formatVersion))
	})
	return errors.Join(err, syncFolder(dir))
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
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("%w: %q: end that process, or name another folder", ErrInUse, f.path)
	case errors.Is(err, errNotRegular):
		return fmt.Errorf("chromem: WithPersistence: %q %w: move it away, or name another folder", f.path, err)
	case readOnly:
		return f.unreadable(err)
	}
	return fmt.Errorf("chromem: WithPersistence: %q cannot be written to: %w: "+
		"change its permissions, or name another folder", f.path, err)
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
	name := []byte(c.collection)
	all, totals := tx.Bucket(documentsBucket), tx.Bucket(totalsBucket)
	docs, err := all.CreateBucketIfNotExists(name)
	if err != nil {
		return fmt.Errorf("collection %.100q: %w", c.collection, err)
	}
	var sum total
	if value := totals.Get(name); value != nil {
		if sum, err = readTotal(c.collection, value); err != nil {
			return err
		}
	}
	for _, id := range c.remove {
		sum.subtract(docs.Get([]byte(id)))
		if err := docs.Delete([]byte(id)); err != nil {
			return fmt.Errorf("document %.100q: %w", id, err)
		}
	}
	for _, doc := range c.put {
		value := encodeDocument(c.collection, doc)
		sum.subtract(docs.Get([]byte(doc.ID)))
		sum.add(value)
		if err := docs.Put([]byte(doc.ID), value); err != nil {
			return fmt.Errorf("document %.100q: %w", doc.ID, err)
		}
	}
	if sum.count == 0 {
		return errors.Join(all.DeleteBucket(name), totals.Delete(name))
	}
	return totals.Put(name, sum.value(c.collection))
}

// total is how many documents a collection has, and the sum of their checksums.
// It tells that a document is missing, or is an older one.
type total struct{ count, sum uint64 }

func (t *total) add(value []byte) {
	t.count++
	t.sum += uint64(binary.BigEndian.Uint32(value))
}

// subtract takes a value out; there may be none.
func (t *total) subtract(value []byte) {
	if len(value) >= sumSize {
		t.count--
		t.sum -= uint64(binary.BigEndian.Uint32(value))
	}
}

func (t *total) value(collection string) []byte {
	b := binary.BigEndian.AppendUint64(nil, t.count)
	b = binary.BigEndian.AppendUint64(b, t.sum)
	return binary.BigEndian.AppendUint32(b, checksum(collection, "", b))
}

func readTotal(collection string, value []byte) (total, error) {
	if len(value) != 20 || checksum(collection, "", value[:16]) != binary.BigEndian.Uint32(value[16:]) {
		return total{}, fmt.Errorf("%w: the total of collection %.100q: %w", ErrDamaged, collection, errChecksum)
	}
	return total{binary.BigEndian.Uint64(value), binary.BigEndian.Uint64(value[8:])}, nil
}
