// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// buildProgram compiles a package or file with this module's requirements.
func buildProgram(t *testing.T, source string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, source).CombinedOutput()
	require.NoError(t, err, string(out))
	return program
}

// environment is that of the test without OpenTelemetry's variables, and more.
func environment(more ...string) (env []string) {
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "OTEL_") && !strings.HasPrefix(kv, "SPANLOOM_") && !strings.HasPrefix(kv, "TRACELOOP_") {
			env = append(env, kv)
		}
	}
	return append(env, more...)
}

// TestReadmeProgram compiles the README's program, and runs it with a server in the
// place of OpenAI. It prints the README's first tree, apart from times and the id.
func TestReadmeProgram(t *testing.T) {
	readme := read(t, "README.md")
	_, source, ok := strings.Cut(readme, "```go\npackage main\n")
	require.True(t, ok)
	source, _, _ = strings.Cut(source, "```")
	file := filepath.Join(t.TempDir(), "main.go")
	require.NoError(t, os.WriteFile(file, []byte("package main\n"+source), 0o600))

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"model": "gpt-4o-mini", "choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": "Paris."}}],
			"usage": {"prompt_tokens": 17, "completion_tokens": 1, "total_tokens": 18}}`)
	}))
	t.Cleanup(server.Close)
	cmd := exec.CommandContext(t.Context(), buildProgram(t, file))
	cmd.Env = environment("OPENAI_API_KEY=none", "OPENAI_BASE_URL="+server.URL)
	require.Contains(t, readme, "`SPANLOOM_TREE=1 OTEL_TRACES_EXPORTER=none OTEL_METRICS_EXPORTER=none go run .`")
	cmd.Env = append(cmd.Env, "SPANLOOM_TREE=1", "OTEL_TRACES_EXPORTER=none", "OTEL_METRICS_EXPORTER=none")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	assert.Equal(t, "Paris. <nil>\n", string(stdout))
	varies := regexp.MustCompile(` +[█▏·]+ +[\d.]+[µm]?s|trace [0-9a-f]{32}`)
	assert.Equal(t, varies.ReplaceAllString(plainBlocks(readme)[0], "…"), varies.ReplaceAllString(strings.TrimSuffix(stderr.String(), "\n"), "…"))
}

var (
	goRun        = regexp.MustCompile(`(?m)^((?:[A-Z_]+=\S+ )*)go run (\S+)(.*)$`)
	elsewhere    = regexp.MustCompile(`-provider|-fail|prometheus|localhost|doctor|go run \. *$`)
	afterCommand = regexp.MustCompile(` *[#|].*$`)
)

// TestReadmeCommands runs each command of the README that needs no key and no server, in
// a folder with documents. The programs of all others are compiled.
func TestReadmeCommands(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "my-docs"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "my-docs", "lamp.md"), []byte("# Lamps\n\nA refund takes two weeks.\n"), 0o600))
	programs, ran := map[string]string{}, 0
	for _, m := range goRun.FindAllStringSubmatch(read(t, "README.md"), -1) {
		source := strings.Replace(strings.TrimSuffix(m[2], "@latest"), modulePath, ".", 1)
		if programs[source] == "" {
			programs[source] = buildProgram(t, source)
		}
		rest := afterCommand.ReplaceAllString(m[3], "")
		if elsewhere.MatchString(m[0]) {
			continue
		}
		ran++
		var args []string
		for _, arg := range regexp.MustCompile(`"[^"]*"|\S+`).FindAllString(rest, -1) {
			args = append(args, strings.Trim(arg, `"`))
		}
		cmd := exec.CommandContext(t.Context(), programs[source], args...)
		cmd.Dir = dir
		cmd.Env = environment(append(strings.Fields(m[1]), "OTEL_TRACES_EXPORTER=none", "OTEL_METRICS_EXPORTER=none")...)
		out, err := cmd.CombinedOutput()
		assert.NoError(t, err, "%s\n%s", m[0], out)
	}
	assert.GreaterOrEqual(t, ran, 5)
	help, _ := exec.CommandContext(t.Context(), programs["./examples/rag"], "-h").CombinedOutput()
	for _, flag := range []string{"-provider", "-model"} {
		assert.Contains(t, string(help), flag)
	}
}
