// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"strings"
	"time"
)

// window is the time that the bars of a trace show.
type window struct{ start, end time.Time }

func windowOf(roots []*node) window {
	w := window{roots[0].StartTime(), roots[0].EndTime()}
	var widen func([]*node)
	widen = func(ns []*node) {
		for _, n := range ns {
			if n.StartTime().Before(w.start) {
				w.start = n.StartTime()
			}
			if n.EndTime().After(w.end) {
				w.end = n.EndTime()
			}
			widen(n.children)
		}
	}
	widen(roots)
	return w
}

// draw returns a bar of cells that shows when the span ran, at least one of them filled.
func (w window) draw(s span, cells int) string {
	total := w.end.Sub(w.start)
	if total <= 0 {
		return strings.Repeat("█", cells)
	}
	cell := func(t time.Time) float64 { return float64(cells) * float64(t.Sub(w.start)) / float64(total) }
	from := min(int(cell(s.StartTime())), cells-1)
	to := min(max(int(cell(s.EndTime())+0.5), from+1), cells)
	fill := "█"
	if cell(s.EndTime())-cell(s.StartTime()) < 0.5 {
		fill = "▏"
	}
	return strings.Repeat("·", from) + strings.Repeat(fill, to-from) + strings.Repeat("·", cells-to)
}
