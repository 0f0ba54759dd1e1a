// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"cmp"
	"slices"
	"sort"
)

// rewriter is given stretches of a decoded text to replace, and replaces what
// they stand for in its source.
type rewriter struct {
	source string
	text   string // source, decoded
	edits  []edit // in the order of the text
	found  []stretch
}

// edit says that text[from:to] stands for source[sourceFrom:sourceTo]. Between
// two edits both are the same.
type edit struct{ from, to, sourceFrom, sourceTo int32 }

// stretch is a part of the decoded text, and what goes in its place.
type stretch struct {
	from, to int
	by       string
}

func (w *rewriter) replace(from, to int, by string) { w.found = append(w.found, stretch{from, to, by}) }

// apply returns the source with what was found replaced. A secret that overlaps
// with something else wins.
func (w *rewriter) apply() string {
	slices.SortFunc(w.found, func(a, b stretch) int { return cmp.Or(a.from-b.from, b.to-a.to) })
	kept := w.found[:0]
	for _, s := range w.found {
		if n := len(kept); n == 0 || s.from >= kept[n-1].to {
			kept = append(kept, s)
		} else if isSecret(s.by) && !isSecret(kept[n-1].by) {
			kept[n-1] = s
		}
	}
	b := make([]byte, 0, len(w.source))
	copied := 0
	for _, s := range kept {
		from, to := w.origin(s.from, s.to)
		b = append(append(b, w.source[copied:from]...), s.by...)
		copied = to
	}
	return string(append(b, w.source[copied:]...))
}

// origin returns where text[from:to] stands in the source.
func (w *rewriter) origin(from, to int) (start, end int) {
	k := sort.Search(len(w.edits), func(k int) bool { return int(w.edits[k].to) > from })
	start = w.after(k-1, from)
	if k < len(w.edits) && int(w.edits[k].from) <= from {
		start = int(w.edits[k].sourceFrom)
	}
	k = sort.Search(len(w.edits), func(k int) bool { return int(w.edits[k].from) >= to })
	return start, w.after(k-1, to)
}

// after returns where the place p, which is behind the beginning of edit k, is in
// the source.
func (w *rewriter) after(k, p int) int {
	if k < 0 {
		return p
	}
	e := &w.edits[k]
	return int(e.sourceTo) + max(0, p-int(e.to))
}
