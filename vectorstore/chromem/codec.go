// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"maps"
	"math"
	"slices"

	chromemgo "github.com/philippgille/chromem-go"
)

// sumSize is the length of the checksum with which the value of a document
// begins. The text, the metadata and the vector follow.
const sumSize = 4

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)

	errChecksum = errors.New("its checksum is wrong")
)

// encodeDocument returns the value under which doc is stored.
func encodeDocument(collection string, doc chromemgo.Document) []byte {
	b := make([]byte, sumSize, sumSize+len(doc.Content)+4*len(doc.Embedding)+256)
	b = appendDocument(b, doc)
	binary.BigEndian.PutUint32(b, checksum(collection, doc.ID, b[sumSize:]))
	return b
}

// decodeDocument reads what encodeDocument wrote for this collection and id.
func decodeDocument(collection, id string, value []byte) (chromemgo.Document, error) {
	if len(value) <= sumSize || checksum(collection, id, value[sumSize:]) != binary.BigEndian.Uint32(value) {
		return chromemgo.Document{}, errChecksum
	}
	doc, rest, err := readDocument(value[sumSize:])
	if err == nil && len(rest) > 0 {
		err = errCutOff
	}
	doc.ID = id
	return doc, err
}

// checksum covers the place too: a value that is found elsewhere is damaged.
func checksum(collection, id string, rest []byte) uint32 {
	place := appendText(appendText(nil, collection), id)
	return crc32.Update(crc32.Checksum(place, castagnoli), castagnoli, rest)
}

func appendDocument(b []byte, doc chromemgo.Document) []byte {
	b = appendText(b, doc.Content)
	// Nil and empty metadata differ.
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
