// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/contrib/propagators/autoprop"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// ErrInitialized is returned by a second [Init] before the first one's shutdown.
var ErrInitialized = errors.New("spanloom: Init was called already: call its shutdown first, or keep the first set-up")

var initialized atomic.Bool

// Init makes OpenTelemetry's SDK providers and exporters, sets them, and the
// propagators of OTEL_PROPAGATORS (default: tracecontext and baggage), as the
// global ones, and returns a function that flushes and ends them.
//
// Without options it follows the standard OTEL_* variables: OTLP over HTTP to
// http://localhost:4318 by default, OTEL_EXPORTER_OTLP_PROTOCOL=grpc for gRPC,
// OTEL_TRACES_EXPORTER and OTEL_METRICS_EXPORTER for other exporters ("console",
// "none", for metrics also "prometheus"), OTEL_SDK_DISABLED=true for nothing.
//
// Init never waits for a backend. One that cannot be reached is said once
// through the logger, and the program runs as fast as before.
//
// When the error is not nil it names the option or variable and what is
// allowed; nothing was set, and shutdown does nothing. shutdown is never nil and
// may be called more than once. It takes ten seconds at most, or as long as its
// context allows, and returns how much the backend refused or did not answer
// for; what OpenTelemetry's queue dropped because it was full is not in that.
//
// Make Handlers after Init: one made before a shutdown stays with the set-up
// that was shut down.
func Init(ctx context.Context, opts ...Option) (shutdown func(context.Context) error, err error) {
	nop := func(context.Context) error { return nil }
	disabled, err := boolEnv("OTEL_SDK_DISABLED")
	if err != nil {
		return nop, err
	}
	if !initialized.CompareAndSwap(false, true) {
		return nop, ErrInitialized
	}
	if disabled {
		var once sync.Once
		return func(context.Context) error { once.Do(func() { initialized.Store(false) }); return nil }, nil
	}
	p, err := newPipeline(ctx, newConfig(opts))
	if err != nil {
		initialized.Store(false)
		return nop, err
	}
	p.install()
	return p.shutdown, nil
}

const shutdownTime = 10 * time.Second

// pipeline is everything Init made.
type pipeline struct {
	traces  *sdktrace.TracerProvider
	metrics *sdkmetric.MeterProvider
	losses  *losses

	once sync.Once
	err  error
}

func newPipeline(ctx context.Context, c config) (*pipeline, error) {
	res, err := resource.Merge(resource.Default(), resource.NewSchemaless(c.resource...))
	if err != nil {
		return nil, fmt.Errorf("spanloom: resource: %w", err)
	}
	p := &pipeline{losses: &losses{logger: c.logger}}
	// First all that can fail, then what starts goroutines.
	var exporters []sdktrace.SpanExporter
	readers := c.readers
	if !c.noExport {
		spans, err := c.spanExporter(ctx, p.losses)
		if err != nil {
			return nil, err
		}
		reader, err := c.metricReader(ctx, p.losses)
		if err != nil {
			if spans != nil {
				_ = spans.Shutdown(ctx)
			}
			return nil, err
		}
		if spans != nil {
			exporters = append(exporters, spans)
		}
		if reader != nil {
			readers = append(slices.Clip(readers), reader)
		}
	}
	if c.console != nil {
		spans, points, err := consoleExporters(c.console)
		if err != nil {
			return nil, err
		}
		exporters = append(exporters, spans)
		readers = append(slices.Clip(readers), sdkmetric.NewPeriodicReader(points))
	}
	topts := []sdktrace.TracerProviderOption{sdktrace.WithResource(res)}
	for _, sp := range c.processors {
		topts = append(topts, sdktrace.WithSpanProcessor(sp))
	}
	for _, e := range exporters {
		topts = append(topts, c.exportTo(e))
	}
	mopts := []sdkmetric.Option{sdkmetric.WithResource(res)}
	for _, r := range readers {
		mopts = append(mopts, sdkmetric.WithReader(r))
	}
	p.traces = sdktrace.NewTracerProvider(topts...)
	p.metrics = sdkmetric.NewMeterProvider(mopts...)
	return p, nil
}

func consoleExporters(out io.Writer) (sdktrace.SpanExporter, sdkmetric.Exporter, error) {
	// Spans and metrics are written side by side.
	w := &lockedWriter{w: out}
	spans, err := stdouttrace.New(stdouttrace.WithWriter(w))
	if err != nil {
		return nil, nil, fmt.Errorf("spanloom: console: %w", err)
	}
	points, err := stdoutmetric.New(stdoutmetric.WithWriter(w))
	if err != nil {
		return nil, nil, fmt.Errorf("spanloom: console: %w", err)
	}
	return spans, points, nil
}

func (c config) exportTo(e sdktrace.SpanExporter) sdktrace.TracerProviderOption {
	if c.unbatched {
		return sdktrace.WithSyncer(e)
	}
	return sdktrace.WithBatcher(e)
}

func (p *pipeline) install() {
	otel.SetTracerProvider(p.traces)
	otel.SetMeterProvider(p.metrics)
	otel.SetTextMapPropagator(autoprop.NewTextMapPropagator())
}

// shutdown flushes both signals at the same time: a backend that hangs must not
// use up the time of the other.
func (p *pipeline) shutdown(ctx context.Context) error {
	p.once.Do(func() {
		// A deferred shutdown(context.Background()) must not hold the program's
		// end up for the minutes that exporters go on trying.
		ctx, cancel := context.WithTimeout(ctx, shutdownTime)
		defer cancel()
		var traces, metrics error
		var wg sync.WaitGroup
		wg.Go(func() { traces = p.traces.Shutdown(ctx) })
		wg.Go(func() { metrics = p.metrics.Shutdown(ctx) })
		wg.Wait()
		p.err = errors.Join(wrap("traces", traces), wrap("metrics", metrics), p.losses.err())
		initialized.Store(false)
	})
	return p.err
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("spanloom: shutdown of %s: %w", what, err)
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
