// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Batching are the knobs of OpenTelemetry's batch processor; zero is the
// environment's or the default.
type Batching struct {
	// QueueSize is how many spans wait; what finds the queue full is dropped, and
	// counted. OTEL_BSP_MAX_QUEUE_SIZE, 2048.
	QueueSize int
	// BatchSize is how many are sent at once. OTEL_BSP_MAX_EXPORT_BATCH_SIZE, 512.
	BatchSize int
	// Delay is the longest wait of a span. OTEL_BSP_SCHEDULE_DELAY, 5 s.
	Delay time.Duration
	// Timeout is the longest time of one export. OTEL_BSP_EXPORT_TIMEOUT, 30 s.
	Timeout time.Duration
}

// WithBatching sets how spans are collected before they are sent. Default: the
// OTEL_BSP_* variables.
func WithBatching(b Batching) Option {
	return optionFunc(func(c config) config {
		if b.QueueSize < 0 || b.BatchSize < 0 || b.Delay < 0 || b.Timeout < 0 {
			return c.invalid("WithBatching(%+v): use numbers above 0, or 0 for the default", b)
		}
		if b.QueueSize > 0 && b.BatchSize > b.QueueSize {
			return c.invalid("WithBatching: a batch of %d spans does not fit a queue of %d", b.BatchSize, b.QueueSize)
		}
		c.batching, c.unbatched = b, false
		return c.tracesBy("WithBatching")
	})
}

func (b Batching) options() []sdktrace.BatchSpanProcessorOption {
	var opts []sdktrace.BatchSpanProcessorOption
	if b.QueueSize > 0 {
		opts = append(opts, sdktrace.WithMaxQueueSize(b.QueueSize))
	}
	if b.BatchSize > 0 {
		opts = append(opts, sdktrace.WithMaxExportBatchSize(b.BatchSize))
	}
	if b.Delay > 0 {
		opts = append(opts, sdktrace.WithBatchTimeout(b.Delay))
	}
	if b.Timeout > 0 {
		opts = append(opts, sdktrace.WithExportTimeout(b.Timeout))
	}
	return opts
}

// WithoutBatching exports each span when it ends, before End returns. It slows
// the program down and is meant for looking at spans while developing. Default:
// TRACELOOP_BATCH_EXPORT=false.
func WithoutBatching() Option {
	return optionFunc(func(c config) config {
		c.unbatched = true
		return c.tracesBy("WithoutBatching")
	})
}

// WithSampler sets which traces are kept. Default: OTEL_TRACES_SAMPLER, else all
// of them.
func WithSampler(s sdktrace.Sampler) Option {
	return optionFunc(func(c config) config {
		if c.sampler = s; s == nil {
			return c
		}
		return c.tracesBy("WithSampler")
	})
}

// WithSpanExporter exports spans through e instead of OTLP. Its failures are
// counted and said like the others.
func WithSpanExporter(e sdktrace.SpanExporter) Option {
	return optionFunc(func(c config) config {
		if c.spanExporterOwn = e; e == nil {
			return c
		}
		return c.tracesBy("WithSpanExporter")
	})
}

// WithMetricExporter exports metrics through e instead of OTLP.
func WithMetricExporter(e sdkmetric.Exporter) Option {
	return optionFunc(func(c config) config {
		if c.metricExporterOwn = e; e == nil {
			return c
		}
		return c.metricsBy("WithMetricExporter")
	})
}

// WithMetricInterval sets the time between exports of metrics, of all exporters
// and of the console. Default: OTEL_METRIC_EXPORT_INTERVAL, else a minute.
func WithMetricInterval(d time.Duration) Option {
	return optionFunc(func(c config) config {
		if d <= 0 {
			return c.invalid("WithMetricInterval(%s): use a time above 0", d)
		}
		c.interval = d
		return c.metricsBy("WithMetricInterval")
	})
}

// WithTemporality sets whether metrics are cumulative or deltas, for example
// sdkmetric.DeltaTemporalitySelector; Datadog and Dynatrace want deltas. It is
// for OTLP and the console: Prometheus takes cumulative ones only, and an
// exporter of yours has its own. Default:
// OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE for OTLP, else cumulative.
func WithTemporality(s sdkmetric.TemporalitySelector) Option {
	return optionFunc(func(c config) config {
		if c.temporality = s; s == nil {
			return c
		}
		return c.metricsBy("WithTemporality")
	})
}

// WithSpanProcessor adds a span processor of yours.
func WithSpanProcessor(p sdktrace.SpanProcessor) Option {
	return optionFunc(func(c config) config {
		if p == nil {
			return c
		}
		c.processors = append(slices.Clip(c.processors), p)
		return c.tracesBy("WithSpanProcessor")
	})
}

// WithMetricReader adds a metric reader of yours.
func WithMetricReader(r sdkmetric.Reader) Option {
	return optionFunc(func(c config) config {
		if r == nil {
			return c
		}
		c.readers = append(slices.Clip(c.readers), r)
		return c.metricsBy("WithMetricReader")
	})
}

// WithOwnTraces leaves traces to a provider that the program has set already:
// Init makes none, and the global one stays as it is, and so does the global
// propagator, unless OTEL_PROPAGATORS is set. What is sent where is that
// provider's affair: with an option that is only for one of Init's
// ([WithSpanExporter], [WithSpanProcessor], [WithSampler], [WithBatching],
// [WithoutBatching]) Init returns an error.
func WithOwnTraces() Option {
	return optionFunc(func(c config) config {
		c.ownTraces = true
		return c
	})
}

// WithOwnMetrics is [WithOwnTraces] for metrics, and the propagator is not its
// affair: with [WithMetricExporter], [WithMetricReader], [WithMetricInterval] or
// [WithTemporality] Init returns an error.
func WithOwnMetrics() Option {
	return optionFunc(func(c config) config {
		c.ownMetrics = true
		return c
	})
}

// WithoutGlobals leaves OpenTelemetry's global providers and propagator as they
// are, and hands the new providers to use, for callbacks.WithTracerProvider and
// callbacks.WithMeterProvider. One that Init did not make is nil, and with
// OTEL_SDK_DISABLED=true both are. use is called once, before Init returns,
// unless that returns an error.
func WithoutGlobals(use func(trace.TracerProvider, metric.MeterProvider)) Option {
	return optionFunc(func(c config) config {
		if use == nil {
			return c.invalid("WithoutGlobals(nil): give a function that takes the providers")
		}
		c.withoutGlobs = use
		return c
	})
}
