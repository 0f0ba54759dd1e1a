// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"bytes"
	"errors"
	"fmt"

	chromemgo "github.com/philippgille/chromem-go"
	"go.etcd.io/bbolt"
)

var errForeign = errors.New("it is no store of this package, or is damaged at its beginning")

// read checks the file and visits all documents. It returns the number of the
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
		if err := checkPages(f.file, f.db.Info().PageSize, tx); err != nil {
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
	format, all := tx.Bucket(formatBucket), tx.Bucket(documentsBucket)
	if format == nil || all == nil {
		return f.damaged(errForeign)
	}
	if version := format.Get(formatKey); !bytes.Equal(version, []byte(formatVersion)) {
		return fmt.Errorf("chromem: %q has format %.20q, this version of the package knows %s: it was written by another version",
			f.path, version, formatVersion)
	}
	collections := uint64(0)
	err := all.ForEachBucket(func(key []byte) error {
		collections++
		name, sum := string(key), tally(0)
		docs := all.Bucket(key)
		err := docs.ForEach(func(id, value []byte) error {
			sum = sum.with(value, 1)
			doc, err := decodeDocument(name, string(id), value)
			if err == nil {
				err = visit(name, doc)
			}
			if err != nil {
				return f.damaged(fmt.Errorf("document %.100q of collection %.100q: %w", id, name, err))
			}
			return nil
		})
		if want := tally(docs.Sequence()); err == nil && sum != want {
			err = f.damaged(fmt.Errorf("collection %.100q has %d documents, and not the %d that were stored", name, sum.count(), want.count()))
		}
		return err
	})
	if want := all.Sequence(); err == nil && collections != want {
		err = f.damaged(fmt.Errorf("it has %d collections instead of %d", collections, want))
	}
	return err
}

// checkSize keeps bbolt from reading behind the end, which would end the program.
func (f *storeFile) checkSize(tx *bbolt.Tx) error {
	info, err := f.file.Stat()
	if err == nil && info.Size() < tx.Size() {
		err = f.damaged(fmt.Errorf("it is cut off: it has %d bytes of %d", info.Size(), tx.Size()))
	}
	return err
}

func (f *storeFile) damaged(err error) error {
	return fmt.Errorf("%w: the file %q: %w: restore it from a backup, or remove it and add the documents again",
		ErrDamaged, f.path, err)
}
