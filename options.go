// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"io"
	"log/slog"
	"maps"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Option configures [Init]. A nil Option is ignored. An option wins over the
// environment, and the environment over the default.
type Option interface{ apply(config) config }

type optionFunc func(config) config

func (f optionFunc) apply(c config) config { return f(c) }

type config struct {
	resource   []attribute.KeyValue
	endpoint   string
	headers    map[string]string
	noExport   bool
	console    io.Writer
	unbatched  bool
	processors []sdktrace.SpanProcessor
	readers    []sdkmetric.Reader
	logger     *slog.Logger
}

func newConfig(opts []Option) config {
	c := config{logger: slog.Default()}
	for _, o := range opts {
		if o != nil {
			c = o.apply(c)
		}
	}
	return c
}

// WithService sets service.name and, where not empty, service.version and
// deployment.environment.name. Default: OTEL_SERVICE_NAME and
// OTEL_RESOURCE_ATTRIBUTES.
func WithService(name, version, environment string) Option {
	return optionFunc(func(c config) config {
		for _, kv := range []attribute.KeyValue{
			attribute.String("service.name", name),
			attribute.String("service.version", version),
			attribute.String("deployment.environment.name", environment),
		} {
			if kv.Value.AsString() != "" {
				c.resource = append(slices.Clip(c.resource), kv)
			}
		}
		return c
	})
}

// WithResourceAttributes adds attributes to the resource of all telemetry.
func WithResourceAttributes(attrs ...attribute.KeyValue) Option {
	return optionFunc(func(c config) config {
		c.resource = append(slices.Clip(c.resource), attrs...)
		return c
	})
}

// WithEndpoint sets the base URL of an OTLP receiver, "http://localhost:4318";
// signals are sent to its /v1/traces and /v1/metrics. Default:
// OTEL_EXPORTER_OTLP_ENDPOINT and its variants for the signals, else
// http://localhost:4318.
func WithEndpoint(url string) Option {
	return optionFunc(func(c config) config {
		c.endpoint = url
		return c
	})
}

// WithHeaders adds headers to OTLP requests, for API keys. Default:
// OTEL_EXPORTER_OTLP_HEADERS.
func WithHeaders(headers map[string]string) Option {
	return optionFunc(func(c config) config {
		next := maps.Clone(c.headers)
		if next == nil {
			next = make(map[string]string, len(headers))
		}
		maps.Copy(next, headers)
		c.headers = next
		return c
	})
}

// WithoutExport sends nothing to a backend, whatever the environment says: spans
// and metrics go to the console, processors and readers of other options only.
func WithoutExport() Option {
	return optionFunc(func(c config) config {
		c.noExport = true
		return c
	})
}

// WithConsole writes spans and metrics to w as JSON, beside any export.
func WithConsole(w io.Writer) Option {
	return optionFunc(func(c config) config {
		c.console = w
		return c
	})
}

// WithoutBatching exports each span when it ends, before End returns. It slows
// the program down and is meant for looking at spans while developing.
func WithoutBatching() Option {
	return optionFunc(func(c config) config {
		c.unbatched = true
		return c
	})
}

// WithSpanProcessor adds a span processor of yours.
func WithSpanProcessor(p sdktrace.SpanProcessor) Option {
	return optionFunc(func(c config) config {
		if p != nil {
			c.processors = append(slices.Clip(c.processors), p)
		}
		return c
	})
}

// WithMetricReader adds a metric reader of yours.
func WithMetricReader(r sdkmetric.Reader) Option {
	return optionFunc(func(c config) config {
		if r != nil {
			c.readers = append(slices.Clip(c.readers), r)
		}
		return c
	})
}

// WithLogger sets where Init says that exporting failed. Default:
// slog.Default().
func WithLogger(l *slog.Logger) Option {
	return optionFunc(func(c config) config {
		if l != nil {
			c.logger = l
		}
		return c
	})
}
