// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// losses counts what could not be exported and says so once: a backend that is
// down for a night must not fill the log.
type losses struct {
	logger *slog.Logger

	mu      sync.Mutex
	spans   int
	metrics int
	last    error
}

func (l *losses) add(spans, metrics int, err error) {
	l.mu.Lock()
	first := l.last == nil
	l.spans += spans
	l.metrics += metrics
	l.last = err
	l.mu.Unlock()
	if first {
		l.logger.Warn("spanloom: export failed; the program runs on, further failures are counted and reported at shutdown", "error", err)
	}
}

func (l *losses) err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		return nil
	}
	return fmt.Errorf("spanloom: %d spans and %d exports of metrics could not be delivered, the last one because: %w", l.spans, l.metrics, l.last)
}

// lossySpans keeps export errors from OpenTelemetry's global error handler,
// which would print each of them.
type lossySpans struct {
	sdktrace.SpanExporter
	losses *losses
}

func (e lossySpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if err := e.SpanExporter.ExportSpans(ctx, spans); err != nil {
		e.losses.add(len(spans), 0, err)
	}
	return nil
}

// lossyMetrics is lossySpans for metrics.
type lossyMetrics struct {
	sdkmetric.Exporter
	losses *losses
}

func (e lossyMetrics) Export(ctx context.Context, m *metricdata.ResourceMetrics) error {
	if err := e.Exporter.Export(ctx, m); err != nil {
		e.losses.add(0, 1, err)
	}
	return nil
}
