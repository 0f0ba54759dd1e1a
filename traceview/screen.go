// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"io"

	"github.com/spanloom/spanloom/internal/terminal"
)

// Option configures what is written. A nil Option is ignored.
type Option interface{ applyTo(*screen) }

type option func(*screen)

func (f option) applyTo(s *screen) { f(s) }

// WithWidth cuts lines to a number of columns; 0 never cuts. Default: the width
// of the terminal, or COLUMNS; elsewhere lines are not cut.
func WithWidth(columns int) Option {
	return option(func(s *screen) { s.Width = max(columns, 0) })
}

// WithColor switches colours on or off. Default: on a terminal, unless NO_COLOR is
// set or TERM is "dumb".
func WithColor(on bool) Option {
	return option(func(s *screen) { s.Color = on })
}

// WithoutTimes leaves trace ids, durations and bars out, so that two runs of one
// program can be compared as text.
func WithoutTimes() Option {
	return option(func(s *screen) { s.noTimes = true })
}

// WithSortedSiblings puts the spans below one parent, and the traces, in alphabetical
// order in place of the order of their start, which concurrency changes.
func WithSortedSiblings() Option {
	return option(func(s *screen) { s.sorted = true })
}

// screen is how w is written to.
type screen struct {
	terminal.Screen
	sorted  bool
	noTimes bool
}

func screenOf(w io.Writer, opts []Option) screen {
	s := screen{Screen: terminal.Of(w)}
	for _, o := range opts {
		if o != nil {
			o.applyTo(&s)
		}
	}
	return s
}
