// SPDX-License-Identifier: Apache-2.0

package traceview

import (
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
	above    *node // the parent or one above it; nil at a root
}

// root is the span that n is below, or n.
func (n *node) root() *node {
	for n.above != nil {
		if n.above.above != nil {
			n.above = n.above.above
		}
		n = n.above
	}
	return n
}

// traceTree is the spans of a trace by parent, and the time from the first start to the
// last end.
type traceTree struct {
	roots      []*node
	start, end time.Time
}

// treesOf arranges spans by trace and parent. A span whose parent is not among them is a
// root, and so is one that closes a circle of parents. Traces, roots and siblings are
// ordered by start, those of equal start as given.
func treesOf(spans []sdktrace.ReadOnlySpan) (trees []*traceTree) {
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
	byTrace := map[trace.TraceID]*traceTree{}
	for _, n := range list {
		t, ok := byTrace[n.traceID()]
		if !ok {
			t = &traceTree{start: n.StartTime(), end: n.EndTime()}
			byTrace[n.traceID()] = t
			trees = append(trees, t)
		}
		if n.EndTime().After(t.end) {
			t.end = n.EndTime()
		}
		parent := nodes[id{n.traceID(), n.Parent().SpanID()}]
		if parent == nil || parent.root() == n {
			t.roots = append(t.roots, n)
			continue
		}
		n.above = parent
		parent.children = append(parent.children, n)
	}
	return trees
}

// sortByText orders siblings by their lines and those below, and returns all lines.
func sortByText(siblings []*node) string {
	lines := make(map[*node]string, len(siblings))
	for _, n := range siblings {
		lines[n] = strings.Join([]string{n.Name(), n.facts(), n.excerpt(), n.failure()}, gap) + "\n" + sortByText(n.children)
	}
	slices.SortStableFunc(siblings, func(a, b *node) int { return strings.Compare(lines[a], lines[b]) })
	var all strings.Builder
	for _, n := range siblings {
		all.WriteString(lines[n])
	}
	return all.String()
}

// row is a span of the tree: what stands before and after the bar.
type row struct {
	label          string
	below          string // what a second line begins with
	excerpt, facts string
	node           *node
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
	trees := treesOf(spans)
	if s.sorted {
		lines := map[*traceTree]string{}
		for _, t := range trees {
			lines[t] = sortByText(t.roots)
		}
		slices.SortStableFunc(trees, func(a, b *traceTree) int { return strings.Compare(lines[a], lines[b]) })
	}
	for i, t := range trees {
		if i > 0 {
			b.WriteByte('\n')
		}
		if !s.noTimes {
			b.WriteString(s.Paint("trace "+t.roots[0].traceID().String(), text.Faint) + "\n")
		}
		s.tree(&b, t)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// widestLabel is where the bars start at the latest: a longer label moves its own bar only.
const widestLabel = 56

func (s screen) tree(b *strings.Builder, t *traceTree) {
	var rows []row
	for _, root := range t.roots {
		rows = appendRows(rows, root, "", "", "")
	}
	l := s.layoutOf(rows, t)
	for _, r := range rows {
		b.WriteString(s.row(r, l) + "\n")
	}
}

// appendRows appends the rows of n and of what is below it. An excerpt that a span above
// has shown is left out.
func appendRows(rows []row, n *node, first, next, shown string) []row {
	r := row{label: first + terminal.Isolate(terminal.Line(n.Name())), below: next + "   ", facts: n.facts(), node: n}
	if excerpt := n.excerpt(); excerpt != "" && excerpt != shown {
		shown = excerpt
		r.excerpt = excerpt
	}
	if len(n.children) > 0 {
		r.below = next + "│  "
	}
	rows = append(rows, r)
	for i, c := range n.children {
		branch, below := "├─ ", "│  "
		if i == len(n.children)-1 {
			branch, below = "└─ ", "   "
		}
		rows = appendRows(rows, c, next+branch, next+below, shown)
	}
	return rows
}

// layout is what the rows of a trace share. Without bars, bar is 0.
type layout struct {
	*traceTree
	label, bar int
}

const (
	gap       = "  "
	tookWidth = 8
	widestBar = 20
	// narrowestBar still shows what came first; where there is less room there are no bars.
	narrowestBar = 8
)

// layoutOf gives bars the room that the labels and the facts leave them.
func (s screen) layoutOf(rows []row, t *traceTree) layout {
	l := layout{traceTree: t, bar: widestBar}
	facts := 0
	for _, r := range rows {
		if n := terminal.Columns(r.label); n <= widestLabel {
			l.label = max(l.label, n)
		}
		facts = max(facts, terminal.Columns(r.facts))
	}
	if s.Width > 0 {
		l.bar = min(l.bar, s.Width-l.label-tookWidth-facts-3*len(gap))
	}
	if l.bar < narrowestBar {
		l.bar = 0
	}
	return l
}

// row is one line, or two where the failure has no room on the first.
func (s screen) row(r row, l layout) string {
	colors := s.Screen
	colors.Color = s.Color && !r.node.failed() // a failed span is red as a whole
	parts := []string{r.label}
	if !s.noTimes {
		took := terminal.Duration(r.node.duration())
		took = strings.Repeat(" ", max(0, tookWidth-terminal.Columns(took))) + took
		parts = []string{terminal.Pad(r.label, l.label)}
		if l.bar > 0 {
			parts = append(parts, colors.Paint(l.drawBar(r.node.span, l.bar), text.FgCyan))
		}
		parts = append(parts, colors.Paint(took, text.Faint))
	}
	if r.facts != "" {
		parts = append(parts, colors.Paint(r.facts, text.Faint))
	}
	if t := s.quoted(r.excerpt, terminal.Columns(strings.Join(parts, gap)+gap)); t != "" {
		parts = append(parts, colors.Paint(t, text.Faint))
	}
	line := strings.Join(parts, gap)
	if !r.node.failed() {
		return s.Fit(line)
	}
	if whole := line + gap + r.node.failure(); s.Width == 0 || terminal.Columns(whole) <= s.Width {
		return s.Paint(whole, text.FgRed)
	}
	return s.Paint(s.Fit(line), text.FgRed) + "\n" + s.Paint(s.Fit(r.below+r.node.failure()), text.FgRed)
}

// drawBar returns cells that show when the span ran, at least one of them filled.
func (t *traceTree) drawBar(s span, cells int) string {
	total := t.end.Sub(t.start)
	if total <= 0 {
		return strings.Repeat("█", cells)
	}
	cell := func(at time.Time) float64 { return float64(cells) * float64(at.Sub(t.start)) / float64(total) }
	from := min(int(cell(s.StartTime())), cells-1)
	to := min(max(int(cell(s.EndTime())+0.5), from+1), cells)
	fill := "█"
	if cell(s.EndTime())-cell(s.StartTime()) < 0.5 {
		fill = "▏"
	}
	return strings.Repeat("·", from) + strings.Repeat(fill, to-from) + strings.Repeat("·", cells-to)
}

// quoted is an excerpt that fits behind so many columns; without room for a few words it is
// empty.
func (s screen) quoted(excerpt string, columns int) string {
	const leastColumns = 10
	if s.Width > 0 {
		room := s.Width - columns - len(`""`)
		if room < leastColumns {
			return ""
		}
		excerpt = terminal.Cut(excerpt, room)
	}
	if excerpt == "" {
		return ""
	}
	return `"` + terminal.Isolate(excerpt) + `"`
}
