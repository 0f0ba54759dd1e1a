// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/internal/terminal"
	"github.com/spanloom/spanloom/traceview"
)

// write prints the results in the format.
func (o outcome) write(w io.Writer, format string) error {
	switch format {
	case "json":
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false) // Arabic and "<" as they are
		return e.Encode(o)
	case "csv":
		return o.writeCSV(w)
	}
	return o.writeTable(w)
}

// costText is the exact amount, or empty where nothing is known of it.
func costText(c traceview.Counts) string {
	if c.Cost == 0 && c.Unpriced > 0 {
		return ""
	}
	return c.Cost.String()
}

func (o outcome) writeCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	rows := [][]string{{"document", "priority", "sentiment", "keywords", "summary", "calls", "errors", "retries", "input_tokens", "output_tokens", "cost_usd", "unpriced_calls", "seconds", "error"}}
	for _, r := range o.Documents {
		rows = append(rows, []string{
			r.Document, r.Priority, r.Sentiment, strings.Join(r.Keywords, ", "), r.Summary,
			strconv.Itoa(r.Used.Calls), strconv.Itoa(r.Used.Errors), strconv.Itoa(r.Used.Retries),
			strconv.FormatInt(r.Used.Input, 10), strconv.FormatInt(r.Used.Output, 10), costText(r.Used), strconv.Itoa(r.Used.Unpriced),
			strconv.FormatFloat(r.Seconds, 'f', 3, 64), r.Error,
		})
	}
	return c.WriteAll(rows)
}

// fileWidth is for files and pipes, whose reader's width nobody knows.
const fileWidth = 120

func (o outcome) writeTable(w io.Writer) error {
	cols := []terminal.Column{
		{Head: "DOCUMENT", Flexible: true},
		{Head: "SENTIMENT"},
		{Head: "KEYWORDS", Flexible: true},
		{Head: "SUMMARY", Flexible: true},
	}
	var rows [][]terminal.Cell
	for _, r := range o.Documents {
		row := terminal.Cells(r.Document, r.Sentiment, strings.Join(r.Keywords, ", "), r.Summary)
		if r.err != nil {
			row[1] = terminal.Cell{Text: "failed", Red: true}
			row[3] = terminal.Cell{Text: r.Error, Red: true}
			if r.skipped {
				row[1].Text = "skipped"
			}
		}
		rows = append(rows, row)
	}
	s := terminal.Of(w)
	s.Width = cmp.Or(s.Width, fileWidth)
	_, err := io.WriteString(w, s.Table(cols, rows))
	return err
}

// writeTelemetry prints what the run looks like in a backend: traces, then the
// tables of what was used.
func (o outcome) writeTelemetry(w io.Writer, spans []sdktrace.ReadOnlySpan, all bool) error {
	s := terminal.Of(w)
	fmt.Fprintln(w)
	shown := o.shown(all)
	if n := o.Summary.Documents - o.Summary.Skipped; len(shown) < n {
		fmt.Fprintf(w, "%s\n\n", s.Fit(fmt.Sprintf("Traces of %d of %d documents: the first that failed, and the slowest. -trees prints all.", len(shown), n)))
	}
	var traces []sdktrace.ReadOnlySpan
	for _, span := range spans {
		if slices.Contains(shown, span.SpanContext().TraceID().String()) {
			traces = append(traces, span)
		}
	}
	if err := traceview.Tree(w, traces); err != nil {
		return err
	}
	fmt.Fprintln(w)
	if err := o.Summary.Write(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n", s.Fit(fmt.Sprintf("%d documents: %d analysed, %d failed, %d skipped; %d retries, %d → %d tokens, %s",
		o.Summary.Documents, o.Summary.Succeeded, o.Summary.Failed, o.Summary.Skipped,
		o.Summary.Total.Retries, o.Summary.Total.Input, o.Summary.Total.Output, o.cost())))
	return err
}

func (o outcome) cost() string {
	t := o.Summary.Total
	cost := terminal.Dollars(t.Cost.Float64())
	switch {
	case t.Cost == 0 && t.Unpriced > 0:
		return "cost unknown: no price"
	case t.Unpriced > 0:
		return fmt.Sprintf("%s and %d calls without a price", cost, t.Unpriced)
	}
	return cost
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
