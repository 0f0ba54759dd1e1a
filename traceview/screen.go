// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// Option configures what is written. A nil Option is ignored.
type Option interface{ apply(screen) screen }

type optionFunc func(screen) screen

func (f optionFunc) apply(s screen) screen { return f(s) }

// WithWidth cuts lines to a number of columns; 0 never cuts. Default: the width
// of the terminal, or COLUMNS; elsewhere lines are not cut.
func WithWidth(columns int) Option {
	return optionFunc(func(s screen) screen {
		s.width = max(columns, 0)
		return s
	})
}

// WithColor switches colours on or off. Default: on a terminal, unless NO_COLOR is
// set or TERM is "dumb".
func WithColor(on bool) Option {
	return optionFunc(func(s screen) screen {
		s.color = on
		return s
	})
}

// WithoutTimes leaves durations and bars out, so that two runs of one program can
// be compared as text.
func WithoutTimes() Option {
	return optionFunc(func(s screen) screen {
		s.noTimes = true
		return s
	})
}

// WithSortedSiblings puts the spans below one parent, and the traces, in alphabetical
// order in place of the order of their start, which concurrency changes.
func WithSortedSiblings() Option {
	return optionFunc(func(s screen) screen {
		s.sorted = true
		return s
	})
}

// screen is how w is written to.
type screen struct {
	sorted  bool
	width   int
	color   bool
	noTimes bool
}

func screenOf(w io.Writer, opts []Option) screen {
	var s screen
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		s.color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		if n, _, err := term.GetSize(int(f.Fd())); err == nil {
			s.width = max(n, 0)
		}
	}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		s.width = n
	}
	for _, o := range opts {
		if o != nil {
			s = o.apply(s)
		}
	}
	return s
}

// paint gives t a colour, on a terminal that shows colours.
func (s screen) paint(t string, color text.Color) string {
	if !s.color || t == "" {
		return t
	}
	return color.EscapeSeq() + t + text.EscapeReset
}

// columns that t takes: East Asian letters take two, combining marks none.
func columns(t string) int { return text.StringWidthWithoutEscSequences(t) }

// cut shortens t to a number of columns.
func cut(t string, width int) string {
	if width <= 0 || columns(t) <= width {
		return t
	}
	return text.Trim(t, width-1) + "…"
}

// pad fills t up to a number of columns.
func pad(t string, width int) string {
	return t + strings.Repeat(" ", max(0, width-columns(t)))
}

// A text of its own direction stands between these two characters. Without them a
// terminal that reorders text would turn the neighbouring columns around.
const (
	firstStrongIsolate    = "\u2068"
	popDirectionalIsolate = "\u2069"
)

// isolate bounds a text that has letters of a right-to-left script.
func isolate(t string) string {
	if !strings.ContainsFunc(t, rightToLeft) {
		return t
	}
	return firstStrongIsolate + t + popDirectionalIsolate
}

// rightToLeft knows the blocks of Hebrew, Arabic, Syriac, Thaana, N'Ko and their
// relatives, and the presentation forms.
func rightToLeft(r rune) bool {
	return r >= 0x0590 && r <= 0x08ff || r >= 0xfb1d && r <= 0xfdff || r >= 0xfe70 && r <= 0xfeff ||
		r >= 0x10800 && r <= 0x10fff || r >= 0x1e800 && r <= 0x1efff
}

// line puts somebody else's text on one line, without what would steer the terminal.
func line(t string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, t)
	return strings.Join(strings.Fields(clean), " ")
}
