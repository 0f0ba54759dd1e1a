// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"encoding/binary"
	"errors"
)

var errCutOff = errors.New("its length is wrong")

// reader takes values off the front of b. After the first error it returns
// zeros.
type reader struct {
	b   []byte
	err error
}

// bytes returns n bytes, without copying them.
func (r *reader) bytes(n int) []byte {
	if r.err != nil || n > len(r.b) {
		r.b, r.err = nil, errCutOff
		return make([]byte, min(n, 8))
	}
	head := r.b[:n]
	r.b = r.b[n:]
	return head
}

func (r *reader) uvarint() uint64 {
	x, n := binary.Uvarint(r.b)
	if n <= 0 {
		n = len(r.b) + 1
	}
	if r.bytes(n); r.err != nil {
		return 0
	}
	return x
}

func (r *reader) varint() int64 {
	x := r.uvarint()
	return int64(x>>1) ^ -int64(x&1)
}

// count returns how many values follow: never more than there are bytes.
func (r *reader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.b))+1 {
		r.b, r.err = nil, errCutOff
		return 0
	}
	return int(n)
}

func (r *reader) text() string { return string(r.bytes(r.count())) }

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
