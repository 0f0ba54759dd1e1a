// SPDX-License-Identifier: Apache-2.0

// Package examples_test holds the examples to what the README says of them.
package examples_test

import (
	"bytes"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	// What the copies import, so that go test runs again when it has changed.
	_ "github.com/spanloom/spanloom/chains"
	_ "github.com/spanloom/spanloom/retrieval/loaders"
	_ "github.com/spanloom/spanloom/vectorstore/chromem"
)

const (
	module = "github.com/spanloom/spanloom"
	// maxPipelineLines is what somebody reads who wants to copy.
	maxPipelineLines = 120
)

// TestPipelinesAreCopied copies each pipeline into a module of its own, builds
// and runs it there with a fake model.
func TestPipelinesAreCopied(t *testing.T) {
	documents, err := filepath.Abs("rag/testdata/docs")
	require.NoError(t, err)
	for example, want := range map[string]string{
		"rag":         "4 documents: Two years. 4 sources\n",
		"docanalysis": "Lamps are good. positive [lamp good]\n",
	} {
		t.Run(example, func(t *testing.T) {
			dir := freshModule(t)
			for _, from := range []string{filepath.Join(example, "pipeline.go"), filepath.Join("testdata/copied", example, "main.go")} {
				source, err := os.ReadFile(from)
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(from)), source, 0o600))
			}
			cmd := exec.CommandContext(t.Context(), "go", "run", ".", documents)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			require.NoError(t, cmd.Run(), stderr.String())
			assert.Equal(t, want, stdout.String())
		})
	}
}

// freshModule makes a module that requires this one, at the versions that are in
// the module cache already.
func freshModule(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	copied := strings.Replace(string(mod), "module "+module+"\n", "module example.com/copied\n", 1)
	copied += "\nrequire " + module + " v0.0.0\n\nreplace " + module + " => " + strconv.Quote(root) + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(copied), 0o600))
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o600))
	return dir
}

// TestPipelinesImportPublicPackages: a copy needs no other file, and a pipeline
// reads no flags and prints nothing.
func TestPipelinesImportPublicPackages(t *testing.T) {
	for _, example := range []string{"rag", "docanalysis"} {
		file := filepath.Join(example, "pipeline.go")
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.LessOrEqual(t, bytes.Count(source, []byte("\n")), maxPipelineLines, file)
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.ImportsOnly)
		require.NoError(t, err)
		assert.NotEmpty(t, parsed.Imports)
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			assert.NotContains(t, []string{"flag", "fmt", "io", "log", "log/slog", "os"}, path, file)
			first, _, _ := strings.Cut(path, "/")
			allowed := !strings.Contains(first, ".") // the standard library
			for _, prefix := range []string{"github.com/tmc/langchaingo/", "go.opentelemetry.io/otel", module + "/"} {
				allowed = allowed || strings.HasPrefix(path, prefix)
			}
			assert.True(t, allowed, "%s imports %s", file, path)
			assert.NotContains(t, path, "/internal/", file)
			assert.NotContains(t, path, module+"/examples", file)
		}
	}
}
