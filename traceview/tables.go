// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"io"
	"slices"
	"strconv"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/internal/terminal"
)

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
