// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"slices"

	pretty "github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Column is a column of a table.
type Column struct {
	Head string
	// Right aligns numbers.
	Right bool
	// Flexible columns give way, the widest first, when a line does not fit.
	Flexible bool
	// Optional columns are left out, the last first, when that is not enough.
	Optional bool
}

// Cell is a text, red or not.
type Cell struct {
	Text string
	Red  bool
}

// Cells makes plain ones.
func Cells(texts ...string) []Cell {
	cells := make([]Cell, len(texts))
	for i, t := range texts {
		cells[i].Text = t
	}
	return cells
}

const (
	gap = 2
	// narrowest is how far a flexible column gives way.
	narrowest = 12
)

// Table returns the rows below a head, each on a line of its own. Each row has a
// cell for each column; what is in a cell is cleaned.
func (s Screen) Table(cols []Column, rows [][]Cell) string {
	shown := make([]int, len(cols))
	for i := range shown {
		shown[i] = i
	}
	widths, ok := s.widths(cols, rows, shown)
	for !ok {
		drop := lastOptional(cols, shown)
		if drop < 0 {
			break
		}
		shown = slices.Delete(shown, drop, drop+1)
		widths, ok = s.widths(cols, rows, shown)
	}
	t := pretty.NewWriter()
	t.SetStyle(plain())
	t.SuppressTrailingSpaces()
	configs := make([]pretty.ColumnConfig, len(shown))
	head := make(pretty.Row, len(shown))
	for at, i := range shown {
		head[at] = s.Paint(cols[i].Head, text.Bold)
		configs[at].Number = at + 1
		if cols[i].Right {
			configs[at].Align, configs[at].AlignHeader = text.AlignRight, text.AlignRight
		}
	}
	t.SetColumnConfigs(configs)
	t.AppendHeader(head)
	for _, r := range rows {
		row := make(pretty.Row, len(shown))
		for at, i := range shown {
			cell := Isolate(Cut(Line(r[i].Text), widths[at]))
			if r[i].Red {
				cell = s.Paint(cell, text.FgRed)
			}
			row[at] = cell
		}
		t.AppendRow(row)
	}
	return t.Render() + "\n"
}

// widths of the columns that are shown; false says that a line does not fit, although
// the flexible ones are narrow.
func (s Screen) widths(cols []Column, rows [][]Cell, shown []int) ([]int, bool) {
	widths := make([]int, len(shown))
	total := gap * (len(shown) - 1)
	for at, i := range shown {
		widths[at] = Columns(cols[i].Head)
		for _, r := range rows {
			widths[at] = max(widths[at], Columns(Line(r[i].Text)))
		}
		total += widths[at]
	}
	for ; s.Width > 0 && total > s.Width; total-- {
		widest := -1
		for at, i := range shown {
			if cols[i].Flexible && widths[at] > narrowest && (widest < 0 || widths[at] > widths[widest]) {
				widest = at
			}
		}
		if widest < 0 {
			return widths, false
		}
		widths[widest]--
	}
	return widths, true
}

func lastOptional(cols []Column, shown []int) int {
	for at, i := range slices.Backward(shown) {
		if cols[i].Optional {
			return at
		}
	}
	return -1
}

func plain() pretty.Style {
	style := pretty.StyleDefault
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Options = pretty.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	return style
}
