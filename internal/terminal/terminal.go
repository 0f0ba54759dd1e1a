// SPDX-License-Identifier: Apache-2.0

// Package terminal writes for people: lines and tables that fit the terminal,
// colours where there is one, and other people's texts without what would steer it.
package terminal

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// Screen is where a program writes. Its zero value never cuts and has no colours.
type Screen struct {
	// Width is in columns; 0 does not limit lines.
	Width int
	Color bool
}

// Of finds out what w is: the width of a terminal, or COLUMNS; colours on a
// terminal, unless NO_COLOR is set or TERM is "dumb".
func Of(w io.Writer) Screen {
	var s Screen
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		s.Color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		if n, _, err := term.GetSize(int(f.Fd())); err == nil {
			s.Width = max(n, 0)
		}
	}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		s.Width = n
	}
	return s
}

// Paint gives t a colour, on a terminal that shows colours.
func (s Screen) Paint(t string, color text.Color) string {
	if !s.Color || t == "" {
		return t
	}
	return color.EscapeSeq() + t + text.EscapeReset
}

// Fit cuts a line, which may be painted, to the width.
func (s Screen) Fit(line string) string { return Cut(line, s.Width) }

// Columns that t takes: East Asian letters take two, combining marks none.
func Columns(t string) int { return text.StringWidthWithoutEscSequences(t) }

// Cut shortens t to a number of columns; 0 does not.
func Cut(t string, width int) string { return text.Snip(t, width, "…") }

// Pad fills t up to a number of columns.
func Pad(t string, width int) string { return text.Pad(t, width, ' ') }

// A text of its own direction stands between these two characters. Without them a
// terminal that reorders text would turn the neighbouring columns around.
const (
	firstStrongIsolate    = "\u2068"
	popDirectionalIsolate = "\u2069"
)

// Isolate bounds a text that has letters of a right-to-left script.
func Isolate(t string) string {
	if !strings.ContainsFunc(t, rightToLeft) {
		return t
	}
	return firstStrongIsolate + t + popDirectionalIsolate
}

// rightToLeft knows the blocks of Hebrew, Arabic, Syriac, Thaana, N'Ko and their
// relatives, the presentation forms, and the mark that stands for a letter of theirs.
func rightToLeft(r rune) bool {
	return r == 0x200f || r >= 0x0590 && r <= 0x08ff || r >= 0xfb1d && r <= 0xfdff || r >= 0xfe70 && r <= 0xfeff ||
		r >= 0x10800 && r <= 0x10fff || r >= 0x1e800 && r <= 0x1efff
}

// Clean takes out of somebody else's text what would steer the terminal: control
// characters, but for line breaks and tabs, and overrides of the direction.
func Clean(t string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, t)
}

// Line is Clean for a text that is to stay on one line.
func Line(t string) string { return strings.Join(strings.Fields(Clean(t)), " ") }

// Duration prints a duration with three or four digits.
func Duration(d time.Duration) string {
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}

// Dollars prints an amount with six decimals.
func Dollars(usd float64) string { return fmt.Sprintf("$%.6f", usd) }

// Plural is a count with its noun.
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
