// SPDX-License-Identifier: Apache-2.0

//go:build integration

package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/integration/internal/process"
)

// TestHeavySnippets compiles the code in docs/stores.md for Weaviate and Milvus,
// in a module of its own: its go.mod says why.
func TestHeavySnippets(t *testing.T) {
	tools, err := process.Tools()
	require.NoError(t, err)
	dir := filepath.Join(tools, "snippets")
	require.NoError(t, os.RemoveAll(dir))
	require.NoError(t, os.CopyFS(dir, os.DirFS("../docs/internal/snippets/testdata/heavy")))
	run := func(args ...string) {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = dir
		// The caller's settings are for the caller's module.
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
	}
	run("mod", "edit", "-replace=github.com/spanloom/spanloom="+filepath.Dir(tools))
	run("test", "-mod=mod", "./...")
}
