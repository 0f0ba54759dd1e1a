// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"iter"
	"maps"
)

const (
	// mergeCount small segments become one.
	mergeCount = 16
	// sealedSize is where a segment is left alone.
	sealedSize = 1 << 20
	// slack is how many records may be out of date besides half of them.
	slack = 100
)

// tidy keeps the number of files, and the space that replaced and deleted
// documents take, within bounds. It does at most one piece of work; over time,
// a record is rewritten about three times.
//
// It comes before a change, not after, so that it can report damage of what is
// stored: the change is refused then, while memory still has everything. Other
// failures leave all as it was, and are not worth failing the change for.
func (f *folder) tidy(docs documents, compress bool) error {
	if f.broken != nil || len(f.segments) < f.tidyAt || f.inPlace() != nil {
		return nil
	}
	total := 0
	for _, s := range f.segments {
		total += s.records
	}
	var from int
	var records iter.Seq[record]
	if total > 2*docs.len()+slack {
		records = docs.records()
	} else if from = mergeable(f.segments); from >= 0 {
		merged, err := f.merge(from)
		if err != nil {
			return err
		}
		records = maps.Values(merged)
	} else {
		return nil
	}
	old := f.segments[from:]
	s, err := f.write(old[0].first, old[len(old)-1].last, records, compress)
	if err != nil {
		f.tidyAt = len(f.segments) + mergeCount
		return nil
	}
	f.segments = append(f.segments[:from:from], s)
	f.removeAll(old)
	return nil
}

// mergeable returns where the last segments begin that are worth merging, or -1:
// enough small ones, with or without tiny ones between them. So a record moves
// from tiny to small and from small to sealed, and not back and forth between
// neighbours.
func mergeable(segments []segment) int {
	for _, size := range []struct{ from, to int64 }{{0, sealedSize / mergeCount}, {sealedSize / mergeCount, sealedSize}} {
		i, n := len(segments), 0
		for i > 0 && segments[i-1].size < size.to {
			i--
			if segments[i].size >= size.from {
				n++
			}
		}
		if n >= mergeCount {
			return i
		}
	}
	return -1
}

type recordKey struct{ collection, id string }

// merge returns the last record of each document in the segments from there on.
// Deletions stay, unless there is nothing before them to delete.
func (f *folder) merge(from int) (map[recordKey]record, error) {
	merged := map[recordKey]record{}
	for i := range f.segments[from:] {
		err := f.read(&f.segments[from+i], func(r record) error {
			key := recordKey{r.Collection, r.ID}
			if r.Deleted && from == 0 {
				delete(merged, key)
			} else {
				merged[key] = r
			}
			return r.check()
		})
		if err != nil {
			return nil, err
		}
	}
	return merged, nil
}
