// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// quickDisk does not wait for the disk, which the tests that use it are not
// about.
type quickDisk struct{ osDisk }

type quickFile struct{ diskFile }

func (d quickDisk) create(path string) (diskFile, error) {
	f, err := d.osDisk.create(path)
	return quickFile{f}, err
}

func (quickDisk) syncDir(string) error { return nil }

func (quickFile) Sync() error { return nil }

func withDisk(d disk) Option {
	return optionFunc(func(c config) config {
		c.disk = d
		return c
	})
}

func TestMergeable(t *testing.T) {
	const tiny, small, sealed = 100, 100_000, 5 << 20
	times := func(n int, sizes ...int64) []int64 { return slices.Repeat(sizes, n) }
	for name, tc := range map[string]struct {
		sizes []int64
		want  int
	}{
		"none":                  {nil, -1},
		"too few":               {times(15, tiny), -1},
		"tiny ones":             {times(16, tiny), 0},
		"after larger ones":     {slices.Concat(times(3, sealed), times(9, small), times(16, tiny)), 12},
		"small ones":            {slices.Concat(times(3, sealed), times(16, small)), 3},
		"with tiny ones":        {times(16, small, tiny), 0},
		"some of both":          {times(15, small, tiny), -1},
		"sealed ones":           {times(100, sealed), -1},
		"interrupted by sealed": {slices.Concat(times(15, tiny), []int64{sealed}, times(15, tiny)), -1},
	} {
		t.Run(name, func(t *testing.T) {
			var segments []segment
			for _, size := range tc.sizes {
				segments = append(segments, segment{size: size})
			}
			assert.Equal(t, tc.want, mergeable(segments))
		})
	}
}

// However many calls there were, there are few files, they are not much larger
// than what is stored, and what is stored is right.
func TestTidy(t *testing.T) {
	dir := t.TempDir()
	opts := []Option{WithPersistence(dir), WithIDs(metadataID), withDisk(quickDisk{})}
	s, _ := newStore(t, opts...)
	want := map[string]map[string]schema.Document{"a": {}, "b": {}}
	rnd := rand.New(rand.NewPCG(1, 2))
	calls := 2000
	if testing.Short() {
		calls = 300
	}
	for i := range calls {
		name := []string{"a", "b"}[rnd.IntN(2)]
		ns := vectorstores.WithNameSpace(name)
		switch {
		case rnd.IntN(3) > 0:
			batch := map[string]schema.Document{}
			for range 1 + rnd.IntN(5) {
				id := fmt.Sprint(rnd.IntN(200))
				batch[id] = doc(fmt.Sprintf("1 %d", rnd.IntN(9)), "id", id, "call", i)
			}
			var in []schema.Document
			for id, d := range batch {
				in = append(in, d)
				want[name][id] = d
			}
			add(t, s, in, ns)
		default:
			var ids []string
			for range rnd.IntN(10) {
				id := fmt.Sprint(rnd.IntN(200))
				ids = append(ids, id)
				delete(want[name], id)
			}
			require.NoError(t, s.Delete(t.Context(), ids, ns))
		}
		if i%97 == 96 {
			s, _ = reopen(t, s, opts...)
			require.Equal(t, want, everything(t, s))
		}
	}
	s, _ = reopen(t, s, opts...)
	assert.Equal(t, want, everything(t, s))

	all := files(t, dir)
	assert.LessOrEqual(t, len(all), 3*mergeCount)
	size := 0
	for _, data := range all {
		size += len(data)
	}
	assert.Less(t, size, 250*(3*(len(want["a"])+len(want["b"]))+2*slack))
}

// Once nearly all is out of date, all is written anew.
func TestTidyRemovesWhatIsDeleted(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir), WithIDs(metadataID), withDisk(quickDisk{}))
	in := make([]schema.Document, 2*slack)
	ids := make([]string, len(in))
	for i := range in {
		ids[i] = fmt.Sprint(i)
		in[i] = doc("1 0", "id", ids[i])
	}
	add(t, s, in)
	require.NoError(t, s.Delete(t.Context(), ids[1:]))
	add(t, s, docs("0 1"))
	assert.Less(t, len(files(t, dir)["00000001-00000002.seg"]), 500)
	want := everything(t, s)
	s, _ = reopen(t, s, WithPersistence(dir))
	assert.Equal(t, want, everything(t, s))
	assert.Equal(t, 2, s.Count())
}

// The segments that a merge is made of do not count any more, but it must not
// be lost before they are.
func TestOpenRemovesWhatIsMerged(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir), WithIDs(metadataID))
	for i := range mergeCount {
		add(t, s, []schema.Document{doc("1 0", "id", fmt.Sprint(i))})
	}
	require.NoError(t, s.Delete(t.Context(), []string{"0"}))
	before := files(t, dir)
	assert.Len(t, before, 2)
	for i := range mergeCount {
		name := segmentName(i+1, i+1, extension)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("not even read"), 0o600))
	}
	s, _ = reopen(t, s, WithPersistence(dir))
	assert.Equal(t, mergeCount-1, s.Count())
	assert.Equal(t, before, files(t, dir))
}

// The deletion of what is in a segment before the merged ones must stay, whether
// or not the document, here with vectors of another length, is added again.
func TestMergeKeepsDeletions(t *testing.T) {
	dir := t.TempDir()
	opts := []Option{WithPersistence(dir), WithIDs(metadataID), withDisk(quickDisk{})}
	s, _ := newStore(t, opts...)
	other := vectorstores.WithNameSpace("other")
	add(t, s, []schema.Document{doc("1 0", "id", "again"), doc("1 0", "id", "gone")})
	add(t, s, docs("1 0 "+strings.Repeat("large ", sealedSize)), other)
	require.NoError(t, s.Delete(t.Context(), []string{"again", "gone"}))
	for i := range mergeCount {
		add(t, s, []schema.Document{doc("1 0 0", "id", "again"), doc("0 1 0", "id", fmt.Sprint(i%3))})
	}
	want := everything(t, s)
	assert.Equal(t, 4, s.Count())
	require.Contains(t, files(t, dir), "00000003-00000018.seg")
	s, _ = reopen(t, s, opts...)
	assert.Equal(t, want, everything(t, s))
}
