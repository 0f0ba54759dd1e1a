// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// plainBlocks are the fenced blocks of a page that are in no language.
func plainBlocks(page string) (blocks []string) {
	for i, part := range strings.Split(page, "```") {
		if block, ok := strings.CutPrefix(part, "\n"); ok && i%2 == 1 {
			blocks = append(blocks, block)
		}
	}
	return blocks
}

// section is the part of a golden file from a line that begins with a text up to the
// blank line before another such line.
func section(t *testing.T, file, from, to string) string {
	t.Helper()
	_, after, ok := strings.Cut(read(t, file), "\n"+from)
	require.True(t, ok, file)
	text, _, _ := strings.Cut(after, "\n\n"+to)
	return from + text + "\n"
}

// TestReadmeIsTrue holds the README to what is checked elsewhere: its trees and
// tables are those of the examples' golden files, its code that of ExampleInstrument.
func TestReadmeIsTrue(t *testing.T) {
	readme := read(t, "README.md")
	assert.Equal(t, []string{
		section(t, "examples/rag/testdata/one_question.golden", "trace", "MODEL"),
		section(t, "examples/docanalysis/testdata/failing.golden", "trace", "MODEL"),
		section(t, "examples/docanalysis/testdata/failing.golden", "TASK", ""),
	}, plainBlocks(readme)[1:]) // the first is TestReadmeProgram's

	example := read(t, "chains/example_test.go")
	block := readme[strings.Index(readme, "traced := "):]
	for line := range strings.Lines(block[:strings.Index(block, "```")]) {
		if line = strings.TrimSpace(line); line != "" {
			assert.Contains(t, example, line, "the README's code is an Example's")
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}
