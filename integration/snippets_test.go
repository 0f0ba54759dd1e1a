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
	testModule(t, "snippets/testdata/heavy", "snippets", nil, "./...")
}

// testModule runs "go test" on a copy of a module that has no go.sum, below .tools.
func testModule(t *testing.T, from, name string, env []string, args ...string) {
	t.Helper()
	tools, err := process.Tools()
	require.NoError(t, err)
	dir := filepath.Join(tools, name)
	require.NoError(t, os.RemoveAll(dir))
	require.NoError(t, os.CopyFS(dir, os.DirFS(from)))
	run := func(args ...string) {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = dir
		// The caller's settings are for the caller's module.
		cmd.Env = append(append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false"), env...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		if testing.Verbose() {
			t.Logf("go %v\n%s", args, out)
		}
	}
	run("mod", "edit", "-replace=github.com/spanloom/spanloom="+filepath.Dir(tools))
	run(append([]string{"test", "-mod=mod"}, args...)...)
}
