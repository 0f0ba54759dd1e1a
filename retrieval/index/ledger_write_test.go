// SPDX-License-Identifier: Apache-2.0

package index

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLedgerThatCannotBeWritten: what was noted before stays readable.
func TestLedgerThatCannotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	l, err := openLedger(path, newLedgerHead("", ""), newInventory())
	require.NoError(t, err)
	require.NoError(t, l.add([]chunk{{id: chunkID{1}, source: "a"}}, []string{"1"}))
	require.NoError(t, l.close())
	l.file, err = os.Open(path)
	require.NoError(t, err)
	require.ErrorContains(t, l.add([]chunk{{id: chunkID{2}, source: "a"}}, []string{"2"}), path)
	require.ErrorContains(t, l.remove([]stale{{chunk: chunkID{1}}}), path)
	require.NoError(t, l.close())

	v := newInventory()
	l, err = openLedger(path, newLedgerHead("", ""), v)
	require.NoError(t, err)
	require.NoError(t, l.close())
	assert.Equal(t, map[chunkID]place{{1}: {"1", 0}}, v.chunks)
}
