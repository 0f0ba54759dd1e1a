// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"io"

	"go.etcd.io/bbolt"
)

// bbolt trusts the structure of its pages: a damaged one would end the program,
// or let it loop for ever. A page begins with its number, its kind, how many
// elements it has, and how many pages follow that belong to it. An element has 16
// bytes, and says how far behind its own beginning its key is. The numbers have
// the byte order of the machine.
const (
	pageHead    = 16
	elementSize = 16
	metaSize    = 64
	branchPage  = 0x01
	leafPage    = 0x02
	bucketFlag  = 0x01
)

var errPage = errors.New("its structure is damaged")

// checkPages checks all pages that the transaction may reach.
func checkPages(file io.ReaderAt, pageSize int, tx *bbolt.Tx) error {
	c := pageCheck{file, uint64(pageSize), uint64(tx.Size()) / uint64(pageSize), map[uint64]bool{}}
	if err := c.metas(); err != nil {
		return err
	}
	return c.tree(uint64(tx.Cursor().Bucket().Root()), nil, nil)
}

type pageCheck struct {
	file          io.ReaderAt
	pageSize, end uint64
	seen          map[uint64]bool
}

// read returns n pages.
func (c *pageCheck) read(id, n uint64) ([]byte, error) {
	if id >= c.end || n > c.end-id {
		return nil, errPage
	}
	data := make([]byte, n*c.pageSize)
	_, err := c.file.ReadAt(data, int64(id*c.pageSize))
	return data, err
}

// metas requires both pages that say which transaction is the last, and that they
// are of two in a row: with one of them bbolt goes back to an earlier one.
func (c *pageCheck) metas() error {
	var ids [2]uint64
	for page := range uint64(2) {
		data, err := c.read(page, 1)
		if err != nil {
			return err
		}
		meta, sum := data[pageHead:pageHead+metaSize], fnv.New64a()
		_, _ = sum.Write(meta[:metaSize-8])
		if sum.Sum64() != binary.NativeEndian.Uint64(meta[metaSize-8:]) {
			return errPage
		}
		ids[page] = binary.NativeEndian.Uint64(meta[metaSize-16:])
	}
	if ids[0] != ids[1]+1 && ids[1] != ids[0]+1 {
		return errPage
	}
	return nil
}

// tree checks the page and those below it, whose keys must be in [low, high). A
// high of nil is no limit.
func (c *pageCheck) tree(id uint64, low, high []byte) error {
	data, err := c.read(id, 1)
	if err != nil {
		return err
	}
	n := 1 + uint64(binary.NativeEndian.Uint32(data[12:]))
	if n > 1 {
		data, err = c.read(id, n)
	}
	if err != nil || binary.NativeEndian.Uint64(data) != id {
		return cmp.Or(err, errPage)
	}
	for page := id; page < id+n; page++ {
		if c.seen[page] {
			return errPage
		}
		c.seen[page] = true
	}
	return c.elements(data, low, high)
}

// elements checks what is in the page, and the pages below it.
func (c *pageCheck) elements(data, low, high []byte) error {
	if len(data) < pageHead {
		return errPage
	}
	kind, n := binary.NativeEndian.Uint16(data[8:]), int(binary.NativeEndian.Uint16(data[10:]))
	if kind != leafPage && (kind != branchPage || n == 0) || pageHead+n*elementSize > len(data) {
		return errPage
	}
	var below uint64 // The page below the element before.
	for i := range n {
		at := pageHead + i*elementSize
		field := func(i int) int { return int(binary.NativeEndian.Uint32(data[at+4*i:])) }
		pos, keySize, valueSize := field(0), field(1), 0
		if kind == leafPage {
			pos, keySize, valueSize = field(1), field(2), field(3)
		}
		begin, end := at+pos, at+pos+keySize
		if keySize == 0 || end+valueSize > len(data) {
			return errPage
		}
		key := data[begin:end]
		if order := bytes.Compare(key, low); order < 0 || i > 0 && order == 0 || high != nil && bytes.Compare(key, high) >= 0 {
			return errPage
		}
		var err error
		switch {
		case kind == branchPage && i > 0:
			err = c.tree(below, low, key)
		case kind == leafPage && field(0)&bucketFlag != 0:
			err = c.bucket(data[end : end+valueSize])
		}
		if err != nil {
			return err
		}
		low, below = key, binary.NativeEndian.Uint64(data[at+8:])
	}
	if kind == branchPage {
		return c.tree(below, low, high)
	}
	return nil
}

// bucket checks the tree of a bucket. Page 0 stands for one that follows.
func (c *pageCheck) bucket(value []byte) error {
	if len(value) < pageHead {
		return errPage
	}
	if root := binary.NativeEndian.Uint64(value); root != 0 {
		return c.tree(root, nil, nil)
	}
	return c.elements(value[pageHead:], nil, nil)
}
