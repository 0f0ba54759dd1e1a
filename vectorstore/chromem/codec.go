// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"math"
	"slices"
	"sync"

	chromemgo "github.com/philippgille/chromem-go"
)

// The value of a document is a checksum, a byte for the form, and the text, the
// metadata and the vector.
const (
	sumSize = 4

	formPlain   = 0
	formDeflate = 1
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)

	errChecksum = errors.New("its checksum is wrong")
)

// encodeDocument returns the value under which doc is stored.
func encodeDocument(collection string, doc chromemgo.Document, compress bool) ([]byte, error) {
	b := make([]byte, sumSize+1, sumSize+1+len(doc.Content)+4*len(doc.Embedding)+256)
	b = appendDocument(b, doc)
	if compress {
		var err error
		if b, err = deflate(b); err != nil {
			return nil, err
		}
	}
	binary.BigEndian.PutUint32(b, checksum(collection, doc.ID, b[sumSize:]))
	return b, nil
}

// decodeDocument reads what encodeDocument wrote for this collection and id.
func decodeDocument(collection, id string, value []byte) (chromemgo.Document, error) {
	if len(value) <= sumSize || checksum(collection, id, value[sumSize:]) != binary.BigEndian.Uint32(value) {
		return chromemgo.Document{}, errChecksum
	}
	form, body := value[sumSize], value[sumSize+1:]
	switch form {
	case formPlain:
	case formDeflate:
		var err error
		if body, err = inflate(body); err != nil {
			return chromemgo.Document{}, err
		}
	default:
		return chromemgo.Document{}, fmt.Errorf("its form is %d, which this version does not know", form)
	}
	doc, rest, err := readDocument(body)
	if err == nil && len(rest) > 0 {
		err = errCutOff
	}
	doc.ID = id
	return doc, err
}

// A writer and a reader have large buffers.
var (
	deflaters = sync.Pool{New: func() any {
		w, _ := flate.NewWriter(nil, flate.BestSpeed) // Vectors hardly shrink, whatever the level.
		return w
	}}
	inflaters = sync.Pool{New: func() any { return flate.NewReader(nil) }}
)

// deflate compresses what follows the checksum and the form.
func deflate(value []byte) ([]byte, error) {
	var out bytes.Buffer
	out.Write(value[:sumSize])
	out.WriteByte(formDeflate)
	w, _ := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(&out)
	_, err := w.Write(value[sumSize+1:])
	err = errors.Join(err, w.Close())
	return out.Bytes(), err
}

func inflate(body []byte) ([]byte, error) {
	r, _ := inflaters.Get().(io.ReadCloser)
	defer inflaters.Put(r)
	if err := r.(flate.Resetter).Reset(bytes.NewReader(body), nil); err != nil { //nolint:forcetypeassert // As documented.
		return nil, err
	}
	return io.ReadAll(r)
}

// checksum covers the place too: a value that is found elsewhere is damaged.
func checksum(collection, id string, rest []byte) uint32 {
	place := appendText(appendText(nil, collection), id)
	return crc32.Update(crc32.Checksum(place, castagnoli), castagnoli, rest)
}

func appendDocument(b []byte, doc chromemgo.Document) []byte {
	b = appendText(b, doc.Content)
	// Nil and empty metadata are told apart.
	if doc.Metadata == nil {
		b = binary.AppendUvarint(b, 0)
	} else {
		b = binary.AppendUvarint(b, uint64(len(doc.Metadata))+1)
	}
	for _, key := range slices.Sorted(maps.Keys(doc.Metadata)) {
		b = appendText(appendText(b, key), doc.Metadata[key])
	}
	b = binary.AppendUvarint(b, uint64(len(doc.Embedding)))
	for _, x := range doc.Embedding {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// readDocument copies what it reads.
func readDocument(b []byte) (doc chromemgo.Document, rest []byte, err error) {
	r := reader{b: b}
	doc.Content = r.text()
	if n := r.count(); n > 0 {
		doc.Metadata = make(map[string]string, n-1)
		for range n - 1 {
			key := r.text()
			doc.Metadata[key] = r.text()
		}
	}
	n := r.count()
	raw := r.bytes(4 * n)
	if r.err == nil && n == 0 {
		r.err = errors.New("it has no vector")
	}
	if r.err != nil {
		return doc, nil, r.err
	}
	doc.Embedding = make([]float32, n)
	for i := range doc.Embedding {
		doc.Embedding[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return doc, r.b, nil
}
