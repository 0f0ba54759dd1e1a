// SPDX-License-Identifier: Apache-2.0

//go:build linux

package chromem

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/schema"
	"go.etcd.io/bbolt"
)

// onFullDisk lets each write of the store's file fail as on a full disk.
func onFullDisk(t *testing.T, s *Store, call func()) {
	t.Helper()
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	require.NoError(t, err)
	defer func() { require.NoError(t, full.Close()) }()
	fd := int(s.file.file.Fd())
	saved, err := syscall.Dup(fd)
	require.NoError(t, err)
	defer func() { require.NoError(t, syscall.Close(saved)) }()
	require.NoError(t, syscall.Dup3(int(full.Fd()), fd, syscall.O_CLOEXEC))
	call()
	require.NoError(t, syscall.Dup3(saved, fd, syscall.O_CLOEXEC))
}

// A write that fails has changed nothing, and does not keep the next one from
// working.
func TestFailedWrite(t *testing.T) {
	dir := t.TempDir()
	s, _ := newStore(t, WithPersistence(dir))
	ids := add(t, s, docs("1 0", "1 1"))
	before := readFile(t, dir)
	onFullDisk(t, s, func() {
		// The file is not where it was: the write is not begun.
		_, err := s.AddDocuments(t.Context(), docs("0 1"))
		require.Error(t, err)
		err = s.file.db.Update(func(tx *bbolt.Tx) error {
			return writeChange(tx, change{collection: "documents", remove: ids})
		})
		require.ErrorIs(t, err, syscall.ENOSPC)
	})
	assert.Equal(t, before, readFile(t, dir))
	assert.Equal(t, []string{"1 0", "1 1"}, contents(search(t, s, "1 0", 5)))
	add(t, s, docs("0 1"))
	s, _ = reopen(t, s, WithPersistence(dir))
	assert.Equal(t, []string{"1 0", "1 1", "0 1"}, contents(search(t, s, "1 0", 5)))
}

const childLimit = "SPANLOOM_CHROMEM_CHILD_LIMIT"

// TestFullDiskChild is no test: it adds documents until its file may not grow
// further, and then a few that need no more room.
func TestFullDiskChild(t *testing.T) {
	dir := os.Getenv(childLimit)
	if dir == "" {
		t.Skip("for TestFullDisk")
	}
	const limit = 512 << 10
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}))
	s, err := New(WithPersistence(dir), WithIDs(metadataID), WithEmbedder(&fakeEmbedder{}))
	require.NoError(t, err)
	failed := 0
	for i := 0; failed < 3; i++ {
		id := fmt.Sprint(i)
		_, err := s.AddDocuments(t.Context(), []schema.Document{doc("1 0 "+strings.Repeat("x", 2000), "id", id)})
		if err != nil {
			failed++
			require.ErrorContains(t, err, dir)
			require.Len(t, everything(t, s)["documents"], i-failed+1)
			continue
		}
		require.Zero(t, failed, "there was no room before")
		fmt.Println("child confirms", id)
	}
	require.NoError(t, s.Delete(t.Context(), []string{"0"}))
	_, err = s.AddDocuments(t.Context(), docs("1 0 small"))
	require.NoError(t, err)
	require.NoError(t, s.Close())
}

// A full disk harms nothing that is confirmed, in memory or on disk.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	program, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestFullDiskChild$")
	cmd.Env = append(os.Environ(), childLimit+"="+dir)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	confirmed := strings.Count(string(out), "child confirms")
	require.Greater(t, confirmed, 3)
	s, _ := newStore(t, WithPersistence(dir))
	assert.Equal(t, confirmed, s.Count(), "one of them was deleted, and a small one added")
	all := everything(t, s)["documents"]
	for i := 1; i < confirmed; i++ {
		assert.Contains(t, all, fmt.Sprint(i))
	}
}
