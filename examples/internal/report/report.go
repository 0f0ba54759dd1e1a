// SPDX-License-Identifier: Apache-2.0

// Package report prints what an example's run emitted: the span tree and a
// table of the metrics.
package report

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/spantree"
)

// Tree prints the spans as a tree with durations, tokens and, for models with a
// price, cost.
func Tree(w io.Writer, spans []sdktrace.ReadOnlySpan) {
	fmt.Fprint(w, spantree.Render(spans, spantree.Options{Durations: Duration, Note: note}))
}

func note(s sdktrace.ReadOnlySpan) string {
	var parts []string
	in, okIn := spantree.Attribute(s, semconv.UsageInputTokens)
	out, okOut := spantree.Attribute(s, semconv.UsageOutputTokens)
	if okIn || okOut {
		parts = append(parts, fmt.Sprintf("%d → %d tokens", in.AsInt64(), out.AsInt64()))
	}
	if usd, ok := spantree.Attribute(s, semconv.UsageCost); ok {
		parts = append(parts, fmt.Sprintf("$%.6f", usd.AsFloat64()))
	}
	if n, ok := spantree.Attribute(s, semconv.RetrievalDocumentCount); ok {
		parts = append(parts, count(n.AsInt64(), "document"))
	}
	if n, ok := spantree.Attribute(s, semconv.EmbeddingsBatchSize); ok {
		parts = append(parts, count(n.AsInt64(), "text"))
	}
	return strings.Join(parts, "  ")
}

func count(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// Duration prints a duration with three digits that mean something.
func Duration(d time.Duration) string {
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}

// Metrics prints one line per metric and attribute set.
func Metrics(ctx context.Context, w io.Writer, r sdkmetric.Reader) error {
	var rm metricdata.ResourceMetrics
	if err := r.Collect(ctx, &rm); err != nil {
		return fmt.Errorf("collect metrics: %w", err)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "METRIC\tOF\tCOUNT\tSUM\tMEAN")
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			rows := rowsOf(m)
			slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.of, b.of) })
			for _, r := range rows {
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", m.Name, r.of, r.count, r.sum, r.mean)
			}
		}
	}
	return t.Flush()
}

type row struct{ of, count, sum, mean string }

func rowsOf(m metricdata.Metrics) []row {
	var rows []row
	switch d := m.Data.(type) {
	case metricdata.Histogram[int64]:
		for _, p := range d.DataPoints {
			rows = append(rows, row{labels(p.Attributes), fmt.Sprint(p.Count), quantity(float64(p.Sum), m.Unit), quantity(float64(p.Sum)/float64(p.Count), m.Unit)})
		}
	case metricdata.Histogram[float64]:
		for _, p := range d.DataPoints {
			rows = append(rows, row{labels(p.Attributes), fmt.Sprint(p.Count), quantity(p.Sum, m.Unit), quantity(p.Sum/float64(p.Count), m.Unit)})
		}
	case metricdata.Sum[float64]:
		for _, p := range d.DataPoints {
			rows = append(rows, row{labels(p.Attributes), "", quantity(p.Value, m.Unit), ""})
		}
	}
	return rows
}

func quantity(v float64, unit string) string {
	switch unit {
	case "s":
		return Duration(time.Duration(v * float64(time.Second)))
	case "USD":
		return fmt.Sprintf("$%.6f", v)
	}
	return fmt.Sprintf("%.4g", v)
}

// labels says in a few words what a point is of.
func labels(set attribute.Set) string {
	var parts []string
	for _, key := range []attribute.Key{
		semconv.OperationName, semconv.DBOperationName, semconv.RequestModel, semconv.DBCollectionName,
		semconv.WorkflowName, semconv.AgentName, semconv.ToolName, semconv.TokenType, semconv.ErrorType,
	} {
		if v, ok := set.Value(key); ok {
			parts = append(parts, v.String())
		}
	}
	return strings.Join(parts, " ")
}
