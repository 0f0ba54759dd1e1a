// SPDX-License-Identifier: Apache-2.0

//go:build integration

package integration

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// prometheus is pinned to the newest version whose module builds by itself.
const prometheus = "github.com/prometheus/prometheus@v0.313.5"

// buildPrometheus builds one of Prometheus's commands once, which takes four minutes
// on two cores when nothing is cached, and returns its path. "go install" refuses the
// module because of its replace directives, and the module cache is read-only: it is
// built in a copy.
func buildPrometheus(t *testing.T, command string) string {
	t.Helper()
	_, version, _ := strings.Cut(prometheus, "@")
	bin, err := filepath.Abs(filepath.Join("..", ".tools", "bin", command+"-"+version))
	require.NoError(t, err)
	if _, err := os.Stat(bin); err == nil {
		return bin
	}
	start := time.Now()
	// The caller's settings are for the caller's module.
	env := slices.DeleteFunc(os.Environ(), func(e string) bool {
		return strings.HasPrefix(e, "GOOS=") || strings.HasPrefix(e, "GOARCH=")
	})
	env = append(env, "GOWORK=off", "GOFLAGS=-buildvcs=false", "CGO_ENABLED=0")
	dir := t.TempDir()
	run := func(args ...string) []byte {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir, cmd.Env = dir, env
		var errs strings.Builder
		cmd.Stderr = &errs
		out, err := cmd.Output()
		require.NoError(t, err, "go %s: %s%s", strings.Join(args, " "), out, errs.String())
		return out
	}
	var module struct{ Dir string }
	require.NoError(t, json.Unmarshal(run("mod", "download", "-json", prometheus), &module))
	dir = filepath.Join(dir, "prometheus")
	require.NoError(t, os.CopyFS(dir, os.DirFS(module.Dir)))
	require.NoError(t, os.MkdirAll(filepath.Dir(bin), 0o755))
	// Renamed at the end, so that what an interrupted build leaves is not used.
	run("build", "-tags", "remove_all_sd", "-trimpath", "-ldflags=-s -w", "-o", bin+".new", "./cmd/"+command)
	require.NoError(t, os.Rename(bin+".new", bin))
	t.Logf("built %s in %v", command, time.Since(start).Round(time.Second))
	return bin
}

func TestAlertRules(t *testing.T) {
	bin := buildPrometheus(t, "promtool")
	for _, args := range [][]string{
		{"check", "rules", "--lint=all", "--lint-fatal", "spanloom.rules.yml"},
		{"test", "rules", "spanloom.rules.test.yml"},
	} {
		cmd := exec.CommandContext(t.Context(), bin, args...)
		cmd.Dir = filepath.Join("..", "docs", "alerts")
		out, err := cmd.CombinedOutput()
		assert.NoError(t, err, "promtool %s: %s", strings.Join(args, " "), out)
		assert.Contains(t, string(out), "SUCCESS")
	}
}
