// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// Two ids, also names of collections, with the same file name in chromem-go: the
// first 32 bits of their SHA-256 are equal.
const (
	collidingA = "id-10014"
	collidingB = "id-22672"
)

func withCompression(on bool) []Option {
	if on {
		return []Option{WithCompression()}
	}
	return nil
}

// reopen closes the store before, so that the documents come from the disk.
func reopen(t *testing.T, before *Store, opts ...Option) (*Store, *fakeEmbedder) {
	t.Helper()
	require.NoError(t, before.Close())
	return newStore(t, opts...)
}

// everything returns the documents of all collections by collection and id.
func everything(t *testing.T, s *Store) map[string]map[string]schema.Document {
	t.Helper()
	all := map[string]map[string]schema.Document{}
	for _, name := range s.names() {
		all[name] = map[string]schema.Document{}
		for e, err := range s.All(t.Context(), vectorstores.WithNameSpace(name)) {
			require.NoError(t, err)
			all[name][e.ID] = e.Document
		}
		assert.Len(t, all[name], s.Count(vectorstores.WithNameSpace(name)))
	}
	return all
}

// files returns the contents of the files below dir, but not of the lock.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == lockName {
			return err
		}
		data, err := os.ReadFile(path)
		all[strings.TrimPrefix(path, dir+string(filepath.Separator))] = string(data)
		return err
	}))
	return all
}

func TestReopen(t *testing.T) {
	for _, compress := range []bool{false, true} {
		t.Run(fmt.Sprintf("compress %t", compress), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "a", "b")
			opts := append(withCompression(compress), WithPersistence(dir))
			s, _ := newStore(t, opts...)
			in := []schema.Document{
				doc("1 0", "n", int32(1), "at", time.Unix(0, 1).UTC(), "tags", []string{"a"}, "none", nil),
				doc("0 1"),
				{PageContent: "1 1", Metadata: map[string]any{}},
			}
			ids := add(t, s, in)
			add(t, s, docs("1 0 0"), vectorstores.WithNameSpace("other"))
			require.NoError(t, s.Delete(t.Context(), ids[1:2]))

			s, e := reopen(t, s, opts...)
			assert.Equal(t, 2, s.Count())
			found := search(t, s, "1 0", 5)
			require.Len(t, found, 2)
			assert.Equal(t, in[0].Metadata, found[0].Metadata)
			assert.Equal(t, float32(1), found[0].Score)
			assert.Equal(t, in[2].Metadata, found[1].Metadata)
			assert.Equal(t, []string{"1 0"},
				contents(search(t, s, "1 0", 5, vectorstores.WithFilters(map[string]any{"n": 1}))))

			_, err := s.SimilaritySearch(t.Context(), "1 0 0", 1)
			require.ErrorIs(t, err, ErrDimension)
			require.ErrorContains(t, err, "has vectors of 2")
			_, err = s.AddDocuments(t.Context(), docs("1 0"), vectorstores.WithNameSpace("other"))
			require.ErrorIs(t, err, ErrDimension)
			require.ErrorContains(t, err, "has vectors of 3")

			e.batches = nil
			add(t, s, docs("0 1"))
			assert.Equal(t, [][]string{{"0 1"}}, e.batches)
			require.NoError(t, s.Delete(t.Context(), ids))

			s, _ = reopen(t, s, opts...)
			assert.Equal(t, []string{"0 1"}, contents(search(t, s, "1 0", 5)))

			// An emptied collection may begin anew with another dimension.
			_, err = s.DeleteWhere(t.Context(), Filter{WhereDocument: map[string]string{"$contains": "0"}})
			require.NoError(t, err)
			add(t, s, docs("0 0 1"))
			s, _ = reopen(t, s, opts...)
			assert.Equal(t, []string{"0 0 1"}, contents(search(t, s, "1 0 0", 5)))
		})
	}
}

func TestReopenKeepsNilMetadata(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir))
	add(t, s, docs("1 0"))
	s, _ = reopen(t, s, WithPersistence(dir))
	assert.Nil(t, search(t, s, "1 0", 1)[0].Metadata)
}

// Scores are the same to the last bit, wherever the vectors come from.
func TestScoresOfAReopenedStore(t *testing.T) {
	for _, compress := range []bool{false, true} {
		opts := append(withCompression(compress), WithPersistence(t.TempDir()), WithEmbedder(newBenchEmbedder()))
		s, err := New(opts...)
		require.NoError(t, err)
		for part := range slices.Chunk(benchDocuments()[:200], 50) {
			add(t, s, part)
		}
		before := search(t, s, "query", 200)
		require.NoError(t, s.Close())
		s, err = New(opts...)
		require.NoError(t, err)
		assert.Equal(t, before, search(t, s, "query", 200))
		require.NoError(t, s.Close())
	}
}

func TestCompressionMayChange(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir))
	add(t, s, docs("1 0 "+strings.Repeat("plain ", 1000)))
	s, _ = reopen(t, s, WithPersistence(dir), WithCompression())
	add(t, s, docs("2 0 "+strings.Repeat("small ", 1000)))
	s, _ = reopen(t, s, WithPersistence(dir))
	assert.Equal(t, 2, s.Count())

	all := files(t, dir)
	assert.Greater(t, len(all["00000001-00000001.seg"]), 6000)
	assert.Less(t, len(all["00000002-00000002.seg"]), 1000)
}

func TestConcurrentFirstSearches(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir))
	add(t, s, docs("1 0"))
	s, e := reopen(t, s, WithPersistence(dir))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			found, err := s.SimilaritySearch(t.Context(), "1 0", 1)
			assert.NoError(t, err)
			assert.Len(t, found, 1)
		})
	}
	wg.Wait()
	assert.Len(t, e.queries, 4)
}

func TestUnusableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := New(WithPersistence(file))
	require.ErrorContains(t, err, "is a file: name a folder")
	_, err = New(WithPersistence(filepath.Join(file, "below")))
	require.ErrorContains(t, err, "create the folder")
	require.ErrorContains(t, err, "name one that this process may write to")

	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, lockName), 0o700))
	_, err = New(WithPersistence(dir))
	require.ErrorContains(t, err, "cannot be written to")

	if os.Geteuid() > 0 {
		dir := t.TempDir()
		require.NoError(t, os.Chmod(dir, 0o500))
		_, err = New(WithPersistence(dir))
		require.ErrorContains(t, err, "cannot be written to")
		require.ErrorIs(t, err, os.ErrPermission)
	}
}

func TestOtherFilesAreIgnored(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"README", "mine/notes.txt", "mine/a.gob", "0badcafe/notes.txt", "00000000.gob",
		"1-1.seg", "00000001-00000001.seg.bak", "00000001-00000001.txt", "x00000001-00000001.seg",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600))
	}
	before := files(t, dir)
	s, _ := newStore(t, WithPersistence(dir))
	add(t, s, docs("1 0"))
	s, _ = reopen(t, s, WithPersistence(dir))
	assert.Equal(t, 1, s.Count())
	after := files(t, dir)
	assert.Subset(t, after, before)
	assert.Len(t, after, len(before)+1)
}

// A process that ended while it wrote leaves a part of a segment.
func TestPartOfASegmentIsDropped(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir))
	add(t, s, docs("1 0"))
	require.NoError(t, s.Close())
	require.NoError(t, os.WriteFile(filepath.Join(dir, tmpName), []byte("spanloom chr"), 0o600))
	s, _ = newStore(t, WithPersistence(dir))
	assert.Equal(t, 1, s.Count())
	assert.NoFileExists(t, filepath.Join(dir, tmpName))
}

func TestDamagedFolder(t *testing.T) {
	const second, third, lost = "00000002-00000002.seg", "00000003-00000003.seg", "00000002-00000002.lost"
	write := func(data string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) { require.NoError(t, os.WriteFile(path, []byte(data), 0o600)) }
	}
	for _, compress := range []bool{false, true} {
		for name, tc := range map[string]struct {
			damage func(t *testing.T, path string)
			want   []string
		}{
			"cut off": {
				func(t *testing.T, path string) { require.NoError(t, os.Truncate(path, 40)) },
				[]string{second, "it is cut off", "restore it from a backup", lost, "the other files are unharmed"},
			},
			"empty":   {write(""), []string{second, "does not begin with"}},
			"garbage": {write(strings.Repeat("garbage", 9)), []string{second, "does not begin with"}},
			"another bit": {
				func(t *testing.T, path string) {
					data, err := os.ReadFile(path)
					require.NoError(t, err)
					data[len(data)/2] ^= 1
					write(string(data))(t, path)
				},
				[]string{second, "the checksum of frame 1 is wrong", lost},
			},
			"removed": {
				func(t *testing.T, path string) { require.NoError(t, os.Remove(path)) },
				[]string{"no file for the changes 2 to 2", "restore it from a backup", lost},
			},
			"overlapping": {
				func(t *testing.T, path string) {
					write("")(t, filepath.Join(filepath.Dir(path), "00000003-00000004.seg"))
					write("")(t, filepath.Join(filepath.Dir(path), "00000004-00000005.seg"))
				},
				[]string{"00000004-00000005.seg", "changes in common"},
			},
		} {
			t.Run(fmt.Sprintf("%s, compress %t", name, compress), func(t *testing.T) {
				dir := t.TempDir()
				opts := append(withCompression(compress), WithPersistence(dir), WithIDs(metadataID))
				s, _ := newStore(t, opts...)
				add(t, s, []schema.Document{doc("1 0", "id", "a")})
				add(t, s, []schema.Document{doc("1 0", "id", "b")})
				add(t, s, []schema.Document{doc("1 0", "id", "c")})
				require.NoError(t, s.Close())
				tc.damage(t, filepath.Join(dir, second))
				before := files(t, dir)

				for range 2 {
					_, err := New(opts...)
					require.ErrorIs(t, err, ErrDamaged)
					for _, want := range tc.want {
						require.ErrorContains(t, err, want)
					}
					assert.Equal(t, before, files(t, dir), "nothing else is touched")
				}
				if name == "overlapping" {
					return
				}

				// The advice works, also for the changes to come.
				if _, there := before[second]; there {
					require.NoError(t, os.Rename(filepath.Join(dir, second), filepath.Join(dir, lost)))
				} else {
					write("")(t, filepath.Join(dir, lost))
				}
				s, _ = newStore(t, opts...)
				for i := range 2 * mergeCount {
					add(t, s, []schema.Document{doc("1 0", "id", fmt.Sprint(i))})
				}
				s, _ = reopen(t, s, opts...)
				assert.Equal(t, 2+2*mergeCount, s.Count())
				assert.NoFileExists(t, filepath.Join(dir, third), "it was merged")
				assert.FileExists(t, filepath.Join(dir, lost))
			})
		}
	}
}

func TestNewerVersionIsNoDamage(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "00000001-00000001.seg")
	require.NoError(t, os.WriteFile(path, []byte("spanloom chromem 2 brotli\n"), 0o600))
	_, err := New(WithPersistence(dir))
	require.ErrorContains(t, err, path)
	require.ErrorContains(t, err, "newer version")
	require.NotErrorIs(t, err, ErrDamaged)
}

// Damage that a merge meets is reported while memory still has the documents.
func TestDamageWhileInUse(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir))
	for range mergeCount {
		add(t, s, docs("1 0"))
	}
	require.NoError(t, os.Truncate(filepath.Join(dir, "00000003-00000003.seg"), 40))
	before := files(t, dir)
	_, err := s.AddDocuments(t.Context(), docs("0 1"))
	require.ErrorIs(t, err, ErrDamaged)
	require.ErrorContains(t, err, "00000003-00000003.seg")
	assert.Equal(t, mergeCount, s.Count())
	assert.Equal(t, before, files(t, dir))

	var export strings.Builder
	require.NoError(t, s.Export(t.Context(), &export))
	other, _ := newStore(t)
	n, err := other.Import(t.Context(), strings.NewReader(export.String()))
	require.NoError(t, err)
	assert.Equal(t, mergeCount, n)
}

func TestFolderReplacedWhileInUse(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be removed there")
	}
	dir := filepath.Join(t.TempDir(), "store")
	s, _ := newStore(t, WithPersistence(dir))
	add(t, s, docs("1 0"))

	require.NoError(t, os.RemoveAll(dir))
	_, err := s.AddDocuments(t.Context(), docs("0 1"))
	require.ErrorContains(t, err, "was removed or replaced")
	assert.Equal(t, 1, s.Count())

	fresh, _ := newStore(t, WithPersistence(dir))
	assert.Zero(t, fresh.Count(), "it is another folder")
	_, err = s.AddDocuments(t.Context(), docs("0 1"))
	require.ErrorContains(t, err, "was removed or replaced")
	require.NoError(t, s.Close())
	add(t, fresh, docs("0 1"))
	again, _ := newStore(t, WithPersistence(dir))
	assert.Equal(t, 1, again.Count(), "the first store's Close has not ended the second one's use")
}

// Ids and names whose files would collide in chromem-go.
func TestNoCollisions(t *testing.T) {
	dir := t.TempDir()
	opts := []Option{WithPersistence(dir), WithIDs(metadataID)}
	s, _ := newStore(t, opts...)
	for _, name := range []string{collidingA, collidingB} {
		add(t, s, []schema.Document{doc("1 0", "id", collidingA), doc("0 1", "id", collidingB)}, vectorstores.WithNameSpace(name))
	}
	s, _ = reopen(t, s, opts...)
	for _, name := range []string{collidingA, collidingB} {
		assert.Equal(t, []string{"1 0", "0 1"}, contents(search(t, s, "1 0", 5, vectorstores.WithNameSpace(name))))
		require.NoError(t, s.Delete(t.Context(), []string{collidingB}, vectorstores.WithNameSpace(name)))
	}
	s, _ = reopen(t, s, opts...)
	assert.Equal(t, []string{"1 0"}, contents(search(t, s, "1 0", 5, vectorstores.WithNameSpace(collidingB))))
}
