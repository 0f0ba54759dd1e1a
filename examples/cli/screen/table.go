// SPDX-License-Identifier: Apache-2.0

package screen

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Column is a column of a [Table].
type Column struct {
	Head string
	// Right aligns numbers.
	Right bool
	// Flexible columns give way, the widest first, when a line does not fit.
	Flexible bool
	// Optional columns are left out, the last first, when that is not enough.
	Optional bool
}

// Cell is a text, perhaps in a style.
type Cell struct {
	Text  string
	Style Style
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

// Table writes rows below a head, each on a line of its own.
func (s Screen) Table(w io.Writer, cols []Column, rows [][]Cell) {
	for {
		widths := make([]int, len(cols))
		for i, c := range cols {
			widths[i] = columns(c.Head)
			for _, r := range rows {
				widths[i] = max(widths[i], columns(oneLine(r[i].Text)))
			}
		}
		drop := lastOptional(cols)
		if s.fit(cols, widths) || drop < 0 {
			s.write(w, cols, widths, rows)
			return
		}
		cols = slices.Delete(slices.Clone(cols), drop, drop+1)
		less := make([][]Cell, len(rows))
		for i, r := range rows {
			less[i] = slices.Delete(slices.Clone(r), drop, drop+1)
		}
		rows = less
	}
}

func lastOptional(cols []Column) int {
	for i, c := range slices.Backward(cols) {
		if c.Optional {
			return i
		}
	}
	return -1
}

func (s Screen) write(w io.Writer, cols []Column, widths []int, rows [][]Cell) {
	head := make([]Cell, len(cols))
	for i, c := range cols {
		head[i] = Cell{c.Head, Bold}
	}
	for _, r := range append([][]Cell{head}, rows...) {
		fmt.Fprintln(w, s.row(cols, widths, r))
	}
}

// fit narrows flexible columns until a line fits; false says that nothing more
// gives way.
func (s Screen) fit(cols []Column, widths []int) bool {
	if s.Width <= 0 {
		return true
	}
	total := gap * (len(widths) - 1)
	for _, n := range widths {
		total += n
	}
	for ; total > s.Width; total-- {
		widest := -1
		for i, c := range cols {
			if c.Flexible && widths[i] > narrowest && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return false
		}
		widths[widest]--
	}
	return true
}

func (s Screen) row(cols []Column, widths []int, cells []Cell) string {
	var b strings.Builder
	for i, c := range cells {
		text := cut(oneLine(c.Text), widths[i])
		pad := strings.Repeat(" ", widths[i]-columns(text))
		text = s.Paint(c.Style, isolate(text))
		switch {
		case cols[i].Right:
			b.WriteString(pad + text)
		case i < len(cells)-1:
			b.WriteString(text + pad)
		default:
			b.WriteString(text)
		}
		if i < len(cells)-1 {
			b.WriteString(strings.Repeat(" ", gap))
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// oneLine keeps a cell on its line.
func oneLine(text string) string { return strings.Join(strings.Fields(Clean(text)), " ") }
