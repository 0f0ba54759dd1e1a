// SPDX-License-Identifier: Apache-2.0

package report

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/terminal"
)

// Metrics prints one line per metric and attribute set.
func Metrics(ctx context.Context, w io.Writer, r sdkmetric.Reader) error {
	var rm metricdata.ResourceMetrics
	if err := r.Collect(ctx, &rm); err != nil {
		return fmt.Errorf("collect metrics: %w", err)
	}
	var rows [][]terminal.Cell
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			points := rowsOf(m)
			slices.SortFunc(points, func(a, b row) int { return strings.Compare(a.of, b.of) })
			for _, p := range points {
				rows = append(rows, terminal.Cells(m.Name, p.of, p.count, p.sum, p.mean))
			}
		}
	}
	_, err := io.WriteString(w, terminal.Of(w).Table([]terminal.Column{
		{Head: "METRIC", Flexible: true},
		{Head: "OF", Flexible: true},
		{Head: "COUNT", Right: true},
		{Head: "SUM", Right: true},
		{Head: "MEAN", Right: true},
	}, rows))
	return err
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
		return terminal.Duration(time.Duration(v * float64(time.Second)))
	case "USD":
		return terminal.Dollars(v)
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
