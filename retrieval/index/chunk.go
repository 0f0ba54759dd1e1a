// SPDX-License-Identifier: Apache-2.0

package index

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/textsplitter"
)

// ChunkIDKey is the metadata key under which an [Index] gives each chunk its id:
// 32 hexadecimal digits, a hash of the document's metadata and the chunk's text.
// The key is an identifier, since some stores allow nothing else.
const ChunkIDKey = "spanloom_chunk_id"

// ChunkID returns the id that an [Index] gave to a chunk, or "". For stores that
// let the caller choose the ids, it makes adding the same chunk twice harmless:
//
//	chromem.New(chromem.WithIDs(index.ChunkID))
func ChunkID(chunk schema.Document) string {
	id, _ := chunk.Metadata[ChunkIDKey].(string)
	return id
}

type chunkID [16]byte

func parseChunkID(v any) (id chunkID, ok bool) {
	text, _ := v.(string)
	if len(text) != hex.EncodedLen(len(id)) {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(text))
	return id, err == nil
}

// chunk is a part of a document on its way to the store.
type chunk struct {
	source string
	schema.Document
}

func newChunk(id chunkID, source, text string, metadata map[string]any) chunk {
	copied := map[string]any{}
	maps.Copy(copied, metadata)
	copied[ChunkIDKey] = hex.EncodeToString(id[:])
	return chunk{source, schema.Document{PageContent: text, Metadata: copied}}
}

func sourceOf(metadata map[string]any) string {
	if v := metadata["source"]; v != nil { // langchaingo's loaders use this key.
		return sourceName(fmt.Sprint(v))
	}
	return ""
}

// sourceName is the name as it comes back from a store that keeps JSON: that of a
// file may be no UTF-8.
func sourceName(name string) string { return string([]rune(name)) }

// split cuts a document; empty chunks, which stores refuse, are left out.
func split(s textsplitter.TextSplitter, text string) ([]string, error) {
	parts, err := s.SplitText(text)
	return slices.DeleteFunc(slices.Clone(parts), func(p string) bool { return strings.TrimSpace(p) == "" }), err
}

// hashDocument identifies a document by its metadata. An id that a search has
// found there does not count: the chunk is the same when it is added again.
func hashDocument(metadata map[string]any) ([sha256.Size]byte, error) {
	metadata = maps.Clone(metadata)
	delete(metadata, ChunkIDKey)
	asJSON, err := json.Marshal(metadata)
	return sha256.Sum256(append([]byte("spanloom chunk 1\n"), asJSON...)), err
}

// equalChunks counts chunks that are equal, so that each gets an id of its own.
type equalChunks map[chunkID]uint64

func (n equalChunks) id(document [sha256.Size]byte, text string) chunkID {
	sum := sha256.Sum256(append(document[:], text...))
	id := chunkID(sum[:len(chunkID{})])
	before := n[id]
	n[id] = before + 1
	if before == 0 {
		return id
	}
	sum = sha256.Sum256(binary.BigEndian.AppendUint64(sum[:], before))
	return chunkID(sum[:len(chunkID{})])
}
