// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"context"
	"encoding/json"
	"io"
	"sync"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// console writes spans and metrics as JSON, one value a line. The goroutines of
// both signals share it.
type console struct {
	mu sync.Mutex
	w  io.Writer
}

func (c *console) write(value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err = c.w.Write(append(line, '\n'))
	return err
}

type consoleSpans struct{ to *console }

// ExportSpans implements sdktrace.SpanExporter.
func (e consoleSpans) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	for _, s := range spans {
		if err := e.to.write(tracetest.SpanStubFromReadOnlySpan(s)); err != nil {
			return err
		}
	}
	return nil
}

// Shutdown implements sdktrace.SpanExporter.
func (consoleSpans) Shutdown(context.Context) error { return nil }

type consoleMetrics struct{ to *console }

// Temporality implements sdkmetric.Exporter.
func (consoleMetrics) Temporality(k sdkmetric.InstrumentKind) metricdata.Temporality {
	return sdkmetric.DefaultTemporalitySelector(k)
}

// Aggregation implements sdkmetric.Exporter.
func (consoleMetrics) Aggregation(k sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(k)
}

// Export implements sdkmetric.Exporter.
func (e consoleMetrics) Export(_ context.Context, m *metricdata.ResourceMetrics) error {
	return e.to.write(m)
}

// ForceFlush implements sdkmetric.Exporter.
func (consoleMetrics) ForceFlush(context.Context) error { return nil }

// Shutdown implements sdkmetric.Exporter.
func (consoleMetrics) Shutdown(context.Context) error { return nil }
