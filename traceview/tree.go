// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/terminal"
)

// node is a span with its children in order of their start.
type node struct {
	span
	children []*node
}

// forest arranges spans by parent. A span whose parent is not among them is a
// root. Roots and siblings are ordered by start, those of equal start as given.
func forest(spans []sdktrace.ReadOnlySpan) []*node {
	type id struct {
		trace trace.TraceID
		span  trace.SpanID
	}
	nodes := make(map[id]*node, len(spans))
	list := make([]*node, len(spans))
	for i, s := range spans {
		list[i] = &node{span: spanOf(s)}
		nodes[id{s.SpanContext().TraceID(), s.SpanContext().SpanID()}] = list[i]
	}
	slices.SortStableFunc(list, func(a, b *node) int { return a.StartTime().Compare(b.StartTime()) })
	var roots []*node
	for _, n := range list {
		parent := nodes[id{n.Parent().TraceID(), n.Parent().SpanID()}]
		if parent == nil || parent == n {
			roots = append(roots, n)
			continue
		}
		parent.children = append(parent.children, n)
	}
	return roots
}

// sortByText orders siblings by their lines and those below, and returns all lines.
func sortByText(siblings []*node) string {
	lines := make(map[*node]string, len(siblings))
	for _, n := range siblings {
		lines[n] = n.Name() + " " + n.note(n.excerpt()) + "\n" + sortByText(n.children)
	}
	slices.SortStableFunc(siblings, func(a, b *node) int { return strings.Compare(lines[a], lines[b]) })
	var all strings.Builder
	for _, n := range siblings {
		all.WriteString(lines[n])
	}
	return all.String()
}

// row is a line of the tree: what stands before and after the bar, and the span.
type row struct {
	label, note string
	node        *node
}

// Tree writes each trace as a tree: a head with the trace's id, then a line per
// span with its name, a bar from start to end, the duration, tokens, cost, documents,
// retries, the beginning of its question where a content policy let that through, and the
// error. Spans whose parent is missing are roots.
//
// Traces are in order of their start. The error is w's.
func Tree(w io.Writer, spans []sdktrace.ReadOnlySpan, opts ...Option) error {
	s := screenOf(w, opts)
	var b strings.Builder
	var order []trace.TraceID
	byTrace := map[trace.TraceID][]*node{}
	roots := forest(spans)
	if s.sorted {
		sortByText(roots)
	}
	for _, root := range roots {
		id := root.SpanContext().TraceID()
		if byTrace[id] == nil {
			order = append(order, id)
		}
		byTrace[id] = append(byTrace[id], root)
	}
	for i, id := range order {
		if i > 0 {
			b.WriteByte('\n')
		}
		if !s.noTimes {
			b.WriteString(s.Paint("trace "+id.String(), text.Faint) + "\n")
		}
		s.tree(&b, byTrace[id])
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// widestLabel is where the bars start at the latest: a longer label moves its own bar only.
const widestLabel = 56

func (s screen) tree(b *strings.Builder, roots []*node) {
	var rows []row
	for _, root := range roots {
		rows = appendRows(rows, root, "", "", "")
	}
	window := windowOf(roots)
	width := 0
	for _, r := range rows {
		if n := terminal.Columns(r.label); n <= widestLabel {
			width = max(width, n)
		}
	}
	for _, r := range rows {
		b.WriteString(s.row(r, width, window) + "\n")
	}
}

// appendRows appends the rows of n and of what is below it. An excerpt that the line above
// has shown is left out.
func appendRows(rows []row, n *node, first, next, shown string) []row {
	excerpt := n.excerpt()
	if excerpt == shown {
		excerpt = ""
	}
	rows = append(rows, row{first + terminal.Isolate(terminal.Line(n.Name())), n.note(excerpt), n})
	for i, c := range n.children {
		branch, below := "├─ ", "│  "
		if i == len(n.children)-1 {
			branch, below = "└─ ", "   "
		}
		rows = appendRows(rows, c, next+branch, next+below, cmp.Or(excerpt, shown))
	}
	return rows
}

func (s screen) row(r row, width int, w window) string {
	colors := s.Screen
	colors.Color = s.Color && !r.node.failed() // a failed line is red as a whole
	parts := []string{r.label}
	if !s.noTimes {
		took := terminal.Duration(r.node.duration())
		took = strings.Repeat(" ", max(0, 8-terminal.Columns(took))) + took
		parts = []string{terminal.Pad(r.label, width), colors.Paint(w.bar(r.node.span), text.FgCyan), colors.Paint(took, text.Faint)}
	}
	if r.note != "" {
		parts = append(parts, colors.Paint(r.note, text.Faint))
	}
	line := s.Fit(strings.Join(parts, "  "))
	if r.node.failed() {
		return s.Paint(line, text.FgRed)
	}
	return line
}

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

const barWidth = 20

// bar draws when the span ran, at least one cell.
func (w window) bar(s span) string {
	total := w.end.Sub(w.start)
	if total <= 0 {
		return strings.Repeat("█", barWidth)
	}
	cell := func(t time.Time) float64 { return float64(barWidth) * float64(t.Sub(w.start)) / float64(total) }
	from := min(int(cell(s.StartTime())), barWidth-1)
	to := min(max(int(cell(s.EndTime())+0.5), from+1), barWidth)
	fill := "█"
	if cell(s.EndTime())-cell(s.StartTime()) < 0.5 {
		fill = "▏"
	}
	return strings.Repeat("·", from) + strings.Repeat(fill, to-from) + strings.Repeat("·", barWidth-to)
}
