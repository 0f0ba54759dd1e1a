// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/contrib/propagators/autoprop"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/defaults"
	"github.com/spanloom/spanloom/internal/envvars"
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
// "none", for metrics also "prometheus"), OTEL_SDK_DISABLED=true for nothing;
// and TRACELOOP_API_KEY, TRACELOOP_BASE_URL, TRACELOOP_HEADERS,
// TRACELOOP_BATCH_EXPORT and TRACELOOP_TRACE_CONTENT. An option wins over a
// variable, and a standard variable over one of Traceloop's. TRACELOOP_TELEMETRY
// is accepted and without effect: Spanloom sends nothing of its own.
//
// Init never waits for a backend. One that cannot be reached, and a queue that
// is full, are said once through the logger, and the program runs as fast as
// before.
//
// When the error is not nil it names the options or variables and what is
// allowed; nothing was set, and shutdown does nothing. shutdown is never nil and
// may be called more than once. It takes ten seconds at most, or as long as its
// context allows, and returns how much the backend refused, did not answer or did
// not understand, and how much was dropped, as a [SignalError] each.
//
// Make Handlers after Init: one made before a shutdown stays with the set-up
// that was shut down.
func Init(ctx context.Context, opts ...Option) (shutdown func(context.Context) error, err error) {
	nop := func(context.Context) error { return nil }
	c := newConfig(opts)
	if err := errors.Join(c.err, envvars.Check(c.env)); err != nil {
		return nop, err
	}
	if !initialized.CompareAndSwap(false, true) {
		return nop, ErrInitialized
	}
	if c.env.Bool(envvars.Disabled, false) {
		if c.withoutGlobs != nil {
			c.withoutGlobs(nil, nil)
		}
		var once sync.Once
		return func(context.Context) error { once.Do(func() { initialized.Store(false) }); return nil }, nil
	}
	p, err := newPipeline(ctx, c)
	if err != nil {
		initialized.Store(false)
		return nop, err
	}
	p.install(c)
	return p.shutdown, nil
}

const shutdownTime = 10 * time.Second

// pipeline is everything Init made.
type pipeline struct {
	traces     *sdktrace.TracerProvider // nil if the program has its own
	metrics    *sdkmetric.MeterProvider
	propagator propagation.TextMapPropagator
	losses     *losses
	undo       func()

	once sync.Once
	err  error
}

func newPipeline(ctx context.Context, c config) (*pipeline, error) {
	res, err := c.newResource(ctx)
	if err != nil {
		return nil, err
	}
	p := &pipeline{losses: newLosses(c), undo: func() {}}
	if p.propagator, err = c.propagators(); err != nil {
		return nil, err
	}
	// First all that can fail, then what starts goroutines; and only what is
	// used, for nobody else would end it.
	var to *console // shared, so that spans and metrics are written side by side
	if c.console != nil {
		to = &console{w: c.console}
	}
	var spans sdktrace.SpanExporter
	var reader sdkmetric.Reader
	if !c.noExport && !c.ownTraces {
		if spans, err = c.spanExporter(ctx, p.losses); err != nil {
			return nil, err
		}
	}
	if !c.noExport && !c.ownMetrics {
		if reader, err = c.metricReader(ctx, p.losses); err != nil {
			if spans != nil {
				_ = spans.Shutdown(ctx)
			}
			return nil, err
		}
	}
	if !c.ownTraces {
		p.traces = c.tracerProvider(res, to, spans, p.losses)
	}
	if !c.ownMetrics {
		p.metrics = c.meterProvider(res, reader, to)
	}
	return p, nil
}

func (c config) newResource(ctx context.Context) (*resource.Resource, error) {
	// Default reads the environment once in the program's life.
	res, err := resource.New(ctx, resource.WithFromEnv())
	for _, r := range []*resource.Resource{res, resource.NewSchemaless(c.resource...)} {
		if err == nil {
			res, err = resource.Merge(res, r)
		}
	}
	if err == nil {
		res, err = resource.Merge(resource.Default(), res)
	}
	if err != nil {
		return nil, fmt.Errorf("spanloom: resource: %w", err)
	}
	return res, nil
}

func (c config) tracerProvider(res *resource.Resource, to *console, exported sdktrace.SpanExporter, l *losses) *sdktrace.TracerProvider {
	opts := []sdktrace.TracerProviderOption{sdktrace.WithResource(res)}
	if c.sampler != nil {
		opts = append(opts, sdktrace.WithSampler(c.sampler))
	}
	for _, sp := range c.processors {
		opts = append(opts, sdktrace.WithSpanProcessor(sp))
	}
	if p := c.printer(); p != nil {
		opts = append(opts, sdktrace.WithSpanProcessor(p))
	}
	if to != nil {
		opts = append(opts, sdktrace.WithSpanProcessor(c.processor(consoleSpans{to})))
	}
	if exported != nil {
		opts = append(opts, sdktrace.WithSpanProcessor(countingEnds{c.processor(exported), l}))
	}
	return sdktrace.NewTracerProvider(opts...)
}

func (c config) meterProvider(res *resource.Resource, exported sdkmetric.Reader, to *console) *sdkmetric.MeterProvider {
	opts := []sdkmetric.Option{sdkmetric.WithResource(res)}
	for _, r := range c.readers {
		opts = append(opts, sdkmetric.WithReader(r))
	}
	if exported != nil {
		opts = append(opts, sdkmetric.WithReader(exported))
	}
	if to != nil {
		opts = append(opts, sdkmetric.WithReader(c.periodic(c.consoleMetrics(to))))
	}
	return sdkmetric.NewMeterProvider(opts...)
}

// propagators reads OTEL_PROPAGATORS; a program may register others.
func (c config) propagators() (propagation.TextMapPropagator, error) {
	list, name := c.env.Get("OTEL_PROPAGATORS")
	if list == "" {
		return propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}), nil
	}
	var names []string
	for n := range strings.SplitSeq(list, ",") {
		names = append(names, strings.TrimSpace(n))
	}
	p, err := autoprop.TextMapPropagator(names...)
	if err != nil {
		return nil, fmt.Errorf("spanloom: %s=%q: use a list of tracecontext, baggage, b3, b3multi, jaeger, xray, ottrace or none: %w", name, list, err)
	}
	return p, nil
}

func (c config) processor(e sdktrace.SpanExporter) sdktrace.SpanProcessor {
	if c.unbatched {
		return sdktrace.NewSimpleSpanProcessor(e)
	}
	return sdktrace.NewBatchSpanProcessor(e, c.batching.options()...)
}

func (p *pipeline) install(c config) {
	if c.contentSet {
		p.undo = defaults.SetContent(c.content)
	}
	if c.withoutGlobs != nil {
		var tp trace.TracerProvider
		var mp metric.MeterProvider
		if p.traces != nil {
			tp = p.traces
		}
		if p.metrics != nil {
			mp = p.metrics
		}
		c.withoutGlobs(tp, mp)
		return
	}
	if p.traces != nil {
		otel.SetTracerProvider(p.traces)
	}
	if p.metrics != nil {
		otel.SetMeterProvider(p.metrics)
	}
	// Who has set traces up has chosen this as well.
	if asked, _ := c.env.Get("OTEL_PROPAGATORS"); !c.ownTraces || asked != "" {
		otel.SetTextMapPropagator(p.propagator)
	}
}

// shutdown flushes both signals at the same time: a backend that hangs must not
// use up the time of the other.
func (p *pipeline) shutdown(ctx context.Context) error {
	p.once.Do(func() {
		// A deferred shutdown(context.Background()) must not hold the program's
		// end up for the minutes that exporters go on trying.
		ctx, cancel := context.WithTimeout(ctx, shutdownTime)
		defer cancel()
		p.losses.ending = ctx
		close(p.losses.closing)
		var traces, metrics error
		var wg sync.WaitGroup
		if p.traces != nil {
			wg.Go(func() { traces = p.traces.Shutdown(ctx) })
		}
		if p.metrics != nil {
			wg.Go(func() { metrics = p.metrics.Shutdown(ctx) })
		}
		wg.Wait()
		p.undo()
		errs := p.losses.errs()
		for _, e := range []SignalError{{"traces", traces}, {"metrics", metrics}} {
			if e.Err != nil {
				errs = append(errs, &SignalError{e.Signal, fmt.Errorf("shutdown: %w", e.Err)})
			}
		}
		p.err = errors.Join(errs...)
		initialized.Store(false)
	})
	return p.err
}

// SignalError says of one signal what went wrong with it. The error of the
// function that [Init] returns joins them, one for each thing: errors.As finds
// the first, and Unwrap() []error has all.
type SignalError struct {
	// Signal is "traces" or "metrics".
	Signal string
	// Err says what, how much of it, and the last reason.
	Err error
}

func (e *SignalError) Error() string { return "spanloom: " + e.Signal + ": " + e.Err.Error() }

// Unwrap returns Err.
func (e *SignalError) Unwrap() error { return e.Err }
