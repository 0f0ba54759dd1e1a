// SPDX-License-Identifier: Apache-2.0

package gettingstarted_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	_ "github.com/spanloom/spanloom/retrieval/loaders" // so that go test runs again when it has changed
)

// compiled are the pages whose snippets are compiled.
var compiled = []string{page, "../../docs/models.md", "../../docs/privacy.md"}

// imports are the packages of the snippets, by the name that they have there.
var imports = map[string]string{
	"context": "context", "http": "net/http", "log": "log", "os": "os", "signal": "os/signal", "syscall": "syscall",
	"attribute":  "go.opentelemetry.io/otel/attribute",
	"embeddings": "github.com/tmc/langchaingo/embeddings",
	"httputil":   "github.com/tmc/langchaingo/httputil",
	"lcagents":   "github.com/tmc/langchaingo/agents",
	"lcchains":   "github.com/tmc/langchaingo/chains",
	"llms":       "github.com/tmc/langchaingo/llms",
	"openai":     "github.com/tmc/langchaingo/llms/openai",
	"spanloom":   "github.com/spanloom/spanloom",
	"callbacks":  "github.com/spanloom/spanloom/callbacks",
	"chains":     "github.com/spanloom/spanloom/chains",
	"loaders":    "github.com/spanloom/spanloom/retrieval/loaders",
	"models":     "github.com/spanloom/spanloom/models",
	"privacy":    "github.com/spanloom/spanloom/privacy",
}

// variables are what the snippets use and do not declare.
const variables = `ctx context.Context, handler *callbacks.Handler, chain *lcchains.LLMChain, executor *lcagents.Executor,
	question string, answer func(context.Context) (string, error), llm llms.Model, model models.Model, embedder embeddings.Embedder`

// TestSnippetsCompile compiles each snippet of the pages that is no part of the programs
// below, beside the pipeline that one of them uses.
func TestSnippetsCompile(t *testing.T) {
	var body strings.Builder
	declared := regexp.MustCompile(`(?m)^([a-z]+(?:, [a-z]+)*) :=`)
	n := 0
	var snippets []string
	for _, page := range compiled {
		snippets = append(snippets, blocks(t, page, "go")...)
	}
	for _, block := range snippets {
		if strings.Contains(block, "must(") {
			continue
		}
		n++
		fmt.Fprintf(&body, "func snippet%d(%s) {\n{\n%s", n, variables, block)
		for _, m := range declared.FindAllStringSubmatch(block, -1) {
			for name := range strings.SplitSeq(m[1], ", ") {
				fmt.Fprintf(&body, "_ = %s\n", name)
			}
		}
		body.WriteString("}\n}\n\n")
	}
	assert.Greater(t, n, 10)
	source := "package main\n\nfunc main() {}\n\n"
	for name, path := range imports {
		if regexp.MustCompile(`\b` + name + `\.`).MatchString(body.String()) {
			source = strings.Replace(source, "\n\n", fmt.Sprintf("\n\nimport %s %q\n", name, path), 1)
		}
	}
	dir := t.TempDir()
	main := filepath.Join(dir, "main.go")
	require.NoError(t, os.WriteFile(main, []byte(source+body.String()), 0o600))
	pipeline, err := os.ReadFile("../rag/pipeline.go")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pipeline.go"), pipeline, 0o600))

	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", os.DevNull, main, filepath.Join(dir, "pipeline.go")).CombinedOutput()
	require.NoError(t, err, "%s\n%s", out, source+body.String())
}
