// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/examples/cli/report"
	"github.com/spanloom/spanloom/examples/cli/screen"
)

// write prints the results in the format.
func (o outcome) write(w io.Writer, format string, s screen.Screen) error {
	switch format {
	case "json":
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false) // Arabic and "<" as they are
		return e.Encode(o)
	case "csv":
		return o.writeCSV(w)
	}
	o.writeTable(w, s)
	return nil
}

func (o outcome) writeCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	rows := [][]string{{"document", "priority", "sentiment", "keywords", "summary", "calls", "errors", "retries", "input_tokens", "output_tokens", "cost_usd", "unpriced_calls", "seconds", "error"}}
	for _, r := range o.Documents {
		rows = append(rows, []string{
			r.Document, r.Priority, r.Sentiment, strings.Join(r.Keywords, ", "), r.Summary,
			strconv.Itoa(r.Used.Calls), strconv.Itoa(r.Used.Errors), strconv.Itoa(r.Used.Retries),
			strconv.FormatInt(r.Used.Input, 10), strconv.FormatInt(r.Used.Output, 10), r.Used.CostText(), strconv.Itoa(r.Used.Unpriced),
			strconv.FormatFloat(r.Seconds, 'f', 3, 64), r.Error,
		})
	}
	return c.WriteAll(rows)
}

func (o outcome) writeTable(w io.Writer, s screen.Screen) {
	cols := []screen.Column{
		{Head: "DOCUMENT", Flexible: true},
		{Head: "SENTIMENT"},
		{Head: "KEYWORDS", Flexible: true},
		{Head: "SUMMARY", Flexible: true},
	}
	var rows [][]screen.Cell
	for _, r := range o.Documents {
		row := screen.Cells(r.Document, r.Sentiment, strings.Join(r.Keywords, ", "), r.Summary)
		if r.err != nil {
			row[1] = screen.Cell{Text: "failed", Style: screen.Red}
			row[3] = screen.Cell{Text: r.Error, Style: screen.Red}
			if r.skipped {
				row[1].Text = "skipped"
			}
		}
		rows = append(rows, row)
	}
	s.Table(w, cols, rows)
}

// writeTelemetry prints what the run looks like in a backend: traces, then the
// tables of what was used.
func (o outcome) writeTelemetry(w io.Writer, s screen.Screen, spans []sdktrace.ReadOnlySpan, all bool) {
	fmt.Fprintln(w)
	shown := o.shown(all)
	if n := o.Summary.Documents - o.Summary.Skipped; len(shown) < n {
		fmt.Fprintln(w, s.Fit(fmt.Sprintf("Traces of %d of %d documents: the first that failed, and the slowest. -trees prints all.", len(shown), n)))
	}
	var of []sdktrace.ReadOnlySpan
	for _, span := range spans {
		if slices.Contains(shown, span.SpanContext().TraceID().String()) {
			of = append(of, span)
		}
	}
	report.Tree(w, s, of)
	fmt.Fprintln(w)
	o.Summary.Tables(w, s)
	fmt.Fprintf(w, "\n%s\n", s.Fit(fmt.Sprintf("%d documents: %d analysed, %d failed, %d skipped; %d retries, %d → %d tokens, %s",
		o.Summary.Documents, o.Summary.Succeeded, o.Summary.Failed, o.Summary.Skipped,
		o.Summary.Total.Retries, o.Summary.Total.Input, o.Summary.Total.Output, o.cost())))
}

func (o outcome) cost() string {
	t := o.Summary.Total
	switch {
	case t.Cost == 0 && t.Unpriced > 0:
		return "cost unknown: no price"
	case t.Unpriced > 0:
		return fmt.Sprintf("%s and %d calls without a price", report.Dollars(t.Cost), t.Unpriced)
	}
	return report.Dollars(t.Cost)
}

// maxFailedTrees bounds the output of a bad night.
const maxFailedTrees = 3

// shown are the traces worth a look.
func (o outcome) shown(all bool) (ids []string) {
	slowest, failed := -1, 0
	for i, r := range o.Documents {
		switch {
		case r.skipped:
			continue
		case all:
			ids = append(ids, r.TraceID)
			continue
		case r.err != nil && failed < maxFailedTrees:
			failed++
			ids = append(ids, r.TraceID)
		}
		if slowest < 0 || r.Seconds > o.Documents[slowest].Seconds {
			slowest = i
		}
	}
	if slowest >= 0 && !slices.Contains(ids, o.Documents[slowest].TraceID) {
		ids = append(ids, o.Documents[slowest].TraceID)
	}
	return ids
}
