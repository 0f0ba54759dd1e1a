// SPDX-License-Identifier: Apache-2.0

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

	"github.com/spanloom/spanloom/internal/semconv"
)

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
		semconv.WorkflowName, semconv.TraceloopEntityName, semconv.AgentName, semconv.ToolName, semconv.TokenType, semconv.ErrorType,
	} {
		if v, ok := set.Value(key); ok {
			parts = append(parts, v.String())
		}
	}
	return strings.Join(parts, " ")
}
