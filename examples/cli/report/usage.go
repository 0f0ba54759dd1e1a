// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/examples/cli/screen"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/metrics"
)

// Counts are what calls used.
type Counts struct {
	Calls   int   `json:"calls"`
	Errors  int   `json:"errors"`
	Retries int   `json:"retries"`
	Input   int64 `json:"input_tokens"`
	Output  int64 `json:"output_tokens"`
	// Cost is exact. Unpriced are the calls with tokens that no price is for.
	Cost     metrics.USD `json:"cost_usd"`
	Unpriced int         `json:"unpriced_calls"`
}

// Add returns the sum of both.
func (c Counts) Add(o Counts) Counts {
	return Counts{
		c.Calls + o.Calls, c.Errors + o.Errors, c.Retries + o.Retries,
		c.Input + o.Input, c.Output + o.Output, c.Cost.Add(o.Cost), c.Unpriced + o.Unpriced,
	}
}

// CostText is the exact amount, or empty where nothing is known of it.
func (c Counts) CostText() string {
	if c.Cost == 0 && c.Unpriced > 0 {
		return ""
	}
	return c.Cost.String()
}

// Line sums up the calls of a model, or the runs of a task with all that is
// inside it: Calls and Errors are of the runs then.
type Line struct {
	Name string `json:"name"`
	Counts
	// P50 and P95 are percentiles of the durations, in seconds.
	P50 float64 `json:"p50_seconds"`
	P95 float64 `json:"p95_seconds"`

	durations []time.Duration
}

// Usage is what a run used.
type Usage struct {
	// Total sums up the model calls, embeddings included.
	Total  Line   `json:"total"`
	Models []Line `json:"models"`
	Tasks  []Line `json:"tasks"`
}

// Sum adds the spans up. Those of another trace provider or of a sampler that
// drops are not among them.
func Sum(spans []sdktrace.ReadOnlySpan) Usage {
	var u Usage
	models, tasks := &lines{}, &lines{}
	for _, root := range spantree.Build(spans) {
		sum(root, models, tasks, nil)
	}
	u.Models, u.Tasks = models.done(), tasks.done()
	u.Total.Name = "total"
	for _, m := range models.list {
		u.Total.Counts = u.Total.Add(m.Counts)
		u.Total.durations = append(u.Total.durations, m.durations...)
	}
	u.Total.percentiles()
	return u
}

// SumByTrace is the total of each trace, by its id in hexadecimal digits.
func SumByTrace(spans []sdktrace.ReadOnlySpan) map[string]Counts {
	byTrace := map[string][]sdktrace.ReadOnlySpan{}
	for _, s := range spans {
		id := s.SpanContext().TraceID().String()
		byTrace[id] = append(byTrace[id], s)
	}
	out := make(map[string]Counts, len(byTrace))
	for id, spans := range byTrace {
		out[id] = Sum(spans).Total.Counts
	}
	return out
}

// sum goes down the tree; around are the tasks that a model call counts for.
func sum(n *spantree.Node, models, tasks *lines, around []*Line) {
	s := n.Span
	if _, ok := spantree.Attribute(s, semconv.TraceloopSpanKind); ok {
		name, _ := spantree.Attribute(s, semconv.TraceloopEntityName)
		l := tasks.of(name.AsString())
		l.count(s)
		// A task that calls itself holds its tokens once.
		if !slices.Contains(around, l) {
			around = append(slices.Clip(around), l)
		}
	} else if op, _ := spantree.Attribute(s, semconv.OperationName); op.AsString() == semconv.OperationChat || op.AsString() == semconv.OperationEmbeddings {
		model, _ := spantree.Attribute(s, semconv.RequestModel)
		l := models.of(cmp.Or(model.AsString(), "unknown"))
		l.count(s)
		one := used(s)
		l.Counts = l.Add(one)
		for _, t := range around {
			t.Counts = t.Add(one)
		}
	}
	for _, c := range n.Children {
		sum(c, models, tasks, around)
	}
}

// used is what one model call tells; it is counted elsewhere.
func used(s sdktrace.ReadOnlySpan) Counts {
	in, okIn := spantree.Attribute(s, semconv.UsageInputTokens)
	out, okOut := spantree.Attribute(s, semconv.UsageOutputTokens)
	c := Counts{Input: in.AsInt64(), Output: out.AsInt64(), Retries: retries(s)}
	if usd, ok := spantree.Attribute(s, semconv.UsageCost); ok {
		// The attribute is a float; what it was made of is a whole number.
		c.Cost = metrics.USD(math.Round(usd.AsFloat64() * float64(metrics.Dollar)))
	} else if okIn || okOut {
		c.Unpriced = 1
	}
	return c
}

func retries(s sdktrace.ReadOnlySpan) (n int) {
	for _, e := range s.Events() {
		if e.Name == genai.RetryEvent {
			n++
		}
	}
	return n
}

func (l *Line) count(s sdktrace.ReadOnlySpan) {
	l.Calls++
	if s.Status().Code == codes.Error {
		l.Errors++
	}
	l.durations = append(l.durations, s.EndTime().Sub(s.StartTime()))
}

func (l *Line) percentiles() {
	slices.Sort(l.durations)
	l.P50, l.P95 = percentile(l.durations, 0.50).Seconds(), percentile(l.durations, 0.95).Seconds()
}

// percentile is the nearest rank's: a duration that there was.
func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(0, int(math.Ceil(p*float64(len(sorted))))-1)]
}

// lines keeps the order in which names come.
type lines struct {
	list   []*Line
	byName map[string]*Line
}

func (ls *lines) of(name string) *Line {
	if l, ok := ls.byName[name]; ok {
		return l
	}
	if ls.byName == nil {
		ls.byName = map[string]*Line{}
	}
	l := &Line{Name: name}
	ls.byName[name] = l
	ls.list = append(ls.list, l)
	return l
}

func (ls *lines) done() []Line {
	out := make([]Line, len(ls.list))
	for i, l := range ls.list {
		l.percentiles()
		out[i] = *l
	}
	return out
}

// Tables prints the usage by model and by task.
func (u Usage) Tables(w io.Writer, s screen.Screen) {
	u.table(w, s, "MODEL", "CALLS", append(slices.Clip(u.Models), u.total()...))
	if len(u.Tasks) > 0 {
		fmt.Fprintln(w)
		u.table(w, s, "TASK", "RUNS", u.Tasks)
	}
}

// total is a line of its own where it says more than the one above it.
func (u Usage) total() []Line {
	if len(u.Models) < 2 {
		return nil
	}
	return []Line{u.Total}
}

func (u Usage) table(w io.Writer, s screen.Screen, what, calls string, list []Line) {
	cols := []screen.Column{{Head: what, Flexible: true}}
	for _, head := range []string{calls, "ERRORS", "RETRIES", "IN", "OUT", "COST", "P50", "P95"} {
		cols = append(cols, screen.Column{Head: head, Right: true, Optional: head == "RETRIES" || head == "P50"})
	}
	rows := make([][]screen.Cell, len(list))
	for i, l := range list {
		rows[i] = screen.Cells(l.Name, strconv.Itoa(l.Calls), strconv.Itoa(l.Errors), strconv.Itoa(l.Retries),
			strconv.FormatInt(l.Input, 10), strconv.FormatInt(l.Output, 10), l.cost(), seconds(l.P50), seconds(l.P95))
		if l.Errors > 0 {
			rows[i][2].Style = screen.Red
		}
	}
	s.Table(w, cols, rows)
}

// cost is "-" where nothing has a price, and a least amount where some has.
func (l Line) cost() string {
	switch {
	case l.Cost == 0 && (l.Unpriced > 0 || l.Input+l.Output == 0):
		return "-"
	case l.Unpriced > 0:
		return "≥ " + Dollars(l.Cost)
	}
	return Dollars(l.Cost)
}

// Dollars is an amount to read: six decimals.
func Dollars(usd metrics.USD) string { return fmt.Sprintf("$%.6f", usd.Float64()) }

func seconds(s float64) string { return Duration(time.Duration(s * float64(time.Second))) }
