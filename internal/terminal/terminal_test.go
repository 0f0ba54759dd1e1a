// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func table(s Screen, rows ...[]Cell) string {
	return s.Table([]Column{{Head: "DOCUMENT"}, {Head: "N", Right: true, Optional: true}, {Head: "SUMMARY", Flexible: true}}, rows)
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
	assert.Equal(t, ""+
		"DOCUMENT  SUMMARY\n"+
		"a.md      word word w…\n", table(Screen{Width: 5}, Cells("a.md", "1", long)), "it gives way so far and no further")
}

// What is wide, marked or runs from right to left must not push the columns around.
func TestTableOfOtherScripts(t *testing.T) {
	rows := [][]Cell{Cells("保修期.md", "1", "x"), Cells("مُدَّة.md", "2", "الضمان سنتان من تاريخ الشراء"), Cells("ab.md", "3", "x")}
	assert.Equal(t, ""+
		"DOCUMENT   N  SUMMARY\n"+
		"保修期.md  1  x\n"+
		"\u2068مُدَّة.md\u2069     2  \u2068الضمان سنتان من تاريخ الشراء\u2069\n"+
		"ab.md      3  x\n", table(Screen{}, rows...))
	for l := range strings.Lines(table(Screen{Width: 30}, rows...)) {
		assert.LessOrEqual(t, Columns(strings.TrimRight(l, "\n")), 30, l)
		assert.Equal(t, strings.Count(l, firstStrongIsolate), strings.Count(l, popDirectionalIsolate), "a cut text ends its direction")
	}
}

func TestClean(t *testing.T) {
	evil := "a\x1b[31mred\x1b]0;title\x07\u202eb\u2066c\u009bd\r\ne\tf"
	assert.Equal(t, "a[31mred]0;titlebcd\ne\tf", Clean(evil))
	assert.Equal(t, "a[31mred]0;titlebcd e f", Line(evil))
	assert.NotContains(t, table(Screen{}, Cells(evil, "1", evil)), "\x1b")
}

// An invisible mark turns numbers of the next column around, as a letter does.
func TestIsolate(t *testing.T) {
	for text, want := range map[string]string{"ab": "ab", "ab\u200f": "\u2068ab\u200f\u2069", "\u061cab": "\u2068\u061cab\u2069", "مدة": "\u2068مدة\u2069"} {
		assert.Equal(t, want, Isolate(text))
	}
}

func TestColors(t *testing.T) {
	cells := []Cell{{Text: "a.md", Red: true}, {Text: "1"}, {Text: "x"}}
	assert.NotContains(t, table(Screen{}, cells), "\x1b")
	got := table(Screen{Color: true}, cells)
	assert.Contains(t, got, "\x1b[31ma.md\x1b[0m      1")
	assert.Contains(t, got, "\x1b[1mDOCUMENT\x1b[0m")
	assert.Equal(t, "\x1b[31mab\x1b[0m…", Screen{Color: true, Width: 3}.Fit(Screen{Color: true}.Paint("abcd", text.FgRed)), "colours take no columns")
}

func TestOf(t *testing.T) {
	t.Setenv("COLUMNS", "")
	assert.Equal(t, Screen{}, Of(&bytes.Buffer{}), "no terminal, no colours")
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	assert.Equal(t, Screen{}, Of(f), "a file is no terminal")
	t.Setenv("COLUMNS", "60")
	assert.Equal(t, Screen{Width: 60}, Of(&bytes.Buffer{}))
	t.Setenv("COLUMNS", "wide")
	assert.Equal(t, Screen{}, Of(&bytes.Buffer{}))
}

func TestCut(t *testing.T) {
	assert.Equal(t, "abcd", Screen{}.Fit("abcd"))
	assert.Equal(t, "ab…", Screen{Width: 3}.Fit("abcd"))
	assert.Equal(t, "保…", Screen{Width: 3}.Fit("保修期"))
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{1234567890: "1.23s", 12345678: "12.35ms", 1234: "1µs", 0: "0s"} {
		assert.Equal(t, want, Duration(d))
	}
}

func TestColorsOfATerminal(t *testing.T) {
	f, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("there are no pseudo terminals here")
	}
	t.Cleanup(func() { _ = f.Close() })
	for _, tc := range []struct {
		noColor, term string
		want          bool
	}{{"", "xterm", true}, {"1", "xterm", false}, {"", "dumb", false}} {
		t.Setenv("NO_COLOR", tc.noColor)
		t.Setenv("TERM", tc.term)
		assert.Equal(t, tc.want, Of(f).Color, tc)
	}
}
