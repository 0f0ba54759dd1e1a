// SPDX-License-Identifier: Apache-2.0

package index

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/textsplitter"
)

// ChunkIDKey is the metadata key under which an [Index] gives each chunk its id:
// 32 hexadecimal digits, a hash of the document's metadata and the chunk's text.
// The key is an identifier, since some stores allow nothing else.
const ChunkIDKey = "spanloom_chunk_id"

// sourceKey is what langchaingo's loaders call it.
const sourceKey = "source"

// ChunkID returns the id that an [Index] gave to a chunk, or "". For stores that
// let the caller choose the ids, it makes adding the same chunk twice harmless:
//
//	chromem.New(chromem.WithIDs(index.ChunkID))
func ChunkID(chunk schema.Document) string {
	id, _ := chunk.Metadata[ChunkIDKey].(string)
	return id
}

type chunkID [16]byte

func (id chunkID) String() string { return hex.EncodeToString(id[:]) }

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
	metadata = maps.Clone(metadata)
	if metadata == nil {
		metadata = map[string]any{}
	}
	metadata[ChunkIDKey] = id.String()
	return chunk{source, schema.Document{PageContent: text, Metadata: metadata}}
}

func sourceOf(metadata map[string]any) string {
	switch v := metadata[sourceKey].(type) {
	case nil:
		return ""
	case string:
		return sourceName(v)
	default:
		return fmt.Sprint(v)
	}
}

// sourceName is the name as it comes back from a store that keeps JSON: that of a
// file may be no UTF-8.
func sourceName(name string) string { return string([]rune(name)) }

// split cuts a document; empty chunks, which stores refuse, are left out.
func split(s textsplitter.TextSplitter, text string) ([]string, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	parts, err := s.SplitText(text)
	if err != nil {
		return nil, err
	}
	kept := make([]string, 0, len(parts))
	for _, p := range parts {
		if strings.TrimSpace(p) != "" {
			kept = append(kept, p)
		}
	}
	return kept, nil
}

// identifier makes the ids of chunks. Equal chunks of one source get different
// ids, by their order.
type identifier struct {
	source string
	equal  map[chunkID]uint64
	// acrossSources keeps the counts when the source changes, for a loader that
	// comes back to one. Without it the memory is bounded.
	acrossSources bool
}

// document begins a document and returns what identifies it.
func (n *identifier) document(source string, metadata map[string]any) ([sha256.Size]byte, error) {
	if !n.acrossSources && (source != n.source || source == "") {
		clear(n.equal)
	}
	n.source = source
	// A chunk that was found by a search may be added again.
	if _, ok := metadata[ChunkIDKey]; ok {
		metadata = maps.Clone(metadata)
		delete(metadata, ChunkIDKey)
	}
	asJSON, err := json.Marshal(metadata)
	return sha256.Sum256(append([]byte("spanloom chunk 1\n"), asJSON...)), err
}

func (n *identifier) chunk(document [sha256.Size]byte, text string) chunkID {
	h := sha256.New()
	h.Write(document[:])
	h.Write([]byte(text))
	sum := h.Sum(nil)
	id := chunkID(sum[:len(chunkID{})])
	before := n.equal[id]
	if n.equal == nil {
		n.equal = map[chunkID]uint64{}
	}
	n.equal[id] = before + 1
	if before == 0 {
		return id
	}
	again := sha256.Sum256(binary.BigEndian.AppendUint64(sum, before))
	return chunkID(again[:len(chunkID{})])
}
