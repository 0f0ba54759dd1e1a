// SPDX-License-Identifier: Apache-2.0

package gettingstarted_test

import (
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// upstream returns the source of each folder of langchaingo, at the version of go.mod,
// that has a type with a field CallbacksHandler.
func upstream(t *testing.T) map[string]string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/tmc/langchaingo").Output()
	require.NoError(t, err)
	root := os.DirFS(strings.TrimSpace(string(out)))
	source := map[string]string{}
	require.NoError(t, fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "examples/") {
			return err
		}
		text, err := fs.ReadFile(root, file)
		source[path.Dir(file)] += string(text)
		return err
	}))
	field := regexp.MustCompile(`(?m)^\tCallbacksHandler +callbacks\.Handler$`)
	maps.DeleteFunc(source, func(_, text string) bool { return !field.MatchString(text) })
	return source
}

// TestTableIsLangchaingos compares the table of types with langchaingo's source: who takes
// a handler, and which clients fire no event of the end or of an error.
func TestTableIsLangchaingos(t *testing.T) {
	var others, noEnd, noError []string
	for folder, text := range upstream(t) {
		client, ok := strings.CutPrefix(folder, "llms/")
		switch {
		case !ok:
			others = append(others, folder)
		case !strings.Contains(text, ".HandleLLMGenerateContentEnd("):
			noEnd = append(noEnd, client)
		case !strings.Contains(text, ".HandleLLMError("):
			noError = append(noError, client)
		}
	}
	assert.ElementsMatch(t, []string{
		"agents", "chains", "vectorstores", "tools", "tools/duckduckgo", "tools/perplexity", "tools/serpapi", "tools/wikipedia", "tools/zapier",
	}, others)
	assert.ElementsMatch(t, []string{"anthropic", "huggingface", "llamafile", "watsonx"}, noEnd)
	assert.ElementsMatch(t, []string{"openai", "googleai", "googleai/vertex", "cloudflare", "local"}, noError)

	text := read(t, page)
	assert.Contains(t, text, "| clients of `anthropic`, `huggingface`, `llamafile`, `watsonx` |")
	assert.Contains(t, text, "| clients of `openai`, `googleai`, `vertex`, `cloudflare`, `local` |")
	assert.Contains(t, text, "| `Calculator`, `duckduckgo`, `perplexity`, `serpapi`, `wikipedia`, `zapier` |")
}
