// SPDX-License-Identifier: Apache-2.0

package chromem

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"go.etcd.io/bbolt"
)

// damagedStore returns the bytes of a file with branches, and what is in it.
func damagedStore(t testing.TB) ([]byte, map[string]map[string]schema.Document) {
	t.Helper()
	dir := t.TempDir()
	opts := []Option{WithPersistence(dir), WithEmbedder(hashEmbedder), WithIDs(metadataID)}
	s, err := New(opts...)
	require.NoError(t, err)
	for i := range 8 {
		in := make([]schema.Document, 18)
		for j := range in {
			id := fmt.Sprintf("id-%d-%d", i, j)
			in[j] = doc(strings.Repeat(id, 5+i*j), "id", id, "n", i)
		}
		_, err := s.AddDocuments(t.Context(), in)
		require.NoError(t, err)
	}
	_, err = s.AddDocuments(t.Context(), docs("a", "b", strings.Repeat("long", 2500)), vectorstores.WithNameSpace("other"))
	require.NoError(t, err)
	_, err = s.DeleteWhere(t.Context(), map[string]any{"n": 7})
	require.NoError(t, err)
	want := everything(t, s)
	var used int64 // bbolt makes the file larger than it needs.
	require.NoError(t, s.file.db.View(func(tx *bbolt.Tx) error {
		used = tx.Size()
		return nil
	}))
	require.NoError(t, s.Close())
	return readFile(t, dir)[:used], want
}

// checkDamaged opens a damaged file: it opens with all that was confirmed, or
// says what is wrong and leaves the file alone.
func checkDamaged(t *testing.T, what string, damaged []byte, want map[string]map[string]schema.Document) (refused bool) {
	t.Helper()
	dir := t.TempDir()
	defer os.RemoveAll(dir) //nolint:errcheck // There are thousands of them.
	writeFile(t, dir, damaged)
	s, err := New(WithPersistence(dir), WithEmbedder(hashEmbedder))
	if err != nil {
		require.ErrorIs(t, err, ErrDamaged, what)
		require.ErrorContains(t, err, filepath.Join(dir, fileName), what)
		require.True(t, slices.Equal(damaged, readFile(t, dir)), what)
		return true
	}
	require.Equal(t, want, everything(t, s), what)
	_, err = s.AddDocuments(t.Context(), docs("after"))
	require.NoError(t, err, what)
	require.NoError(t, s.Close())
	s, err = New(WithPersistence(dir))
	require.NoError(t, err, what)
	require.NoError(t, s.Close())
	return false
}

// TestDamageIsNamed changes bytes anywhere in a file, and whole pages.
func TestDamageIsNamed(t *testing.T) {
	rounds := 740
	if testing.Short() {
		rounds = 100
	}
	rnd := rand.New(rand.NewPCG(8, 9))
	page := os.Getpagesize()
	refused := 0
	data, want := damagedStore(t)
	for i := range rounds {
		damaged := slices.Clone(data)
		var what string
		at := rnd.IntN(len(data))
		switch start := at / page * page; i % 5 {
		case 0:
			damaged[at] ^= 1 << rnd.IntN(8)
			what = fmt.Sprintf("another bit at %d", at)
		case 1:
			// Where bbolt keeps the structure.
			at = start + rnd.IntN(min(96, len(data)-start))
			damaged[at] ^= 1 << rnd.IntN(8)
			what = fmt.Sprintf("another bit at %d", at)
		case 2:
			clear(damaged[start:min(start+page, len(data))])
			what = fmt.Sprintf("an empty page at %d", start)
		case 3:
			from := rnd.IntN(len(data)) / page * page
			copy(damaged[start:min(start+page, len(data))], data[from:])
			what = fmt.Sprintf("the page of %d at %d", from, start)
		case 4:
			damaged = damaged[:at]
			what = fmt.Sprintf("cut off at %d", at)
		}
		if checkDamaged(t, what, damaged, want) {
			refused++
		}
	}
	t.Logf("%d of %d files refused", refused, rounds)
	assert.Greater(t, refused, rounds/4)
}

// The error says which document is damaged.
func TestDamagedDocument(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir), WithIDs(metadataID))
	add(t, s, []schema.Document{doc("1 0 good", "id", "a"), doc("0 1 needle", "id", "b")})
	require.NoError(t, s.Close())
	writeFile(t, dir, []byte(strings.ReplaceAll(string(readFile(t, dir)), "needle", "nEedle")))
	_, err := New(WithPersistence(dir))
	require.ErrorIs(t, err, ErrDamaged)
	for _, want := range []string{
		filepath.Join(dir, fileName), `document "b" of collection "documents"`, "checksum is wrong", "restore it from a backup",
	} {
		require.ErrorContains(t, err, want)
	}
}

// A document that is missing or older than the last is damage, too, in a file
// whose structure and values are whole.
func TestMissingDocument(t *testing.T) {
	documents := func(tx *bbolt.Tx) *bbolt.Bucket { return tx.Bucket(rootBucket).Bucket([]byte("documents")) }
	var older []byte
	for name, tc := range map[string]struct {
		change func(*bbolt.Tx) error
		want   string
	}{
		"missing":    {func(tx *bbolt.Tx) error { return documents(tx).Delete([]byte("a")) }, `collection "documents" has 1 documents`},
		"older":      {func(tx *bbolt.Tx) error { return documents(tx).Put([]byte("b"), older) }, `collection "documents" has 2 documents`},
		"collection": {func(tx *bbolt.Tx) error { return tx.Bucket(rootBucket).DeleteBucket([]byte("documents")) }, "0 collections instead of 1"},
		"tally":      {func(tx *bbolt.Tx) error { return documents(tx).SetSequence(3 << 32) }, "has 2 documents, and not the 3 that were stored"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, _ := newStore(t, WithPersistence(dir), WithIDs(metadataID))
			add(t, s, []schema.Document{doc("1 0", "id", "a"), doc("0 1", "id", "b")})
			require.NoError(t, s.file.db.View(func(tx *bbolt.Tx) error {
				older = slices.Clone(documents(tx).Get([]byte("b")))
				return nil
			}))
			add(t, s, []schema.Document{doc("1 1", "id", "b")})
			require.NoError(t, s.file.db.Update(tc.change))
			require.NoError(t, s.Close())
			_, err := New(WithPersistence(dir))
			require.ErrorIs(t, err, ErrDamaged)
			require.ErrorContains(t, err, tc.want)
			require.ErrorContains(t, err, filepath.Join(dir, fileName))
		})
	}
}

// boltFile returns the bytes of a database of others.
func boltFile(t *testing.T, change func(*bbolt.Tx) error) []byte {
	t.Helper()
	dir := t.TempDir()
	db, err := bbolt.Open(filepath.Join(dir, fileName), 0o600, nil)
	require.NoError(t, err)
	if change != nil {
		require.NoError(t, db.Update(change))
	}
	require.NoError(t, db.Close())
	return readFile(t, dir)
}

// What others have written is refused, and not changed.
func TestForeignFiles(t *testing.T) {
	newer := boltFile(t, func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("spanloom.chromem.99"))
		return err
	})
	other := boltFile(t, func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("users"))
		return err
	})
	for name, tc := range map[string]struct {
		data []byte
		want string
	}{
		"text":          {[]byte("my notes"), "is no store of this version of the package"},
		"database":      {[]byte("SQLite format 3\x00" + strings.Repeat("x", 100_000)), "is no store of this version of the package"},
		"zeros":         {make([]byte, 100_000), "is no store of this version of the package"},
		"bbolt":         {other, "is no store of this version of the package"},
		"other version": {newer, "is no store of this version of the package"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, dir, tc.data)
			_, err := New(WithPersistence(dir))
			require.ErrorContains(t, err, tc.want)
			require.ErrorContains(t, err, dir)
			require.ErrorIs(t, err, ErrDamaged)
			assert.True(t, slices.Equal(tc.data, readFile(t, dir)))
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			assert.Len(t, entries, 1)
		})
	}
}

// Other files in the folder are the user's.
func TestOtherFilesAreIgnored(t *testing.T) {
	dir := t.TempDir()
	names := []string{"README", "mine/notes.txt", "0badcafe/notes.txt", "00000000.gob", "1.seg", "lock"}
	for _, name := range names {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600))
	}
	s, _ := newStore(t, WithPersistence(dir))
	add(t, s, docs("1 0"))
	s, _ = reopen(t, s, WithPersistence(dir))
	assert.Equal(t, 1, s.Count())
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Equal(t, name, string(data))
	}
}

// A process that ends while it creates the file leaves one without documents.
func TestFileThatWasBeingCreated(t *testing.T) {
	for name, data := range map[string][]byte{
		"empty":      nil,
		"no buckets": boltFile(t, nil),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, dir, data)
			s, _ := newStore(t, WithPersistence(dir))
			add(t, s, docs("1 0"))
			s, _ = reopen(t, s, WithPersistence(dir))
			assert.Equal(t, 1, s.Count())
		})
	}
}

// Nothing is written through a link, wherever it leads.
func TestLinksAreNotFollowed(t *testing.T) {
	source, _ := newStore(t, WithPersistence(t.TempDir()))
	add(t, source, docs("1 0"))
	require.NoError(t, source.Close())
	store := readFile(t, source.cfg.dir)
	for name, target := range map[string][]byte{"precious": []byte("precious"), "empty": {}, "a store": store, "missing": nil} {
		t.Run(name, func(t *testing.T) {
			dir, path := t.TempDir(), filepath.Join(t.TempDir(), "target")
			if target != nil {
				require.NoError(t, os.WriteFile(path, target, 0o600))
			}
			if err := os.Symlink(path, filepath.Join(dir, fileName)); err != nil {
				t.Skip(err) // Windows allows it to some.
			}
			_, err := New(WithPersistence(dir))
			require.ErrorContains(t, err, "is a link or no regular file: move it away")
			require.ErrorContains(t, err, filepath.Join(dir, fileName))
			data, err := os.ReadFile(path)
			if target == nil {
				require.ErrorIs(t, err, fs.ErrNotExist)
			}
			assert.True(t, slices.Equal(target, data))
		})
	}
}

// A link that takes the file's place after the first look is not followed.
func TestOpenRegular(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	require.NoError(t, os.Symlink(filepath.Join(dir, "missing"), path))
	for _, flag := range []int{os.O_RDONLY, os.O_RDWR, os.O_RDWR | os.O_CREATE} {
		_, err := openRegular(path, flag, 0o600)
		require.ErrorIs(t, err, errNotRegular)
	}
	_, err := openRegular(filepath.Join(dir, "none"), os.O_RDWR, 0o600)
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.NoFileExists(t, filepath.Join(dir, "missing"))
}

func TestUnusableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := New(WithPersistence(file))
	require.ErrorContains(t, err, "not a directory")
	_, err = New(WithPersistence(filepath.Join(file, "below")))
	require.ErrorContains(t, err, "create the folder")
	require.ErrorContains(t, err, "name one that this process may write to")

	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, fileName), 0o700))
	_, err = New(WithPersistence(dir))
	require.ErrorContains(t, err, "no regular file")
}

func TestReadOnlyFolder(t *testing.T) {
	if os.Geteuid() <= 0 {
		t.Skip("root may write everywhere, and Windows has other rights")
	}
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o500))
	_, err := New(WithPersistence(dir))
	require.ErrorContains(t, err, "change the permissions of")
	require.ErrorIs(t, err, os.ErrPermission)

	dir = t.TempDir()
	s, _ := newStore(t, WithPersistence(dir))
	require.NoError(t, s.Close())
	for _, mode := range []os.FileMode{0o400, 0} {
		require.NoError(t, os.Chmod(filepath.Join(dir, fileName), mode))
		_, err = New(WithPersistence(dir))
		require.ErrorContains(t, err, "change the permissions of")
		require.ErrorIs(t, err, os.ErrPermission)
	}
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
	fresh, _ = reopen(t, fresh, WithPersistence(dir))
	assert.Equal(t, 1, fresh.Count(), "the first store's Close has not ended the second one's use")
}

// A file that is cut off while in use takes no more changes. Memory still has
// the documents.
func TestFileCutOffWhileInUse(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file that is mapped cannot be cut off there")
	}
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir))
	add(t, s, docs(slices.Repeat([]string{"1 0 " + strings.Repeat("x", 1000)}, 100)...))
	require.NoError(t, os.Truncate(filepath.Join(dir, fileName), 40_000))
	_, err := s.AddDocuments(t.Context(), docs("0 1"))
	require.ErrorIs(t, err, ErrDamaged)
	require.ErrorContains(t, err, "it is cut off")
	assert.Equal(t, 100, s.Count())
	assert.Len(t, search(t, s, "1 0", 200), 100)
}

// If a failed call may be on disk for all that, the store says so and is read
// only.
func TestFailureThatMayBeOnDisk(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir))
	add(t, s, docs("1 0"))
	last, err := s.file.lastTx()
	require.NoError(t, err)
	broken := errors.New("broken")

	require.ErrorIs(t, s.file.failed(last+1, broken), broken)
	add(t, s, docs("0 1")) // It was not there.
	require.ErrorIs(t, s.file.failed(last+1, broken), broken)
	for range 2 {
		_, err = s.AddDocuments(t.Context(), docs("0 1"))
		require.ErrorContains(t, err, "takes no more changes: close the store and open it again")
		require.ErrorIs(t, err, broken)
	}
	assert.Equal(t, 2, s.Count())
	s, _ = reopen(t, s, WithPersistence(dir))
	add(t, s, docs("1 1"))
}
