// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
)

// bbolt trusts the structure of its pages: a damaged one would end the program,
// or lead it round in a circle. A page begins with its number, its kind, how many
// elements it has, and how many pages follow that belong to it. An element says
// how far behind its own beginning its key is, and has 16 bytes. The numbers have
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

// checkMetas requires both pages that say which transaction is the last, and that
// they are of two in a row: with one of them bbolt goes back to an earlier one.
func checkMetas(file io.ReaderAt, pageSize int) error {
	var ids [2]uint64
	for page := range ids {
		var meta [metaSize]byte
		if _, err := file.ReadAt(meta[:], int64(page*pageSize+pageHead)); err != nil {
			return err
		}
		sum := fnv.New64a()
		_, _ = sum.Write(meta[:metaSize-8])
		if sum.Sum64() != binary.NativeEndian.Uint64(meta[metaSize-8:]) {
			return fmt.Errorf("page %d: %w", page, errChecksum)
		}
		ids[page] = binary.NativeEndian.Uint64(meta[metaSize-16:])
	}
	if ids[0]%2 != 0 || ids[0] != ids[1]+1 && ids[1] != ids[0]+1 {
		return errPage
	}
	return nil
}

// pageCheck walks the tree of pages below end.
type pageCheck struct {
	file     io.ReaderAt
	pageSize int
	end      uint64
	seen     map[uint64]bool
}

// tree checks the page and those below it, whose keys must be in [low, high). A
// high of nil is no limit.
func (c *pageCheck) tree(id uint64, low, high []byte) error {
	var head [pageHead]byte
	if id < 2 || id >= c.end {
		return fmt.Errorf("page %d: %w", id, errPage)
	}
	if _, err := c.file.ReadAt(head[:], int64(id)*int64(c.pageSize)); err != nil {
		return err
	}
	last := id + uint64(binary.NativeEndian.Uint32(head[12:]))
	if binary.NativeEndian.Uint64(head[:]) != id || last >= c.end {
		return fmt.Errorf("page %d: %w", id, errPage)
	}
	for page := id; page <= last; page++ {
		if c.seen[page] {
			return fmt.Errorf("page %d: %w", page, errPage)
		}
		c.seen[page] = true
	}
	data := make([]byte, (last-id+1)*uint64(c.pageSize))
	if _, err := c.file.ReadAt(data, int64(id)*int64(c.pageSize)); err != nil {
		return err
	}
	if err := c.elements(data, low, high); err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	return nil
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
	keys, values := make([][]byte, n+1), make([][]byte, n)
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
		keys[i], values[i] = data[begin:end], data[end:end+valueSize]
		if order := bytes.Compare(keys[i], low); order < 0 || i > 0 && order == 0 || high != nil && bytes.Compare(keys[i], high) >= 0 {
			return errPage
		}
		low = keys[i]
	}
	keys[n] = high
	for i := range n {
		var err error
		switch at := pageHead + i*elementSize; {
		case kind == branchPage:
			err = c.tree(binary.NativeEndian.Uint64(data[at+8:]), keys[i], keys[i+1])
		case binary.NativeEndian.Uint32(data[at:])&bucketFlag != 0:
			err = c.bucket(values[i])
		}
		if err != nil {
			return err
		}
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
