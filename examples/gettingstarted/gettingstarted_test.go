// SPDX-License-Identifier: Apache-2.0

// Package gettingstarted_test holds docs/getting-started.md to the programs in the
// folders below.
package gettingstarted_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	page = "../../docs/getting-started.md"
	// maxLines is what the program without traces may have, without blank lines.
	maxLines = 45
	// maxChanged is what a road to traces may change, without blank lines and imports.
	maxChanged = 6
)

// roads are the folders with the program that has traces.
var roads = []string{"wrapped", "registered"}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

// lines returns the lines of a program that are not blank.
func lines(t *testing.T, folder string) (list []string) {
	t.Helper()
	for line := range strings.Lines(read(t, folder+"/main.go")) {
		if strings.TrimSpace(line) != "" {
			list = append(list, line)
		}
	}
	return list
}

// added returns the lines of after that are not in before: those of the longest
// common subsequence are left out.
func added(before, after []string) (list []string) {
	common := make([][]int, len(before)+1)
	common[len(before)] = make([]int, len(after)+1)
	for i := len(before) - 1; i >= 0; i-- {
		common[i] = make([]int, len(after)+1)
		for j := len(after) - 1; j >= 0; j-- {
			common[i][j] = max(common[i+1][j], common[i][j+1])
			if before[i] == after[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	i := 0
	for j := range after {
		for i < len(before) && before[i] != after[j] && common[i+1][j] >= common[i][j+1] {
			i++
		}
		if i < len(before) && before[i] == after[j] {
			i++
		} else {
			list = append(list, after[j])
		}
	}
	return list
}

// changed returns the lines of a road that the program without traces does not have.
func changed(t *testing.T, road string) (code, imports []string) {
	t.Helper()
	plain, traced := lines(t, "plain"), lines(t, road)
	require.LessOrEqual(t, len(added(traced, plain)), len(added(plain, traced)), "%s takes lines out, and none stands in their place", road)
	for _, line := range added(plain, traced) {
		if strings.HasPrefix(line, "\t\"") {
			imports = append(imports, line)
		} else {
			code = append(code, line)
		}
	}
	return code, imports
}

func TestAdded(t *testing.T) {
	before := []string{"a", "b", "c", "d"}
	assert.Empty(t, added(before, before))
	assert.Equal(t, []string{"x", "y", "z"}, added(before, []string{"a", "x", "y", "c", "d", "z"}))
	assert.Equal(t, []string{"d"}, added(before, []string{"d", "a", "b", "c"}), "a line that moved")
	assert.Equal(t, []string{"b"}, added(before, []string{"a", "b", "b", "c", "d"}))
	assert.Equal(t, []string{"x"}, added(nil, []string{"x"}))
}

func TestRoadsChangeFewLines(t *testing.T) {
	plain := lines(t, "plain")
	assert.LessOrEqual(t, len(plain), maxLines)
	for _, road := range roads {
		code, imports := changed(t, road)
		assert.LessOrEqual(t, len(code), maxChanged, "%s changes\n%s", road, strings.Join(code, ""))
		assert.NotEmpty(t, imports, road)
		t.Logf("%s: %d changed lines, %d imports", road, len(code), len(imports))
	}
}

// blocks returns what stands between fences of a language on a page.
func blocks(t *testing.T, page, language string) (list []string) {
	t.Helper()
	for i, part := range strings.Split(read(t, page), "```") {
		if block, ok := strings.CutPrefix(part, language+"\n"); ok && i%2 == 1 {
			list = append(list, block)
		}
	}
	return list
}

// TestPageShowsTheRoads: the page has the program without traces, the lines that
// each road changes, and the tree that comes out.
func TestPageShowsTheRoads(t *testing.T) {
	_, program, _ := strings.Cut(read(t, "plain/main.go"), "func main")
	assert.Contains(t, blocks(t, page, "go"), "func main"+program)
	for _, road := range roads {
		code, _ := changed(t, road)
		assert.Contains(t, blocks(t, page, "go"), strings.Join(code, ""), "the lines that %s changes", road)
		assert.Contains(t, blocks(t, page, ""), read(t, road+"/testdata/tree.golden"), road)
	}
}
