// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// crashDisk keeps a journal of what is done to a folder, from which it tells what
// may be left when the machine ends at some moment. As POSIX has it, that is of
// a file what was synced, and any or nothing of the rest, and of the folder the
// names of its last sync, and any of the changes since.
type crashDisk struct {
	osDisk
	journal []event
	inodes  int
	names   map[string]int
}

type event struct {
	op    string // write, sync: of an inode. link, unlink: a name. syncdir. confirm: a call returned.
	inode int
	name  string
	from  string // Of a link that is a rename.
	data  string
}

func (d *crashDisk) log(e event) { d.journal = append(d.journal, e) }

func (d *crashDisk) create(path string) (diskFile, error) {
	f, err := d.osDisk.create(path)
	name := filepath.Base(path)
	d.inodes++
	d.names[name] = d.inodes
	d.log(event{op: "link", name: name, inode: d.inodes})
	return &crashFile{f, d, d.inodes}, err
}

func (d *crashDisk) rename(from, to string) error {
	a, b := filepath.Base(from), filepath.Base(to)
	d.log(event{op: "link", name: b, from: a, inode: d.names[a]})
	d.names[b] = d.names[a]
	delete(d.names, a)
	return d.osDisk.rename(from, to)
}

func (d *crashDisk) remove(path string) error {
	d.log(event{op: "unlink", name: filepath.Base(path)})
	delete(d.names, filepath.Base(path))
	return d.osDisk.remove(path)
}

func (d *crashDisk) syncDir(string) error {
	d.log(event{op: "syncdir"})
	return nil
}

type crashFile struct {
	diskFile
	d     *crashDisk
	inode int
}

func (f *crashFile) Write(p []byte) (int, error) {
	f.d.log(event{op: "write", inode: f.inode, data: string(p)})
	return f.diskFile.Write(p)
}

func (f *crashFile) Sync() error {
	f.d.log(event{op: "sync", inode: f.inode})
	return nil
}

// remains returns folders, file contents by name, that a crash may leave after
// the journal's events: all and none of what is not synced, and a choice of the
// rest.
func remains(journal []event, rnd *rand.Rand) []map[string]string {
	durable := map[string]int{}
	var pending []event
	written, synced := map[int]string{}, map[int]string{}
	for _, e := range journal {
		switch e.op {
		case "write":
			written[e.inode] += e.data
		case "sync":
			synced[e.inode] = written[e.inode]
		case "link", "unlink":
			pending = append(pending, e)
		case "syncdir":
			for _, e := range pending {
				e.on(durable)
			}
			pending = nil
		}
	}
	choices := []func(int) bool{
		func(int) bool { return false }, func(int) bool { return true },
	}
	for n := range min(len(pending), 4) {
		last := len(pending) - 1 - n
		choices = append(choices, func(i int) bool { return i == last }, func(i int) bool { return i != last })
	}
	for range min(len(pending), 4) {
		bits := rnd.Uint64()
		choices = append(choices, func(i int) bool { return bits>>(i%64)&1 == 1 })
	}
	var out []map[string]string
	for _, chosen := range choices {
		names := maps.Clone(durable)
		for i, e := range pending {
			if chosen(i) {
				e.on(names)
			}
		}
		for _, rest := range []func(string) string{
			func(string) string { return "" },
			func(s string) string { return s },
			func(s string) string { return s[:len(s)/2] },
			func(s string) string { return string(make([]byte, len(s))) },
		} {
			image := map[string]string{}
			for name, inode := range names {
				image[name] = synced[inode] + rest(written[inode][len(synced[inode]):])
			}
			if !slices.ContainsFunc(out, func(other map[string]string) bool { return maps.Equal(image, other) }) {
				out = append(out, image)
			}
		}
	}
	return out
}

func (e event) on(names map[string]int) {
	if e.op == "unlink" {
		delete(names, e.name)
		return
	}
	if e.from != "" {
		delete(names, e.from)
	}
	names[e.name] = e.inode
}

// image is what a process sees after the journal's events: with all that is not
// synced.
func image(journal []event) (names map[string]int, files map[string]string) {
	names, files = map[string]int{}, map[string]string{}
	written := map[int]string{}
	for _, e := range journal {
		switch e.op {
		case "write":
			written[e.inode] += e.data
		case "link", "unlink":
			e.on(names)
		}
	}
	for name, inode := range names {
		files[name] = written[inode]
	}
	return names, files
}

func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600))
	}
	return dir
}

// crashTest looks at what the crashes of one history leave.
type crashTest struct {
	rnd    *rand.Rand
	seen   map[string]bool
	opened int
}

// check opens what a crash after the journal's events may leave: it opens, and
// has one of the allowed states.
func (c *crashTest) check(t *testing.T, journal []event, allowed []map[string]string) {
	t.Helper()
	last := journal[len(journal)-1]
	for _, files := range remains(journal, c.rnd) {
		key := fmt.Sprint(files, allowed)
		if c.seen[key] {
			continue
		}
		c.seen[key] = true
		c.opened++
		dir := folderOf(t, files)
		s, err := New(WithPersistence(dir), WithEmbedder(&fakeEmbedder{}), withDisk(quickDisk{}), WithIDs(metadataID))
		require.NoError(t, err, "after event %d, %s %s", len(journal), last.op, last.name)
		got := texts(t, s)
		require.True(t, slices.ContainsFunc(allowed, func(want map[string]string) bool { return maps.Equal(want, got) }),
			"after event %d, %s %s: %v", len(journal), last.op, last.name, slices.Sorted(maps.Keys(got)))

		// Life goes on.
		next := step{put: map[string]string{"after": "1 1"}}
		require.NoError(t, next.do(t, s))
		require.NoError(t, s.Close())
		if c.opened%4 == 0 {
			s, err = New(WithPersistence(dir), withDisk(quickDisk{}))
			require.NoError(t, err)
			require.Equal(t, next.on(got), texts(t, s))
			require.NoError(t, s.Close())
		}
		require.NoError(t, os.RemoveAll(dir))
	}
}

// TestCrash ends the machine after every single operation on the disk, in every
// way the file system may then be left (a choice, where these are too many): the
// store opens, has all that was confirmed, and of the call that was interrupted
// all or nothing. So it is when first the process ends, and the machine while
// the folder is opened again.
func TestCrash(t *testing.T) {
	d := &crashDisk{names: map[string]int{}}
	s, _ := newStore(t, WithPersistence(t.TempDir()), WithIDs(metadataID), withDisk(d))
	states := []map[string]string{{}}
	calls := 2*mergeCount + 2
	if testing.Short() {
		calls = mergeCount + 2
	}
	for _, step := range steps(calls) {
		require.NoError(t, step.do(t, s))
		states = append(states, step.on(states[len(states)-1]))
		d.log(event{op: "confirm"})
	}
	require.Equal(t, states[len(states)-1], texts(t, s))

	c := &crashTest{rnd: rand.New(rand.NewPCG(3, 4)), seen: map[string]bool{}}
	confirmed := 0
	for n, e := range d.journal {
		if e.op == "confirm" {
			confirmed++
		}
		allowed := states[confirmed:min(confirmed+2, len(states))]
		c.check(t, d.journal[:n+1], allowed)

		if e.op != "link" || e.from == "" {
			continue
		}
		names, files := image(d.journal[:n+1])
		again := &crashDisk{journal: slices.Clone(d.journal[:n+1]), inodes: d.inodes, names: names}
		s, err := New(WithPersistence(folderOf(t, files)), withDisk(again))
		require.NoError(t, err)
		require.NoError(t, s.Close())
		for m := n + 2; m <= len(again.journal); m++ {
			c.check(t, again.journal[:m], allowed)
		}
	}
	t.Logf("%d moments, %d folders opened", len(d.journal), c.opened)
	assert.Greater(t, c.opened, len(d.journal)/2)
}
