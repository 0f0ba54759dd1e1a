// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"io"
	"slices"
	"strconv"
	"time"

	pretty "github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
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
	out := s.table("MODEL", "CALLS", models) + "\n"
	if len(u.Tasks) > 0 {
		out += "\n" + s.table("TASK", "RUNS", u.Tasks) + "\n"
	}
	_, err := io.WriteString(w, out)
	return err
}

// Widths below which columns are left out, and the least width of a name.
const (
	widthOfAll    = 90
	narrowestName = 12
)

func (s screen) table(what, calls string, rows []Row) string {
	t := pretty.NewWriter()
	t.SetStyle(s.style())
	t.SuppressTrailingSpaces()
	t.AppendHeader(pretty.Row{what, calls, "ERRORS", "RETRIES", "IN", "OUT", "COST", "P50", "P95"})
	for _, r := range rows {
		errors := strconv.Itoa(r.Errors)
		if r.Errors > 0 {
			errors = s.paint(errors, text.FgRed)
		}
		t.AppendRow(pretty.Row{isolate(line(r.Name)), r.Calls, errors, r.Retries, r.Input, r.Output, r.cost(), seconds(r.P50), seconds(r.P95)})
	}
	narrow := s.width > 0 && s.width < widthOfAll
	hidden := map[int]bool{4: narrow, 8: narrow || s.noTimes, 9: s.noTimes}
	configs := []pretty.ColumnConfig{{Number: 1}}
	for n := 2; n <= 9; n++ {
		configs = append(configs, pretty.ColumnConfig{Number: n, Align: text.AlignRight, AlignHeader: text.AlignRight, Hidden: hidden[n]})
	}
	t.SetColumnConfigs(configs)
	out := t.Render()
	if excess := text.LongestLineLen(out) - s.width; s.width > 0 && excess > 0 {
		configs[0].WidthMax = max(narrowestName, nameWidth(rows)-excess)
		configs[0].WidthMaxEnforcer = cut
		t.SetColumnConfigs(configs)
		out = t.Render()
	}
	return out
}

func nameWidth(rows []Row) (width int) {
	for _, r := range rows {
		width = max(width, columns(line(r.Name)))
	}
	return width
}

func (s screen) style() pretty.Style {
	style := pretty.StyleDefault
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Options = pretty.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	if s.color {
		style.Color.Header = text.Colors{text.Bold}
	}
	return style
}

func (r Row) cost() string {
	switch {
	case r.Cost == 0 && (r.Unpriced > 0 || r.Input+r.Output == 0):
		return "-"
	case r.Unpriced > 0:
		return "≥ " + dollars(r.Cost.Float64())
	}
	return dollars(r.Cost.Float64())
}

func seconds(s float64) string { return duration(time.Duration(s * float64(time.Second))) }
