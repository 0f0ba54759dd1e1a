// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// durations differ from run to run; the shape of the tree must not.
var durationInTree = regexp.MustCompile(`  [0-9.]+(?:µs|ms|s)\b.*`)

// TestReadmeIsTrue holds the README to what is checked elsewhere: its tree and
// its table are those of the examples' golden files, its code that of
// ExampleInstrument.
func TestReadmeIsTrue(t *testing.T) {
	readme := read(t, "README.md")
	golden := read(t, "examples/rag/testdata/one_question.golden")
	tree := durationInTree.ReplaceAllString(golden[strings.Index(golden, "invoke_workflow"):strings.Index(golden, "\nMODEL")], "")
	assert.Contains(t, durationInTree.ReplaceAllString(readme, ""), strings.TrimSpace(tree))

	golden = read(t, "examples/docanalysis/testdata/failing.golden")
	tasks, _, _ := strings.Cut(golden[strings.Index(golden, "TASK "):], "\n\n")
	assert.Contains(t, readme, tasks)

	example := read(t, "chains/example_test.go")
	block := readme[strings.Index(readme, "traced := "):]
	for line := range strings.Lines(block[:strings.Index(block, "```")]) {
		if line = strings.TrimSpace(line); line != "" {
			assert.Contains(t, example, line, "the README's code is an Example's")
		}
	}
}

// TestLinksInDocs finds links to files that are not there.
func TestLinksInDocs(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^):]+)\)`)
	for _, page := range []struct{ dir, file string }{
		{".", "README.md"},
		{".", "CONTRIBUTING.md"},
		{"docs", "getting-started.md"},
		{"docs", "privacy.md"},
		{"docs", "backends.md"},
		{"docs", "correlation.md"},
		{"docs", "dependencies.md"},
	} {
		for _, m := range link.FindAllStringSubmatch(read(t, page.dir+"/"+page.file), -1) {
			_, err := os.Stat(page.dir + "/" + m[1])
			assert.NoError(t, err, "%s links to %s", page.file, m[1])
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}
