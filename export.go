// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/internal/envvars"
)

// spanExporter makes the exporter that options and environment ask for. OTLP is
// made here, to hear of failures; other kinds are autoexport's, for a program may
// register some of its own there.
func (c config) spanExporter(ctx context.Context, l *losses) (sdktrace.SpanExporter, error) {
	if kind := c.chosen(envvars.TracesExporter, c.spanExporterOwn != nil); kind != "" {
		e, err := autoexport.NewSpanExporter(ctx)
		if err != nil {
			return nil, fmt.Errorf("spanloom: OTEL_TRACES_EXPORTER=%q: use otlp, console or none: %w", kind, err)
		}
		if autoexport.IsNoneSpanExporter(e) {
			return nil, nil //nolint:nilnil // no exporter is what was asked for
		}
		return lossySpans{e, l, !c.unbatched}, nil
	}
	if c.spanExporterOwn != nil {
		return lossySpans{c.spanExporterOwn, l, false}, nil
	}
	t, err := c.env.Resolve("TRACES", c.override())
	if err != nil {
		return nil, err
	}
	var e sdktrace.SpanExporter
	if t.GRPC {
		e, err = otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(t.URL), otlptracegrpc.WithHeaders(t.Headers))
	} else {
		client, clientErr := c.httpClient("TRACES", t)
		if clientErr != nil {
			return nil, clientErr
		}
		e, err = otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(t.URL), otlptracehttp.WithHeaders(t.Headers), otlptracehttp.WithHTTPClient(client))
		e = idleSpans{e, client}
	}
	if err != nil {
		return nil, fmt.Errorf("spanloom: OTLP exporter of traces: %w", err)
	}
	return lossySpans{maskedSpans{e, credentialsOf(t.Headers)}, l, !c.unbatched}, nil
}

// metricReader is spanExporter for metrics; "prometheus" makes a reader that
// serves, not one that exports.
func (c config) metricReader(ctx context.Context, l *losses) (sdkmetric.Reader, error) {
	kind := c.chosen(envvars.MetricsExporter, c.metricExporterOwn != nil)
	if kind == "console" {
		// autoexport's knows of no options.
		return c.periodic(lossyMetrics{c.consoleMetrics(&console{w: os.Stdout}), l}), nil
	}
	if kind != "" {
		r, err := autoexport.NewMetricReader(ctx)
		if _, ok := errors.AsType[*net.OpError](err); ok {
			return nil, fmt.Errorf("spanloom: %s=%q: metrics cannot be served at %s: %w; use %s and %s for another place, since only one program can have it",
				envvars.MetricsExporter, kind, c.env.PrometheusURL(), err, envvars.PrometheusHost, envvars.PrometheusPort)
		}
		if err != nil {
			return nil, fmt.Errorf("spanloom: OTEL_METRICS_EXPORTER=%q: use otlp, prometheus, console or none: %w", kind, err)
		}
		if autoexport.IsNoneMetricReader(r) {
			return nil, nil //nolint:nilnil // no reader is what was asked for
		}
		return r, nil
	}
	if c.metricExporterOwn != nil {
		return c.periodic(lossyMetrics{c.metricExporterOwn, l}), nil
	}
	t, err := c.env.Resolve("METRICS", c.override())
	if err != nil {
		return nil, err
	}
	var e sdkmetric.Exporter
	if t.GRPC {
		opts := []otlpmetricgrpc.Option{otlpmetricgrpc.WithEndpointURL(t.URL), otlpmetricgrpc.WithHeaders(t.Headers)}
		if c.temporality != nil {
			opts = append(opts, otlpmetricgrpc.WithTemporalitySelector(c.temporality))
		}
		e, err = otlpmetricgrpc.New(ctx, opts...)
	} else {
		client, clientErr := c.httpClient("METRICS", t)
		if clientErr != nil {
			return nil, clientErr
		}
		opts := []otlpmetrichttp.Option{otlpmetrichttp.WithEndpointURL(t.URL), otlpmetrichttp.WithHeaders(t.Headers), otlpmetrichttp.WithHTTPClient(client)}
		if c.temporality != nil {
			opts = append(opts, otlpmetrichttp.WithTemporalitySelector(c.temporality))
		}
		e, err = otlpmetrichttp.New(ctx, opts...)
		e = idleMetrics{e, client}
	}
	if err != nil {
		return nil, fmt.Errorf("spanloom: OTLP exporter of metrics: %w", err)
	}
	return c.periodic(lossyMetrics{maskedMetrics{e, credentialsOf(t.Headers)}, l}), nil
}

func (c config) periodic(e sdkmetric.Exporter) sdkmetric.Reader {
	var opts []sdkmetric.PeriodicReaderOption
	if c.interval > 0 {
		opts = append(opts, sdkmetric.WithInterval(c.interval))
	}
	return sdkmetric.NewPeriodicReader(e, opts...)
}

func (c config) override() envvars.Override {
	return envvars.Override{Endpoint: c.endpoint, APIKey: c.apiKey, Headers: c.headers}
}

// chosen is what a variable asks for instead of OTLP, or "". Options that name a
// place for OTLP win.
func (c config) chosen(variable string, own bool) string {
	kind, _ := c.env.Get(variable)
	if kind == "otlp" || own || c.endpoint != "" || c.apiKey != "" {
		return ""
	}
	return kind
}
