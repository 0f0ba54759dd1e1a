// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
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

	"github.com/spanloom/spanloom/internal/content"
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
// "otlp,console", "none", for metrics also "prometheus"), OTEL_SDK_DISABLED=true
// for nothing; and TRACELOOP_API_KEY, TRACELOOP_BASE_URL, TRACELOOP_HEADERS,
// TRACELOOP_BATCH_EXPORT and TRACELOOP_TRACE_CONTENT. An option wins over a
// variable, and a standard variable over one of Traceloop's. TRACELOOP_TELEMETRY
// is accepted and without effect: Spanloom sends nothing of its own.
// SPANLOOM_TREE=1 and SPANLOOM_TRACE_HTML=DIR show traces without a backend, see
// [WithTree] and [traceview.Pages].
//
// Init never waits for a backend. One that cannot be reached, and a queue that
// is full, are said once through the logger, and the program runs as fast as
// before. A variable that seems to be misspelt is said there, too.
//
// What is exported is valid UTF-8, with U+FFFD in place of invalid bytes. A batch
// of more than 4 MiB is sent in pieces, and so is one that the backend refuses as
// too large. Only a span that alone is too large loses text, messages first.
//
// An error names the variables with bad values and what is allowed in them, and
// all else works. A bad value counts as the default. A signal is not exported if
// its destination, its headers or its certificates are wrong. With a wrong
// option, and with [ErrInitialized], nothing was set, and shutdown does nothing.
//
// shutdown is never nil and may be called more than once. It takes ten seconds at
// most, or as long as its context allows, and returns how much the backend
// refused, did not answer or did not understand, how much was dropped, and how
// many spans were shortened, as a [SignalError] each.
//
// Make Handlers after Init: one made before a shutdown stays with the set-up
// that was shut down.
func Init(ctx context.Context, opts ...Option) (shutdown func(context.Context) error, err error) {
	nop := func(context.Context) error { return nil }
	c := newConfig(opts)
	if c.err != nil {
		return nop, c.err
	}
	if !initialized.CompareAndSwap(false, true) {
		return nop, ErrInitialized
	}
	for _, sentence := range envvars.Misspelt(os.Environ()) {
		c.logger.Warn("spanloom: " + sentence)
	}
	p := &pipeline{config: c, losses: newLosses(c), undo: func() {}, stdout: &console{w: os.Stdout}}
	if c.env.Bool(envvars.Disabled, false) {
		if c.withoutGlobs != nil {
			c.withoutGlobs(nil, nil)
		}
	} else {
		p.build(ctx)
		p.install()
	}
	return p.shutdown, p.problems()
}

const shutdownTime = 10 * time.Second

// pipeline is everything Init made.
type pipeline struct {
	config
	traces     *sdktrace.TracerProvider // nil if the program has its own
	metrics    *sdkmetric.MeterProvider
	propagator propagation.TextMapPropagator
	stdout     *console // shared by both signals
	clients    []*http.Client
	losses     *losses
	undo       func()
	errs       []error // what is wrong and was left out
	// foreignReader is set if metrics leave by a reader that is not ours.
	foreignReader bool

	once sync.Once
	err  error
}

func (p *pipeline) build(ctx context.Context) {
	res := p.newResource(ctx)
	p.propagator = p.propagators()
	// Only what is used is made, for nobody else would end it.
	if !p.ownTraces {
		p.traces = p.tracerProvider(ctx, res)
	}
	if !p.ownMetrics {
		p.metrics = p.meterProvider(ctx, res)
	}
}

// problems joins what was left out and which variables are bad, each once.
func (p *pipeline) problems() error {
	left := errors.Join(p.errs...)
	errs := []error{left}
	for _, err := range envvars.Errors(p.env) {
		if left == nil || !strings.Contains(left.Error(), err.Error()) {
			errs = append(errs, fmt.Errorf("spanloom: %w", err))
		}
	}
	return errors.Join(errs...)
}

func (p *pipeline) newResource(ctx context.Context) *resource.Resource {
	// Default reads the environment once in the program's life. An error means a
	// bad OTEL_RESOURCE_ATTRIBUTES, which problems reports.
	env, _ := resource.New(ctx, resource.WithFromEnv())
	res := resource.Default()
	for _, r := range []*resource.Resource{env, resource.NewSchemaless(p.resource...)} {
		merged, err := resource.Merge(res, r)
		if err != nil {
			p.errs = append(p.errs, fmt.Errorf("spanloom: resource: %w", err))
			continue
		}
		res = merged
	}
	return validResource(res)
}

func (p *pipeline) tracerProvider(ctx context.Context, res *resource.Resource) *sdktrace.TracerProvider {
	opts := []sdktrace.TracerProviderOption{sdktrace.WithResource(res)}
	if p.sampler != nil {
		opts = append(opts, sdktrace.WithSampler(p.sampler))
	}
	for _, sp := range p.processors {
		opts = append(opts, sdktrace.WithSpanProcessor(sp))
	}
	for _, sp := range p.views() {
		opts = append(opts, sdktrace.WithSpanProcessor(sp))
	}
	for _, e := range p.spanExporters(ctx) {
		_, counted := e.(*lossySpans)
		if counted && p.destinations != nil {
			e = &destinedSpans{SpanExporter: e, destinations: p.destinations}
		}
		sp := p.processor(e)
		if counted {
			sp = countingEnds{sp, p.losses}
		}
		opts = append(opts, sdktrace.WithSpanProcessor(sp))
	}
	return sdktrace.NewTracerProvider(opts...)
}

func (p *pipeline) meterProvider(ctx context.Context, res *resource.Resource) *sdkmetric.MeterProvider {
	opts := []sdkmetric.Option{sdkmetric.WithResource(res)}
	for _, r := range append(p.readers, p.metricReaders(ctx)...) {
		opts = append(opts, sdkmetric.WithReader(r))
	}
	if p.foreignReader || len(p.readers) > 0 {
		opts = append(opts, sdkmetric.WithView(validStreams))
	}
	return sdkmetric.NewMeterProvider(opts...)
}

// propagators reads OTEL_PROPAGATORS; a program may register others.
func (p *pipeline) propagators() propagation.TextMapPropagator {
	const name = "OTEL_PROPAGATORS"
	list := p.env.Value(name)
	known, err := autoprop.TextMapPropagator(strings.Split(strings.ReplaceAll(list, " ", ""), ",")...)
	if err != nil {
		p.errs = append(p.errs, fmt.Errorf("spanloom: %s=%q: use a list of tracecontext, baggage, b3, b3multi, jaeger, xray, ottrace or none: %w", name, list, err))
	}
	if known == nil {
		known = propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})
	}
	return known
}

func (c config) processor(e sdktrace.SpanExporter) sdktrace.SpanProcessor {
	if c.unbatched {
		return sdktrace.NewSimpleSpanProcessor(e)
	}
	b := c.batching
	return sdktrace.NewBatchSpanProcessor(e, sdktrace.WithMaxQueueSize(b.QueueSize), sdktrace.WithMaxExportBatchSize(b.BatchSize),
		sdktrace.WithBatchTimeout(b.Delay), sdktrace.WithExportTimeout(b.Timeout))
}

func (p *pipeline) install() {
	if p.contentSet {
		p.undo = content.SetDefaultPolicy(p.content)
	}
	if p.withoutGlobs != nil {
		var tp trace.TracerProvider
		var mp metric.MeterProvider
		if p.traces != nil {
			tp = p.traces
		}
		if p.metrics != nil {
			mp = p.metrics
		}
		p.withoutGlobs(tp, mp)
		return
	}
	if p.traces != nil {
		otel.SetTracerProvider(p.traces)
	}
	if p.metrics != nil {
		otel.SetMeterProvider(p.metrics)
	}
	// A program with traces of its own has set its propagator, too.
	if asked, _ := p.env.Get("OTEL_PROPAGATORS"); !p.ownTraces || asked != "" {
		otel.SetTextMapPropagator(p.propagator)
	}
}

// shutdown flushes both signals at the same time: a backend that hangs must not
// use up the time of the other.
func (p *pipeline) shutdown(ctx context.Context) error {
	p.once.Do(func() {
		defer initialized.Store(false)
		defer p.undo()
		if ctx == nil {
			ctx = context.Background()
		}
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
		for _, c := range p.clients {
			c.CloseIdleConnections()
		}
		errs := p.losses.errs()
		for _, e := range []SignalError{{"traces", traces}, {"metrics", metrics}} {
			if e.Err != nil {
				errs = append(errs, &SignalError{e.Signal, fmt.Errorf("shutdown: %w", e.Err)})
			}
		}
		p.err = errors.Join(errs...)
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
