// SPDX-License-Identifier: Apache-2.0

package index

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"strings"

	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/textsplitter"
)

// ChunkIDKey is the metadata key under which an [Index] gives each chunk its id,
// 32 hexadecimal digits made of the document's metadata and of the chunk's
// text. It is an identifier, since some stores allow nothing else.
const ChunkIDKey = "spanloom_chunk_id"

// sourceKey is what langchaingo's loaders call it.
const sourceKey = "source"

// ChunkID returns the id that an [Index] gave to a chunk, or "". For stores that
// let the caller choose the ids, which makes adding the same chunk twice
// harmless in every case:
//
//	chromem.New(chromem.WithIDs(retrieval.ChunkID))
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
	id     chunkID
	source string
	schema.Document
}

func sourceOf(metadata map[string]any) string {
	switch v := metadata[sourceKey].(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

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
	// volatile are the metadata keys that do not count.
	volatile []string
	// whole keeps the counts of all sources, for a loader that comes back to one.
	// Without it they are forgotten with the source, which bounds the memory:
	// where nothing is known of what is stored, equal ids do no harm.
	whole bool
}

// document begins a document and returns what identifies it.
func (n *identifier) document(source string, metadata map[string]any) [sha256.Size]byte {
	if !n.whole && (source != n.source || source == "") {
		clear(n.equal)
	}
	n.source = source
	metadata = without(metadata, ChunkIDKey)
	for _, key := range n.volatile {
		metadata = without(metadata, key)
	}
	return sha256.Sum256(appendIdentity([]byte("spanloom chunk 1\n"), metadata))
}

// without leaves the caller's map as it is.
func without(metadata map[string]any, key string) map[string]any {
	if _, ok := metadata[key]; ok {
		metadata = maps.Clone(metadata)
		delete(metadata, key)
	}
	return metadata
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
