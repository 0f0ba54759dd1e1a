// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// spanExporter makes the exporter that options and environment ask for. OTLP is
// made here, to hear of failures; other kinds are autoexport's.
func (c config) spanExporter(ctx context.Context, l *losses) (sdktrace.SpanExporter, error) {
	if kind := os.Getenv("OTEL_TRACES_EXPORTER"); c.endpoint == "" && kind != "" && kind != "otlp" {
		e, err := autoexport.NewSpanExporter(ctx)
		if err != nil {
			return nil, fmt.Errorf("spanloom: OTEL_TRACES_EXPORTER=%q: use otlp, console or none: %w", kind, err)
		}
		if autoexport.IsNoneSpanExporter(e) {
			return nil, nil //nolint:nilnil // no exporter is what was asked for
		}
		return lossySpans{e, l}, nil
	}
	base, grpc, err := c.target("TRACES")
	if err != nil {
		return nil, err
	}
	var e sdktrace.SpanExporter
	if grpc {
		opts := []otlptracegrpc.Option{}
		if base != nil {
			opts = append(opts, otlptracegrpc.WithEndpointURL(base.String()))
		}
		if c.headers != nil {
			opts = append(opts, otlptracegrpc.WithHeaders(c.headers))
		}
		e, err = otlptracegrpc.New(ctx, opts...)
	} else {
		opts := []otlptracehttp.Option{}
		if base != nil {
			opts = append(opts, otlptracehttp.WithEndpointURL(base.JoinPath("v1/traces").String()))
		}
		if c.headers != nil {
			opts = append(opts, otlptracehttp.WithHeaders(c.headers))
		}
		e, err = otlptracehttp.New(ctx, opts...)
	}
	if err != nil {
		return nil, fmt.Errorf("spanloom: OTLP exporter of traces: %w", err)
	}
	return lossySpans{e, l}, nil
}

// metricReader is spanExporter for metrics; "prometheus" makes a reader that
// serves, not one that exports.
func (c config) metricReader(ctx context.Context, l *losses) (sdkmetric.Reader, error) {
	if kind := os.Getenv("OTEL_METRICS_EXPORTER"); c.endpoint == "" && kind != "" && kind != "otlp" {
		r, err := autoexport.NewMetricReader(ctx)
		if err != nil {
			return nil, fmt.Errorf("spanloom: OTEL_METRICS_EXPORTER=%q: use otlp, prometheus, console or none: %w", kind, err)
		}
		if autoexport.IsNoneMetricReader(r) {
			return nil, nil //nolint:nilnil // no reader is what was asked for
		}
		return r, nil
	}
	base, grpc, err := c.target("METRICS")
	if err != nil {
		return nil, err
	}
	var e sdkmetric.Exporter
	if grpc {
		opts := []otlpmetricgrpc.Option{}
		if base != nil {
			opts = append(opts, otlpmetricgrpc.WithEndpointURL(base.String()))
		}
		if c.headers != nil {
			opts = append(opts, otlpmetricgrpc.WithHeaders(c.headers))
		}
		e, err = otlpmetricgrpc.New(ctx, opts...)
	} else {
		opts := []otlpmetrichttp.Option{}
		if base != nil {
			opts = append(opts, otlpmetrichttp.WithEndpointURL(base.JoinPath("v1/metrics").String()))
		}
		if c.headers != nil {
			opts = append(opts, otlpmetrichttp.WithHeaders(c.headers))
		}
		e, err = otlpmetrichttp.New(ctx, opts...)
	}
	if err != nil {
		return nil, fmt.Errorf("spanloom: OTLP exporter of metrics: %w", err)
	}
	return sdkmetric.NewPeriodicReader(lossyMetrics{e, l}), nil
}

// target checks what OTLP exporters would only log: the URL and the protocol.
// base is nil when the exporters are to read the environment themselves.
func (c config) target(signal string) (base *url.URL, grpc bool, err error) {
	name, proto := env("OTEL_EXPORTER_OTLP_"+signal+"_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
	switch proto {
	case "", "http/protobuf":
	case "grpc":
		grpc = true
	default:
		return nil, false, fmt.Errorf("spanloom: %s=%q: use http/protobuf or grpc", name, proto)
	}
	if c.endpoint != "" {
		base, err = parseEndpoint("WithEndpoint", c.endpoint)
		return base, grpc, err
	}
	if name, raw := env("OTEL_EXPORTER_OTLP_"+signal+"_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"); raw != "" {
		_, err = parseEndpoint(name, raw)
	}
	return nil, grpc, err
}

func parseEndpoint(source, raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("spanloom: %s=%q: use a URL with http or https, such as http://localhost:4318", source, raw)
	}
	return u, nil
}

// env returns the first variable that is set, and its name.
func env(names ...string) (name, value string) {
	for _, n := range names {
		if v := os.Getenv(n); v != "" {
			return n, v
		}
	}
	return names[0], ""
}

func boolEnv(name string) (bool, error) {
	switch v := os.Getenv(name); strings.ToLower(v) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		return false, fmt.Errorf("spanloom: %s=%q: use true or false", name, v)
	}
}
