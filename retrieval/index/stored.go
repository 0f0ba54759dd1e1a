// SPDX-License-Identifier: Apache-2.0

package index

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/internal/genai"
)

// Lister is a vector store that can say what it holds: then an [Index] needs no
// [WithLedger]. A store inside a wrapper with a method Unwrap, as
// vectorstore.Wrap's, is found. Instead of List, a store may have a method All
// as chromem's.
type Lister interface {
	// List calls yield with the id and the metadata of each document, until yield
	// returns false. yield does not change the metadata.
	List(ctx context.Context, yield func(id string, metadata map[string]any) bool, options ...vectorstores.Option) error
	Deleter
}

// Deleter is a vector store that can delete documents by the ids that
// AddDocuments returned. Unknown ids are no error.
type Deleter interface {
	Delete(ctx context.Context, ids []string, options ...vectorstores.Option) error
}

type (
	listFunc   func(ctx context.Context, yield func(id string, metadata map[string]any) bool, options ...vectorstores.Option) error
	removeFunc func(ctx context.Context, ids []string) error
)

// stored is how an index learns what is stored, and removes it.
type stored struct {
	target genai.StoreTarget
	list   listFunc // nil if the store cannot say
	ledger string   // used if list is nil
	remove removeFunc
}

func (s stored) known() bool { return s.list != nil || s.ledger != "" }

// newStored looks for what the store, or one that it wraps, can do.
func newStored(x *Index) stored {
	s := stored{target: genai.Store(x.cfg.store), ledger: x.cfg.ledger, remove: x.cfg.remove}
	for at := x.cfg.store; at != nil; {
		if s.list == nil {
			s.list = lister(at)
		}
		if d, ok := at.(Deleter); ok && s.remove == nil {
			s.remove = func(ctx context.Context, ids []string) error { return d.Delete(ctx, ids, x.options...) }
		}
		w, ok := at.(interface {
			Unwrap() vectorstores.VectorStore
		})
		if !ok {
			break
		}
		at = w.Unwrap()
	}
	return s
}

func lister(s vectorstores.VectorStore) listFunc {
	if l, ok := s.(Lister); ok {
		return l.List
	}
	return allOf(s)
}

// place is where a chunk is: the store's id, and an index into the sources.
type place struct {
	id     string
	source int
}

// inventory is what was stored when a run began, less what the run has met.
type inventory struct {
	chunks map[chunkID]place
	// twice are further copies of chunks, left by runs that were interrupted.
	twice   []stale
	sources []source
	byName  map[string]int
}

type source struct {
	name string
	met  bool // the loader gave it
}

// stale is a stored chunk that should be deleted.
type stale struct {
	chunk chunkID
	place
}

func newInventory() *inventory {
	return &inventory{chunks: map[chunkID]place{}, byName: map[string]int{}}
}

// asJSON is a name as it comes back from a ledger: a file's may be no UTF-8.
func asJSON(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	return string([]rune(name))
}

func (v *inventory) put(id chunkID, storeID, sourceName string) {
	sourceName = asJSON(sourceName)
	i, ok := v.byName[sourceName]
	if !ok {
		i = len(v.sources)
		v.byName[sourceName] = i
		v.sources = append(v.sources, source{name: sourceName})
	}
	if old, ok := v.chunks[id]; ok && old.id != storeID {
		v.twice = append(v.twice, stale{id, old})
	}
	v.chunks[id] = place{storeID, i}
}

// forget takes a chunk out that was deleted.
func (v *inventory) forget(id chunkID, storeID string) {
	if v.chunks[id].id == storeID {
		delete(v.chunks, id)
	}
	v.twice = slices.DeleteFunc(v.twice, func(s stale) bool { return s.chunk == id && s.id == storeID })
}

// meet notes that the loader gives a source.
func (v *inventory) meet(name string) {
	if i, ok := v.byName[asJSON(name)]; ok {
		v.sources[i].met = true
	}
}

// take reports whether a chunk is stored, the first time it is asked.
func (v *inventory) take(id chunkID) bool {
	_, ok := v.chunks[id]
	delete(v.chunks, id)
	return ok
}

// leftovers are the chunks that the loader did not give: those of the sources it
// gave, and with all those of every source, but for the ones that failed.
func (v *inventory) leftovers(all bool, failed []*SourceError) []stale {
	keep, below := map[string]bool{}, []string{}
	for _, f := range failed {
		name := asJSON(f.Source)
		if keep[name] = true; strings.HasSuffix(name, "/") {
			below = append(below, name)
		}
	}
	drop := make([]bool, len(v.sources))
	for i, s := range v.sources {
		drop[i] = (all || s.met && s.name != "") && !keep[s.name] &&
			!slices.ContainsFunc(below, func(folder string) bool { return strings.HasPrefix(s.name, folder) })
	}
	var found []stale
	for id, p := range maps.All(v.chunks) {
		if drop[p.source] {
			found = append(found, stale{id, p})
		}
	}
	for _, t := range v.twice {
		if drop[t.source] {
			found = append(found, t)
		}
	}
	slices.SortFunc(found, func(a, b stale) int {
		return cmp.Or(cmp.Compare(v.sources[a.source].name, v.sources[b.source].name), cmp.Compare(a.id, b.id))
	})
	return found
}
