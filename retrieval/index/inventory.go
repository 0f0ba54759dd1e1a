// SPDX-License-Identifier: Apache-2.0

package index

import (
	"cmp"
	"slices"
	"strings"
)

// stored is a chunk in the store: the store's id, and an index into the sources.
type stored struct {
	id     string
	source int
}

// inventory is what was stored when a run began, less what the run has met.
type inventory struct {
	chunks map[chunkID]stored
	// copies are further copies of chunks, which two programs have added at once.
	copies  []stored
	sources []source
	byName  map[string]int
}

type source struct {
	name string
	met  bool // the loader gave it
}

func newInventory() *inventory {
	return &inventory{chunks: map[chunkID]stored{}, byName: map[string]int{}}
}

func (v *inventory) put(id chunkID, storeID, sourceName string) {
	i, ok := v.byName[sourceName]
	if !ok {
		i = len(v.sources)
		v.byName[sourceName] = i
		v.sources = append(v.sources, source{name: sourceName})
	}
	if old, ok := v.chunks[id]; ok {
		v.copies = append(v.copies, old)
	}
	v.chunks[id] = stored{storeID, i}
}

// meet notes that the loader gives a source.
func (v *inventory) meet(name string) {
	if i, ok := v.byName[name]; ok {
		v.sources[i].met = true
	}
}

// take reports whether a chunk is stored, the first time it is asked.
func (v *inventory) take(id chunkID) bool {
	_, ok := v.chunks[id]
	delete(v.chunks, id)
	return ok
}

// leftovers are the store's ids of the chunks that the loader did not give, by
// source. They are those of the sources it gave, and with all those of every
// source. Sources that failed keep theirs.
func (v *inventory) leftovers(all bool, failed []*SourceError) []string {
	keep, below := map[string]bool{}, []string{}
	for _, f := range failed {
		name := sourceName(f.Source)
		if keep[name] = true; strings.HasSuffix(name, "/") {
			below = append(below, name)
		}
	}
	drop := make([]bool, len(v.sources))
	for i, s := range v.sources {
		drop[i] = (all || s.met && s.name != "") && !keep[s.name] &&
			!slices.ContainsFunc(below, func(folder string) bool { return strings.HasPrefix(s.name, folder) })
	}
	found := slices.Clone(v.copies)
	for _, s := range v.chunks {
		found = append(found, s)
	}
	found = slices.DeleteFunc(found, func(s stored) bool { return !drop[s.source] })
	slices.SortFunc(found, func(a, b stored) int {
		return cmp.Or(cmp.Compare(v.sources[a.source].name, v.sources[b.source].name), cmp.Compare(a.id, b.id))
	})
	ids := make([]string, len(found))
	for i, s := range found {
		ids[i] = s.id
	}
	return ids
}
