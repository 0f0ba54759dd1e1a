// SPDX-License-Identifier: Apache-2.0

package screen

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func env(vars map[string]string) func(string) string { return func(n string) string { return vars[n] } }

func table(s Screen, rows ...[]Cell) string {
	var b bytes.Buffer
	s.Table(&b, []Column{{Head: "DOCUMENT"}, {Head: "N", Right: true}, {Head: "SUMMARY", Flexible: true}}, rows)
	return b.String()
}

func TestTable(t *testing.T) {
	long := strings.Repeat("word ", 20)
	assert.Equal(t, ""+
		"DOCUMENT   N  SUMMARY\n"+
		"a.md      12  two lines\n"+
		"b.md       3\n",
		table(Screen{}, Cells("a.md", "12", "two\n\tlines "), Cells("b.md", "3", "")))
	assert.Equal(t, ""+
		"DOCUMENT  N  SUMMARY\n"+
		"a.md      1  word word word word wor…\n", table(Screen{Width: 37}, Cells("a.md", "1", long)))
	narrow := table(Screen{Width: 5}, Cells("a.md", "1", long))
	assert.Contains(t, narrow, "word word w…", "it gives way so far and no further")
}

// What is wide, marked or runs from right to left must not push the columns
// around.
func TestTableOfOtherScripts(t *testing.T) {
	got := table(Screen{},
		Cells("保修期.md", "1", "x"),
		Cells("مُدَّة.md", "2", "الضمان سنتان"),
		Cells("ab.md", "3", "x"))
	assert.Equal(t, ""+
		"DOCUMENT   N  SUMMARY\n"+
		"保修期.md  1  x\n"+
		"\u2068مُدَّة.md\u2069     2  \u2068الضمان سنتان\u2069\n"+
		"ab.md      3  x\n", got)
}

func TestClean(t *testing.T) {
	evil := "a\x1b[31mred\x1b]0;title\x07\u202eb\u2066c\u009bd\r\ne\tf"
	assert.Equal(t, "a[31mred]0;titlebcd\ne\tf", Clean(evil))
	assert.Equal(t, "a[31mred]0;titlebcd e f", Line(evil))
	assert.NotContains(t, table(Screen{}, Cells(evil, "1", evil)), "\x1b")
}

func TestColours(t *testing.T) {
	cell := []Cell{{Text: "a.md", Style: Red}, {Text: "1"}, {Text: "x"}}
	assert.NotContains(t, table(Screen{}, cell), "\x1b")
	got := table(Screen{Colour: true}, cell)
	assert.Contains(t, got, "\x1b[31ma.md\x1b[0m      1")
	assert.Contains(t, got, "\x1b[1mDOCUMENT\x1b[0m  ")
}

func TestOf(t *testing.T) {
	assert.Equal(t, Screen{Width: fileWidth}, Of(&bytes.Buffer{}, env(nil)), "no terminal, no colours")
	assert.Equal(t, Screen{Width: 60}, Of(&bytes.Buffer{}, env(map[string]string{"COLUMNS": "60"})))
	assert.Equal(t, Screen{Width: fileWidth}, Of(&bytes.Buffer{}, env(map[string]string{"COLUMNS": "wide"})))
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	assert.Equal(t, Screen{Width: fileWidth}, Of(f, env(nil)), "a file is no terminal")
}

func TestFit(t *testing.T) {
	assert.Equal(t, "abcd", Screen{}.Fit("abcd"))
	assert.Equal(t, "abcd", Screen{Width: 3}.Fit("abcd"), "a file has room")
	assert.Equal(t, "ab…", Screen{Width: 3, Terminal: true}.Fit("abcd"))
	assert.Equal(t, "保…", Screen{Width: 3, Terminal: true}.Fit("保修期"))
}
