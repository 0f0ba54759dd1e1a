// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"cmp"
	"io"
	"math"
	"slices"
	"strconv"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/internal/terminal"
	"github.com/spanloom/spanloom/metrics"
)

// Usage is what spans used, by model and by task.
type Usage struct {
	// Total sums the model calls up, embeddings included.
	Total Row `json:"total"`
	// Models has a row per requested model, Tasks one per workflow, task, agent and
	// tool, both in order of their first start.
	Models []Row `json:"models"`
	Tasks  []Row `json:"tasks"`
}

// Counts are what calls used.
type Counts struct {
	Calls   int   `json:"calls"`
	Errors  int   `json:"errors"`
	Retries int   `json:"retries"`
	Input   int64 `json:"input_tokens"`
	Output  int64 `json:"output_tokens"`
	// Cost is of the calls with a price; Unpriced counts those with tokens and without.
	Cost     metrics.USD `json:"cost_usd"`
	Unpriced int         `json:"unpriced_calls"`
}

// Row sums up the calls of a model, or the runs of a task with the tokens and the
// cost of all model calls below it.
type Row struct {
	Name string `json:"name"`
	Counts
	// P50 and P95 are percentiles of the durations in seconds, by nearest rank.
	P50 float64 `json:"p50_seconds"`
	P95 float64 `json:"p95_seconds"`

	durations []time.Duration
}

// Sum adds spans up. A task that runs inside a task of its name counts a model call
// below both once.
func Sum(spans []sdktrace.ReadOnlySpan) Usage { return sumOf(treesOf(spans)...).usage() }

// sums is a Usage that can still grow.
type sums struct {
	total         Row
	models, tasks table
}

func sumOf(trees ...*traceTree) *sums {
	var u sums
	for _, t := range trees {
		for _, root := range t.roots {
			u.add(root, nil)
		}
	}
	return &u
}

// add adds n and what is below it; around are the rows of the tasks above n.
func (u *sums) add(n *node, around []*Row) {
	switch n.kind() {
	case "chat", "embeddings":
		r := u.models.row(cmp.Or(n.model(), "unknown"))
		r.run(n.span)
		u.total.run(n.span)
		for _, r := range append([]*Row{r, &u.total}, around...) {
			r.use(n.span)
		}
	case "workflow", "task", "agent", "tool":
		r := u.tasks.row(n.entity())
		r.run(n.span)
		if !slices.Contains(around, r) {
			around = append(slices.Clip(around), r)
		}
	}
	for _, c := range n.children {
		u.add(c, around)
	}
}

// merge adds what other counted, and leaves other as it is.
func (u *sums) merge(other *sums) {
	u.total.merge(&other.total)
	for _, r := range other.models.rows {
		u.models.row(r.Name).merge(r)
	}
	for _, r := range other.tasks.rows {
		u.tasks.row(r.Name).merge(r)
	}
}

// usage sorts the durations in place.
func (u *sums) usage() Usage {
	u.total.Name = "total"
	return Usage{Total: u.total.finished(), Models: u.models.finished(), Tasks: u.tasks.finished()}
}

func (r *Row) run(s span) {
	r.Calls++
	if s.failed() {
		r.Errors++
	}
	r.durations = append(r.durations, s.duration())
}

// use adds the tokens, the cost and the retries of a model call.
func (r *Row) use(s span) {
	in, out, counted := s.tokens()
	r.Input += in
	r.Output += out
	r.Retries += s.retries()
	if usd, ok := s.cost(); ok {
		r.Cost = r.Cost.Add(exact(usd))
	} else if counted {
		r.Unpriced++
	}
}

func (r *Row) merge(other *Row) {
	r.Calls += other.Calls
	r.Errors += other.Errors
	r.Retries += other.Retries
	r.Input += other.Input
	r.Output += other.Output
	r.Cost = r.Cost.Add(other.Cost)
	r.Unpriced += other.Unpriced
	r.durations = append(r.durations, other.durations...)
}

// exact undoes the rounding of the attribute: it is a float, made of a whole number.
func exact(usd float64) metrics.USD {
	return metrics.USD(math.Round(usd * float64(metrics.Dollar)))
}

// finished is the row with its percentiles, and without the durations.
func (r *Row) finished() Row {
	slices.Sort(r.durations)
	row := *r
	row.P50, row.P95 = percentile(r.durations, 0.50).Seconds(), percentile(r.durations, 0.95).Seconds()
	row.durations = nil
	return row
}

func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(0, int(math.Ceil(p*float64(len(sorted))))-1)]
}

// table keeps rows in the order in which their names come.
type table struct {
	rows   []*Row
	byName map[string]*Row
}

func (t *table) row(name string) *Row {
	if r, ok := t.byName[name]; ok {
		return r
	}
	if t.byName == nil {
		t.byName = map[string]*Row{}
	}
	r := &Row{Name: name}
	t.byName[name] = r
	t.rows = append(t.rows, r)
	return r
}

func (t *table) finished() []Row {
	rows := make([]Row, len(t.rows))
	for i, r := range t.rows {
		rows[i] = r.finished()
	}
	return rows
}

// Tables writes a table of the models and, if there are any, one of the workflows,
// tasks, agents and tools: calls, errors, retries, tokens, cost and durations.
//
// A cost of "-" means that no call has a price; "≥ $0.01" that some have none. The
// error is w's.
func Tables(w io.Writer, spans []sdktrace.ReadOnlySpan, opts ...Option) error {
	return Sum(spans).Write(w, opts...)
}

// Write writes the tables of [Tables].
func (u Usage) Write(w io.Writer, opts ...Option) error {
	s := screenOf(w, opts)
	models := u.Models
	if len(models) > 1 {
		models = append(slices.Clip(models), u.Total)
	}
	out := s.table("MODEL", "CALLS", models)
	if len(u.Tasks) > 0 {
		out += "\n" + s.table("TASK", "RUNS", u.Tasks)
	}
	_, err := io.WriteString(w, out)
	return err
}

func (s screen) table(what, calls string, rows []Row) string {
	cols := []terminal.Column{{Head: what, Flexible: true}}
	for _, head := range []string{calls, "ERRORS", "RETRIES", "IN", "OUT", "COST", "P50", "P95"} {
		cols = append(cols, terminal.Column{Head: head, Right: true, Optional: head == "RETRIES" || head == "P50"})
	}
	if s.noTimes {
		cols = cols[:len(cols)-2]
	}
	cells := make([][]terminal.Cell, len(rows))
	for i, r := range rows {
		cells[i] = terminal.Cells(r.Name, strconv.Itoa(r.Calls), strconv.Itoa(r.Errors), strconv.Itoa(r.Retries),
			strconv.FormatInt(r.Input, 10), strconv.FormatInt(r.Output, 10), r.cost(), seconds(r.P50), seconds(r.P95))
		cells[i][2].Red = r.Errors > 0
	}
	return s.Table(cols, cells)
}

func (r Row) cost() string {
	switch {
	case r.Cost == 0 && (r.Unpriced > 0 || r.Input+r.Output == 0):
		return "-"
	case r.Unpriced > 0:
		return "≥ " + terminal.Dollars(r.Cost.Float64())
	}
	return terminal.Dollars(r.Cost.Float64())
}

func seconds(s float64) string { return terminal.Duration(time.Duration(s * float64(time.Second))) }
