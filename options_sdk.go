// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"cmp"
	"time"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/envvars"
)

// Batching are the knobs of OpenTelemetry's batch processor; zero is the
// environment's or the default.
type Batching struct {
	// QueueSize is how many spans wait, 1,048,576 at most; what finds the queue full
	// is dropped, and counted. OTEL_BSP_MAX_QUEUE_SIZE, 2048.
	QueueSize int
	// BatchSize is how many are sent at once, or fewer: a request has 4 MiB at most.
	// OTEL_BSP_MAX_EXPORT_BATCH_SIZE, 512.
	BatchSize int
	// Delay is the longest wait of a span. OTEL_BSP_SCHEDULE_DELAY, 5 s.
	Delay time.Duration
	// Timeout is the longest time of one export. OTEL_BSP_EXPORT_TIMEOUT, 30 s.
	Timeout time.Duration
}

// WithBatching sets how spans are collected before they are sent. Default: the
// OTEL_BSP_* variables.
func WithBatching(b Batching) Option {
	return forTraces("WithBatching", func(c *config) {
		switch {
		case b.QueueSize < 0 || b.BatchSize < 0 || b.Delay < 0 || b.Timeout < 0:
			c.invalid("WithBatching(%+v): use numbers above 0, or 0 for the default", b)
		case b.QueueSize > envvars.MaxQueue || b.BatchSize > envvars.MaxQueue:
			c.invalid("WithBatching(%+v): use at most %d spans", b, envvars.MaxQueue)
		case b.QueueSize > 0 && b.BatchSize > b.QueueSize:
			c.invalid("WithBatching: a batch of %d spans does not fit a queue of %d", b.BatchSize, b.QueueSize)
		}
		c.batching, c.unbatched = b, false
	})
}

// or fills in what is not set. The SDK would take any number of the environment.
func (b Batching) or(env envvars.Lookup) Batching {
	b.QueueSize = cmp.Or(b.QueueSize, env.Int(envvars.QueueSize))
	b.BatchSize = min(cmp.Or(b.BatchSize, env.Int(envvars.BatchSize)), b.QueueSize)
	b.Delay = cmp.Or(b.Delay, time.Duration(env.Int(envvars.BatchDelay))*time.Millisecond)
	b.Timeout = cmp.Or(b.Timeout, time.Duration(env.Int(envvars.BatchTimeout))*time.Millisecond)
	return b
}

// WithoutBatching exports each span when it ends, before End returns. It slows
// the program down and is meant for looking at spans while developing. Default:
// TRACELOOP_BATCH_EXPORT=false.
func WithoutBatching() Option {
	return forTraces("WithoutBatching", func(c *config) { c.unbatched = true })
}

// WithSampler sets which traces are kept. Default: OTEL_TRACES_SAMPLER, else all
// of them.
func WithSampler(s sdktrace.Sampler) Option {
	if s == nil {
		return nil
	}
	return forTraces("WithSampler", func(c *config) { c.sampler = s })
}

// WithSpanExporter exports spans through e instead of OTLP. Its failures are
// counted and said like the others.
func WithSpanExporter(e sdktrace.SpanExporter) Option {
	if e == nil {
		return nil
	}
	return forTraces("WithSpanExporter", func(c *config) { c.spanExporterOwn = e })
}

// WithMetricExporter exports metrics through e instead of OTLP.
func WithMetricExporter(e sdkmetric.Exporter) Option {
	if e == nil {
		return nil
	}
	return forMetrics("WithMetricExporter", func(c *config) { c.metricExporterOwn = e })
}

// WithMetricInterval sets the time between exports of metrics, of all exporters
// and of the console. Default: OTEL_METRIC_EXPORT_INTERVAL, else a minute.
func WithMetricInterval(d time.Duration) Option {
	return forMetrics("WithMetricInterval", func(c *config) {
		if c.interval = d; d <= 0 {
			c.invalid("WithMetricInterval(%s): use a time above 0", d)
		}
	})
}

// WithTemporality sets whether metrics are cumulative or deltas, for example
// sdkmetric.DeltaTemporalitySelector; Datadog and Dynatrace want deltas. It is
// for all exporters but Prometheus, which takes cumulative ones only. Default:
// OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE for OTLP, an exporter's own
// for that of [WithMetricExporter], else cumulative.
func WithTemporality(s sdkmetric.TemporalitySelector) Option {
	if s == nil {
		return nil
	}
	return forMetrics("WithTemporality", func(c *config) { c.temporality = s })
}

// WithSpanProcessor adds a span processor of yours.
func WithSpanProcessor(p sdktrace.SpanProcessor) Option {
	if p == nil {
		return nil
	}
	return forTraces("WithSpanProcessor", func(c *config) { c.processors = append(c.processors, p) })
}

// WithMetricReader adds a metric reader of yours. With one, labels that are not
// valid UTF-8 are left out of all metrics: Prometheus' exporter would fail each
// scrape.
func WithMetricReader(r sdkmetric.Reader) Option {
	if r == nil {
		return nil
	}
	return forMetrics("WithMetricReader", func(c *config) { c.readers = append(c.readers, r) })
}

// WithOwnTraces leaves traces to a provider that the program has set already:
// Init makes none, and the global one stays as it is, and so does the global
// propagator, unless OTEL_PROPAGATORS is set. That provider decides what is sent
// where: with an option that is only for one of Init's
// ([WithSpanExporter], [WithSpanProcessor], [WithSampler], [WithBatching],
// [WithoutBatching]) Init returns an error.
func WithOwnTraces() Option {
	return optionFunc(func(c *config) { c.ownTraces = true })
}

// WithOwnMetrics is [WithOwnTraces] for metrics and leaves the propagator to Init:
// with [WithMetricExporter], [WithMetricReader], [WithMetricInterval] or
// [WithTemporality] Init returns an error.
func WithOwnMetrics() Option {
	return optionFunc(func(c *config) { c.ownMetrics = true })
}

// WithoutGlobals leaves OpenTelemetry's global providers and propagator as they
// are, and hands the new providers to use, for callbacks.WithTracerProvider and
// callbacks.WithMeterProvider. One that Init did not make is nil, and with
// OTEL_SDK_DISABLED=true both are. use is called once, before Init returns,
// unless that returns an error.
func WithoutGlobals(use func(trace.TracerProvider, metric.MeterProvider)) Option {
	return optionFunc(func(c *config) {
		if c.withoutGlobs = use; use == nil {
			c.invalid("WithoutGlobals(nil): give a function that takes the providers")
		}
	})
}
