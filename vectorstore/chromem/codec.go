// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"maps"
	"slices"

	chromemgo "github.com/philippgille/chromem-go"
)

// sumSize is the length of the checksum with which the value of a document
// begins. The text, the vector and the metadata follow.
const sumSize = 4

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)

	errChecksum = errors.New("its checksum is wrong")
	errCutOff   = errors.New("its length is wrong")
)

// encodeDocument returns the value under which doc is stored.
func encodeDocument(collection string, doc chromemgo.Document) []byte {
	size := 4 * len(doc.Embedding)
	b := make([]byte, sumSize, sumSize+len(doc.Content)+size+256)
	b = appendText(b, doc.Content)
	b, _ = binary.Append(binary.AppendUvarint(b, uint64(size)), binary.LittleEndian, doc.Embedding)
	if doc.Metadata != nil { // Nil and empty metadata differ.
		b = append(b, byte(min(len(doc.Metadata), 255)))
	}
	for _, key := range slices.Sorted(maps.Keys(doc.Metadata)) {
		b = appendText(appendText(b, key), doc.Metadata[key])
	}
	binary.BigEndian.PutUint32(b, checksum(collection, doc.ID, b[sumSize:]))
	return b
}

// decodeDocument copies what encodeDocument wrote for this collection and id.
func decodeDocument(collection, id string, value []byte) (chromemgo.Document, error) {
	doc := chromemgo.Document{ID: id}
	if len(value) <= sumSize || checksum(collection, id, value[sumSize:]) != binary.BigEndian.Uint32(value) {
		return doc, errChecksum
	}
	content, rest := cut(value[sumSize:])
	vector, rest := cut(rest)
	doc.Content, doc.Embedding = string(content), make([]float32, len(vector)/4)
	if _, err := binary.Decode(vector, binary.LittleEndian, doc.Embedding); err != nil || len(vector) == 0 {
		return doc, errCutOff
	}
	if len(rest) > 0 {
		doc.Metadata = make(map[string]string, rest[0])
		rest = rest[1:]
	}
	for len(rest) > 0 {
		var key, text []byte
		key, rest = cut(rest)
		text, rest = cut(rest)
		doc.Metadata[string(key)] = string(text)
	}
	if rest == nil {
		return doc, errCutOff
	}
	return doc, nil
}

// checksum covers the place too: a value that is found elsewhere is damaged.
func checksum(collection, id string, rest []byte) uint32 {
	place := appendText(appendText(nil, collection), id)
	return crc32.Update(crc32.Checksum(place, castagnoli), castagnoli, rest)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// cut returns the text at the front of b and what follows it: nil if b is cut off.
func cut(b []byte) (text, rest []byte) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return nil, nil
	}
	end := size + int(n)
	return b[size:end], b[end:]
}
