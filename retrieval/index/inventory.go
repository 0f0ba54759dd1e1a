// SPDX-License-Identifier: Apache-2.0

package index

import (
	"cmp"
	"slices"
	"strings"
	"unique"
)

// stored is a chunk in the store, by the store's id.
type stored struct {
	id     string
	source unique.Handle[string]
}

// inventory is what was stored when a run began, less what the run has met.
type inventory struct {
	chunks map[chunkID]stored
	// copies are further copies of chunks, which two programs have added at once.
	copies []stored
	// given are the sources that the loader gave.
	given map[string]bool
}

func newInventory() *inventory {
	return &inventory{chunks: map[chunkID]stored{}, given: map[string]bool{}}
}

// put keeps a document of the store, if an index has put it there.
func (v *inventory) put(id string, metadata map[string]any) {
	chunk, ok := parseChunkID(metadata[ChunkIDKey])
	if !ok {
		return
	}
	if old, ok := v.chunks[chunk]; ok {
		v.copies = append(v.copies, old)
	}
	v.chunks[chunk] = stored{id, unique.Make(sourceOf(metadata))}
}

// take reports whether a chunk is stored, the first time it is asked.
func (v *inventory) take(id chunkID) bool {
	_, ok := v.chunks[id]
	delete(v.chunks, id)
	return ok
}

// leftovers are the store's ids of the chunks that the loader did not give: those
// of the sources it gave or, with all, of every source. Sources that failed keep
// theirs.
func (v *inventory) leftovers(all bool, failed []*SourceError) []string {
	found := slices.Clone(v.copies)
	for _, s := range v.chunks {
		found = append(found, s)
	}
	slices.SortFunc(found, func(a, b stored) int {
		return cmp.Or(cmp.Compare(a.source.Value(), b.source.Value()), cmp.Compare(a.id, b.id))
	})
	var ids []string
	var source unique.Handle[string]
	drop := false
	for _, s := range found {
		if s.source != source {
			source = s.source
			drop = (all || v.given[source.Value()]) && !slices.ContainsFunc(failed, func(f *SourceError) bool { return f.covers(source.Value()) })
		}
		if drop {
			ids = append(ids, s.id)
		}
	}
	return ids
}

func (e *SourceError) covers(source string) bool {
	name := sourceName(e.Source)
	return source == name || strings.HasSuffix(name, "/") && strings.HasPrefix(source, name)
}
