// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	report    = regexp.MustCompile(`^[\w.-]+/[\w.-]+#\d+$`)
	reportRow = regexp.MustCompile("(?m)^\\| (.+) \\| (.+) \\| (.+ → .+) \\| `(\\S+) (Test\\w+)` \\|$")
	tableRow  = regexp.MustCompile(`(?m)^\| [^-].* \|$`)
)

// Each row of reports.md names reports, and a test that exists.
func TestReports(t *testing.T) {
	page, err := FS.ReadFile("reports.md")
	require.NoError(t, err)
	rows := reportRow.FindAllStringSubmatch(string(page), -1)
	heads, all, read := strings.Count(string(page), "\n| --- "), len(tableRow.FindAllString(string(page), -1)), len(rows)
	assert.Equal(t, all-heads, read, "a row that is not read")
	seen := map[string]bool{}
	for _, row := range rows {
		for name := range strings.SplitSeq(row[2], ", ") {
			assert.Regexp(t, report, name, row[1])
			seen[name] = true
		}
		assert.True(t, hasTest(t, filepath.Join("..", row[4]), row[5]), "%s %s: there is no such test", row[4], row[5])
	}
	assert.GreaterOrEqual(t, len(rows), 50)
	for _, pkg := range []string{"internal/wire", "internal/genai"} {
		for name := range strings.FieldsFuncSeq(contentOf(t, filepath.Join("..", pkg, "reports_test.go")), func(r rune) bool { return r == '"' }) {
			if report.MatchString(name) {
				assert.True(t, seen[name], "%s is tested in %s, and not in reports.md", name, pkg)
			}
		}
	}
}

func hasTest(t *testing.T, dir, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	require.NoError(t, err)
	for _, file := range files {
		if strings.Contains(contentOf(t, file), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}

func contentOf(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(b)
}
