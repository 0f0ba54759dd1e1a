// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"fmt"
	"maps"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// faultDisk fails the operation number at, or all from there on, as a full or
// dying disk does; a write that fails has written a part.
type faultDisk struct {
	at      int
	forever bool
	ops     int
}

func (d *faultDisk) fail() error {
	d.ops++
	if d.ops == d.at || d.forever && d.ops > d.at {
		return syscall.ENOSPC
	}
	return nil
}

func (d *faultDisk) failed() bool { return d.ops >= d.at }

func (d *faultDisk) create(path string) (diskFile, error) {
	if err := d.fail(); err != nil {
		return nil, err
	}
	f, err := osDisk{}.create(path)
	return &faultFile{f, d}, err
}

func (d *faultDisk) rename(from, to string) error {
	if err := d.fail(); err != nil {
		return err
	}
	return os.Rename(from, to)
}

func (d *faultDisk) remove(path string) error {
	if err := d.fail(); err != nil {
		return err
	}
	return os.Remove(path)
}

func (d *faultDisk) syncDir(string) error { return d.fail() }

type faultFile struct {
	f diskFile
	d *faultDisk
}

func (f *faultFile) Write(p []byte) (int, error) {
	if err := f.d.fail(); err != nil {
		n, _ := f.f.Write(p[:len(p)/2])
		return n, err
	}
	return f.f.Write(p)
}

func (f *faultFile) Sync() error { return f.d.fail() }

func (f *faultFile) Close() error {
	if err := f.d.fail(); err != nil {
		_ = f.f.Close()
		return err
	}
	return f.f.Close()
}

// step is a call that changes a store, and its model.
type step struct {
	put    map[string]string // Text by id.
	remove []string
}

func (st step) do(t *testing.T, s *Store) error {
	if st.put == nil {
		return s.Delete(t.Context(), st.remove, vectorstores.WithNameSpace("c"))
	}
	var in []schema.Document
	for id, text := range st.put {
		in = append(in, doc(text, "id", id))
	}
	_, err := s.AddDocuments(t.Context(), in, vectorstores.WithNameSpace("c"))
	return err
}

func (st step) on(model map[string]string) map[string]string {
	after := maps.Clone(model)
	maps.Copy(after, st.put)
	for _, id := range st.remove {
		delete(after, id)
	}
	return after
}

// texts is the state of a store as step's model has it.
func texts(t *testing.T, s *Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	for id, d := range everything(t, s)["c"] {
		assert.Equal(t, map[string]any{"id": id}, d.Metadata)
		all[id] = d.PageContent
	}
	return all
}

// steps make segments, merges of them, and one rewrite of all.
func steps(calls int) []step {
	many := map[string]string{}
	var ids []string
	for i := range slack + 10 {
		id := fmt.Sprintf("many%d", i)
		many[id] = "1 0"
		ids = append(ids, id)
	}
	out := []step{{put: map[string]string{"a": "1 0"}}, {put: many}, {remove: ids}}
	for i := range calls {
		switch i % 4 {
		case 0, 1:
			out = append(out, step{put: map[string]string{fmt.Sprintf("i%d", i%10): fmt.Sprintf("1 %d", i), "a": fmt.Sprintf("2 %d", i)}})
		case 2:
			out = append(out, step{put: map[string]string{fmt.Sprintf("new%d", i): "0 1"}})
		default:
			out = append(out, step{remove: []string{fmt.Sprintf("i%d", (i-2)%10), fmt.Sprintf("new%d", i-3)}})
		}
	}
	return out
}

// Whatever operation of the disk fails: a call that returns an error has changed
// nothing, neither in memory nor on disk, and one that returns none has done all.
func TestDiskErrors(t *testing.T) {
	script := steps(mergeCount + 4)
	for _, forever := range []bool{false, true} {
		t.Run(fmt.Sprintf("forever %t", forever), func(t *testing.T) {
			broken, refused := 0, 0
			for at := 1; ; at++ {
				if testing.Short() && at%5 != 0 {
					continue
				}
				d := &faultDisk{at: at, forever: forever}
				dir := t.TempDir()
				e := &fakeEmbedder{}
				s, err := New(WithPersistence(dir), WithIDs(metadataID), WithEmbedder(e), withDisk(d))
				if err != nil {
					require.ErrorIs(t, err, syscall.ENOSPC)
					require.True(t, d.failed())
					continue
				}
				model := map[string]string{}
				allowed := []map[string]string{model}
				for _, step := range script {
					wasBroken := s.folder.broken != nil
					err := step.do(t, s)
					switch {
					case err == nil && wasBroken: // There was nothing to delete.
						require.Equal(t, model, step.on(model))
					case err == nil:
						model = step.on(model)
						allowed = []map[string]string{model}
					default:
						refused++
						require.ErrorIs(t, err, syscall.ENOSPC)
						require.ErrorContains(t, err, dir)
						require.True(t, wasBroken || d.failed())
						if s.folder.broken != nil && !wasBroken {
							broken++
							allowed = append(allowed, step.on(model))
						}
					}
				}
				require.Equal(t, model, texts(t, s), "memory, after the failure of operation %d", at)
				require.NoError(t, s.Close())

				s, err = New(WithPersistence(dir), WithEmbedder(e), withDisk(quickDisk{}))
				require.NoError(t, err, "after the failure of operation %d", at)
				require.Contains(t, allowed, texts(t, s), "disk, after the failure of operation %d", at)
				require.NoError(t, s.Close())
				if !d.failed() {
					require.Len(t, allowed, 1)
					break
				}
			}
			t.Logf("%d calls refused, %d folders taken out of use", refused, broken)
			assert.NotZero(t, refused)
		})
	}
}

// One failed call does not keep the next one from working.
func TestDiskErrorPasses(t *testing.T) {
	for op, name := range []string{"create", "write", "sync", "close", "rename", "sync folder"} {
		d := &faultDisk{at: 1 << 30}
		s, _ := newStore(t, WithPersistence(t.TempDir()), withDisk(d))
		d.at = d.ops + 1 + op
		_, err := s.AddDocuments(t.Context(), docs("1 0"))
		require.ErrorIs(t, err, syscall.ENOSPC, name)
		require.ErrorContains(t, err, "chromem: write to the folder")
		assert.Zero(t, s.Count())
		add(t, s, docs("0 1"))
		assert.Equal(t, 1, s.Count())
	}
}

// If a failed call cannot be undone on disk, the store says so and is read only.
func TestDiskErrorThatStays(t *testing.T) {
	dir := t.TempDir()
	d := &faultDisk{at: 1 << 30, forever: true}
	s, _ := newStore(t, WithPersistence(dir), withDisk(d), WithIDs(metadataID))
	add(t, s, []schema.Document{doc("1 0", "id", "a")})
	d.at = d.ops + 6 // create, write, sync, close, rename
	_, err := s.AddDocuments(t.Context(), []schema.Document{doc("0 1", "id", "b")})
	require.ErrorIs(t, err, syscall.ENOSPC)
	d.at = 1 << 30
	for range 2 {
		_, err = s.AddDocuments(t.Context(), []schema.Document{doc("0 1", "id", "c")})
		require.ErrorContains(t, err, "takes no more changes: close the store and open it again")
		require.ErrorIs(t, err, syscall.ENOSPC)
	}
	assert.Equal(t, []string{"1 0"}, contents(search(t, s, "1 0", 5)))
	s, _ = reopen(t, s, WithPersistence(dir))
	assert.Equal(t, []string{"1 0", "0 1"}, contents(search(t, s, "1 0", 5)), "as the package's documentation says")
	add(t, s, docs("1 1"))
}
