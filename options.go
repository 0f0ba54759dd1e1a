// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/envvars"
	"github.com/spanloom/spanloom/privacy"
)

// Option configures [Init]. A nil Option is ignored. An option wins over the
// environment, and the environment over the default.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	env          envvars.Lookup
	resource     []attribute.KeyValue
	endpoint     string
	apiKey       string
	headers      map[string]string
	noExport     bool
	console      *console
	tree         io.Writer
	unbatched    bool
	batching     Batching
	sampler      sdktrace.Sampler
	processors   []sdktrace.SpanProcessor
	destinations []Destination
	readers      []sdkmetric.Reader
	interval     time.Duration
	temporality  sdkmetric.TemporalitySelector
	logger       *slog.Logger
	content      privacy.Policy
	contentSet   bool
	ownTraces    bool
	ownMetrics   bool
	withoutGlobs func(trace.TracerProvider, metric.MeterProvider)
	// forTraces and forMetrics are the names of options that only a provider of
	// ours follows.
	forTraces, forMetrics []string

	spanExporterOwn   sdktrace.SpanExporter
	metricExporterOwn sdkmetric.Exporter
	err               error
}

func newConfig(opts []Option) config {
	c := config{logger: slog.Default(), env: os.LookupEnv, headers: map[string]string{}}
	// The environment goes first: options win.
	c.unbatched = !c.env.Bool(envvars.TraceloopBatching, true)
	c.tree = treeOfEnvironment(c.env)
	for _, o := range opts {
		if o != nil {
			o.apply(&c)
		}
	}
	c.batching = c.batching.or(c.env)
	if c.ownTraces && c.forTraces != nil {
		c.invalid("%s beside WithOwnTraces: leave one of them out, and set up the program's own provider so", strings.Join(c.forTraces, ", "))
	}
	if c.ownMetrics && c.forMetrics != nil {
		c.invalid("%s beside WithOwnMetrics: leave one of them out, and set up the program's own provider so", strings.Join(c.forMetrics, ", "))
	}
	return c
}

// forTraces is an option that only a provider of ours follows, and forMetrics
// another.
func forTraces(name string, set func(*config)) Option {
	return optionFunc(func(c *config) {
		c.forTraces = append(c.forTraces, name)
		set(c)
	})
}

func forMetrics(name string, set func(*config)) Option {
	return optionFunc(func(c *config) {
		c.forMetrics = append(c.forMetrics, name)
		set(c)
	})
}

func (c *config) invalid(format string, args ...any) {
	c.err = errors.Join(c.err, fmt.Errorf("spanloom: "+format, args...))
}

// WithServiceName sets service.name; "" leaves it to the environment. Default:
// OTEL_SERVICE_NAME, else OTEL_RESOURCE_ATTRIBUTES.
func WithServiceName(name string) Option { return withResource("service.name", name) }

// WithServiceVersion sets service.version; "" leaves it to the environment. Default:
// OTEL_RESOURCE_ATTRIBUTES.
func WithServiceVersion(version string) Option { return withResource("service.version", version) }

// WithDeploymentEnvironment sets deployment.environment.name, such as "production";
// "" leaves it to the environment. Default: OTEL_RESOURCE_ATTRIBUTES.
func WithDeploymentEnvironment(name string) Option {
	return withResource("deployment.environment.name", name)
}

func withResource(key attribute.Key, value string) Option {
	if value == "" {
		return nil
	}
	return WithResourceAttributes(key.String(value))
}

// WithResourceAttributes adds attributes to the resource of all telemetry.
func WithResourceAttributes(attrs ...attribute.KeyValue) Option {
	return optionFunc(func(c *config) { c.resource = append(c.resource, attrs...) })
}

// WithEndpoint sets the base URL of an OTLP receiver, "http://localhost:4318";
// signals are sent to its /v1/traces and /v1/metrics. With grpc:// (not
// encrypted) or grpcs:// it is gRPC. OTLP sends no user, password or query of a
// URL: keys are for [WithHeaders]. Default: OTEL_EXPORTER_OTLP_ENDPOINT and its
// variants for the signals, else TRACELOOP_BASE_URL, else
// https://api.traceloop.com if there is a key, TRACELOOP_API_KEY or
// [WithAPIKey], else http://localhost:4318.
func WithEndpoint(url string) Option {
	return optionFunc(func(c *config) { c.endpoint = url })
}

// WithHeaders adds headers to OTLP requests, to those of
// OTEL_EXPORTER_OTLP_HEADERS and its variants for the signals, or of
// TRACELOOP_HEADERS for Traceloop's URL. Of two with one name, that of the
// option is sent; several uses add up.
func WithHeaders(headers map[string]string) Option {
	return optionFunc(func(c *config) { maps.Copy(c.headers, headers) })
}

// WithAPIKey sends the key as a bearer token with OTLP requests, unless
// [WithHeaders] has an Authorization. Without an endpoint, in options or in the
// environment, it is a key of Traceloop's and goes to https://api.traceloop.com,
// as with Traceloop.init(api_key=...), never in plain text to this machine.
// Default: TRACELOOP_API_KEY, for Traceloop's URL only.
func WithAPIKey(key string) Option {
	return optionFunc(func(c *config) { c.apiKey = key })
}

// WithoutExport sends nothing to a backend, whatever the environment says: spans
// and metrics go to the console, processors and readers of other options only.
func WithoutExport() Option {
	return optionFunc(func(c *config) { c.noExport = true })
}

// WithConsole writes spans and metrics to w as JSON, beside any export; not those
// that [WithOwnTraces] or [WithOwnMetrics] leaves to the program. w is called by
// one goroutine at a time.
func WithConsole(w io.Writer) Option {
	if w == nil {
		return nil
	}
	return optionFunc(func(c *config) { c.console = &console{w: w} })
}

// WithContent sets the content policy of Handlers that are made after Init
// without one of their own. Default: the environment's, see
// callbacks.WithContent.
func WithContent(p privacy.Policy) Option {
	return optionFunc(func(c *config) { c.content, c.contentSet = p, true })
}

// WithLogger sets where Init says that exporting failed. Default:
// slog.Default().
func WithLogger(l *slog.Logger) Option {
	if l == nil {
		return nil
	}
	return optionFunc(func(c *config) { c.logger = l })
}
