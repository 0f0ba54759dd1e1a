// SPDX-License-Identifier: Apache-2.0

package durable_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/internal/durable"
)

func TestSyncDir(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, durable.SyncDir(dir))
	if runtime.GOOS == "windows" {
		t.Skip("Windows syncs no folder, and misses none")
	}
	require.ErrorIs(t, durable.SyncDir(filepath.Join(dir, "none")), os.ErrNotExist)
}
