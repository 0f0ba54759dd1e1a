// SPDX-License-Identifier: Apache-2.0

// Package screen writes for people: tables that fit the terminal, colours where
// there is one, and texts that run from right to left in their columns.
package screen

import (
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"

	prettytext "github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// Screen is where an example writes. Its zero value is no terminal and as wide
// as need be.
type Screen struct {
	// Width is in columns; 0 does not limit lines.
	Width int
	// Terminal is true where lines that are too long would break.
	Terminal bool
	// Colour is true on a terminal, unless NO_COLOR is set to anything.
	Colour bool
}

// fileWidth is for files and pipes, whose reader's width nobody knows.
const fileWidth = 120

// Of finds out what w is. COLUMNS, where it is set, says how wide.
func Of(w io.Writer, getenv func(string) string) Screen {
	s := Screen{Width: fileWidth}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		s.Terminal = true
		s.Colour = getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			s.Width = n
		}
	}
	if n, err := strconv.Atoi(getenv("COLUMNS")); err == nil && n > 0 {
		s.Width = n
	}
	return s
}

// Style is how a text stands out.
type Style string

// The styles, as terminals know them.
const (
	Bold Style = "\x1b[1m"
	Dim  Style = "\x1b[2m"
	Red  Style = "\x1b[31m"

	plain = "\x1b[0m"
)

// Paint gives text the style, on a terminal with colours.
func (s Screen) Paint(style Style, text string) string {
	if !s.Colour || text == "" || style == "" {
		return text
	}
	return string(style) + text + plain
}

// Fit cuts a line to the width of a terminal.
func (s Screen) Fit(line string) string {
	if s.Width <= 0 || !s.Terminal {
		return line
	}
	return cut(line, s.Width)
}

// columns that text takes: East Asian letters take two, marks above and below
// others none.
func columns(text string) int { return prettytext.StringWidthWithoutEscSequences(text) }

func cut(text string, width int) string { return prettytext.Snip(text, width, "…") }

// Bounds of a text whose direction is its own: without them a terminal that
// knows of directions would turn the neighbouring columns around as well.
const (
	firstStrongIsolate    = "\u2068"
	popDirectionalIsolate = "\u2069"
)

// isolate bounds a text that has letters of a right-to-left script.
func isolate(text string) string {
	if !strings.ContainsFunc(text, rightToLeft) {
		return text
	}
	return firstStrongIsolate + text + popDirectionalIsolate
}

// rightToLeft knows the blocks of Hebrew, Arabic, Syriac, Thaana, N'Ko and their
// relatives, and the presentation forms.
func rightToLeft(r rune) bool {
	return r >= 0x0590 && r <= 0x08ff || r >= 0xfb1d && r <= 0xfdff || r >= 0xfe70 && r <= 0xfeff ||
		r >= 0x10800 && r <= 0x10fff || r >= 0x1e800 && r <= 0x1efff
}

// Clean takes out of somebody else's text what would steer the terminal: control
// characters, but for line breaks and tabs, and overrides of the direction.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, text)
}

// Line is Clean for a text that is to stay on one line.
func Line(text string) string { return oneLine(text) }
