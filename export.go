// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/internal/envvars"
)

// spanExporters makes the exporters that options and environment ask for. OTLP
// is made here, to hear of failures. Other kinds are autoexport's, which takes one
// alone, since a program may register some of its own there.
func (p *pipeline) spanExporters(ctx context.Context) []sdktrace.SpanExporter {
	return each(p, "traces", p.kinds(envvars.TracesExporter, p.spanExporterOwn != nil), func(kind string) (sdktrace.SpanExporter, error) {
		switch kind {
		case ownExporter:
			return newLossySpans(p.spanExporterOwn, p.losses, nil, false), nil
		case ownConsole:
			return consoleSpans{p.console}, nil
		case "otlp":
			return p.otlpSpans(ctx)
		case "console":
			return consoleSpans{p.stdout}, nil
		}
		e, err := autoexport.NewSpanExporter(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s=%q: use otlp, console or both, or none: %w", envvars.TracesExporter, p.env.Value(envvars.TracesExporter), err)
		}
		return newLossySpans(e, p.losses, nil, !p.unbatched), nil
	})
}

// metricReaders is spanExporters for metrics; "prometheus" makes a reader that
// serves, not one that exports.
func (p *pipeline) metricReaders(ctx context.Context) []sdkmetric.Reader {
	return each(p, "metrics", p.kinds(envvars.MetricsExporter, p.metricExporterOwn != nil), func(kind string) (sdkmetric.Reader, error) {
		switch kind {
		case ownExporter:
			return p.periodic(lossyMetrics{Exporter: p.metricExporterOwn, losses: p.losses}), nil
		case ownConsole:
			return p.periodic(consoleMetrics{p.console}), nil
		case "otlp":
			return p.otlpMetrics(ctx)
		case "console":
			return p.periodic(consoleMetrics{p.stdout}), nil
		}
		r, err := autoexport.NewMetricReader(ctx)
		value := p.env.Value(envvars.MetricsExporter)
		if _, ok := errors.AsType[*net.OpError](err); ok {
			return nil, fmt.Errorf("%s=%q: metrics cannot be served at %s: %w; use %s and %s for another place, since only one program can have it",
				envvars.MetricsExporter, value, p.env.PrometheusURL(), err, envvars.PrometheusHost, envvars.PrometheusPort)
		}
		if err != nil {
			return nil, fmt.Errorf("%s=%q: use otlp, console or both, or prometheus or none alone: %w", envvars.MetricsExporter, value, err)
		}
		p.foreignReader = true
		return r, nil
	})
}

// each makes one for each kind. What cannot be made is an error of Init, and the
// rest is kept.
func each[T any](p *pipeline, signal string, kinds []string, create func(kind string) (T, error)) (made []T) {
	for _, kind := range kinds {
		m, err := create(kind)
		if err != nil {
			p.errs = append(p.errs, &SignalError{signal, err})
			continue
		}
		made = append(made, m)
	}
	return made
}

// The kinds that options ask for; no variable can.
const (
	ownExporter = "WithSpanExporter or WithMetricExporter"
	ownConsole  = "WithConsole"
)

// kinds is the list in a variable and what options add. An exporter of the
// program's and a place for OTLP win over the variable.
func (c config) kinds(variable string, own bool) (kinds []string) {
	if c.console != nil {
		kinds = append(kinds, ownConsole)
	}
	list := c.env.Value(variable)
	switch {
	case c.noExport:
		return kinds
	case own:
		return append(kinds, ownExporter)
	case c.endpoint != "" || c.apiKey != "":
		list = "otlp"
	}
	for kind := range strings.SplitSeq(list, ",") {
		if kind = strings.TrimSpace(kind); kind != "" && kind != "none" && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

func (p *pipeline) otlpSpans(ctx context.Context) (sdktrace.SpanExporter, error) {
	t, client, err := p.target("TRACES")
	if err != nil {
		return nil, err
	}
	var e sdktrace.SpanExporter
	if t.GRPC {
		e, err = otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(t.URL), otlptracegrpc.WithHeaders(t.Headers), otlptracegrpc.WithTimeout(p.env.Timeout("TRACES")))
	} else {
		e, err = otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(t.URL), otlptracehttp.WithHeaders(t.Headers), otlptracehttp.WithHTTPClient(client))
	}
	return newLossySpans(e, p.losses, credentialsOf(t.Headers), !p.unbatched), err
}

func (p *pipeline) otlpMetrics(ctx context.Context) (sdkmetric.Reader, error) {
	t, client, err := p.target("METRICS")
	if err != nil {
		return nil, err
	}
	var e sdkmetric.Exporter
	if t.GRPC {
		e, err = otlpmetricgrpc.New(ctx, otlpmetricgrpc.WithEndpointURL(t.URL), otlpmetricgrpc.WithHeaders(t.Headers), otlpmetricgrpc.WithTimeout(p.env.Timeout("METRICS")))
	} else {
		e, err = otlpmetrichttp.New(ctx, otlpmetrichttp.WithEndpointURL(t.URL), otlpmetrichttp.WithHeaders(t.Headers), otlpmetrichttp.WithHTTPClient(client))
	}
	if err != nil {
		return nil, err
	}
	return p.periodic(lossyMetrics{e, p.losses, credentialsOf(t.Headers)}), nil
}

// target is where OTLP of a signal goes, and the client for OTLP over HTTP.
func (p *pipeline) target(signal string) (envvars.Target, *http.Client, error) {
	t, err := p.env.Resolve(signal, envvars.Override{Endpoint: p.endpoint, APIKey: p.apiKey, Headers: p.headers})
	if err != nil {
		return t, nil, err
	}
	// The exporters of gRPC read these variables themselves, and only print errors.
	tlsConfig, err := p.env.TLS(signal)
	if err != nil || t.GRPC {
		return t, nil, err
	}
	if tlsConfig != nil && strings.HasPrefix(t.URL, "http:") {
		return t, nil, fmt.Errorf("%s is without TLS, and OTEL_EXPORTER_OTLP_CERTIFICATE, _CLIENT_CERTIFICATE or one of their variants is set: use https, or unset these", t.URL)
	}
	client := &http.Client{Transport: newTransport(credentialsOf(t.Headers), tlsConfig), Timeout: p.env.Timeout(signal), CheckRedirect: stayOnHost}
	p.clients = append(p.clients, client)
	return t, client, nil
}

// periodic reads for an exporter with the temporality of the option, if any.
func (c config) periodic(e sdkmetric.Exporter) sdkmetric.Reader {
	if c.temporality != nil {
		e = temporalMetrics{e, c.temporality}
	}
	if c.interval > 0 {
		return sdkmetric.NewPeriodicReader(e, sdkmetric.WithInterval(c.interval))
	}
	return sdkmetric.NewPeriodicReader(e)
}

type temporalMetrics struct {
	sdkmetric.Exporter
	selector sdkmetric.TemporalitySelector
}

func (e temporalMetrics) Temporality(k sdkmetric.InstrumentKind) metricdata.Temporality {
	return e.selector(k)
}
