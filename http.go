// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/internal/envvars"
)

// httpClient is what a signal's OTLP over HTTP is sent with. The exporters' own
// takes every 200 for success, and a web server's page is one. With a client of
// ours they leave to it what else their variables say of the connection.
func (c config) httpClient(signal string, t envvars.Target) (*http.Client, error) {
	tlsConfig, err := c.env.TLS(signal)
	if err != nil {
		return nil, err
	}
	if tlsConfig != nil && strings.HasPrefix(t.URL, "http:") {
		return nil, fmt.Errorf("spanloom: %s go to %s, without TLS, and OTEL_EXPORTER_OTLP_CERTIFICATE, _CLIENT_CERTIFICATE or one of their variants is set: use https, or unset these", strings.ToLower(signal), t.URL)
	}
	return &http.Client{
		Transport: otlpTransport{credentialsOf(t.Headers), &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSClientConfig:       tlsConfig,
			ForceAttemptHTTP2:     true,
			MaxIdleConns:          100,
			IdleConnTimeout:       90 * time.Second,
			TLSHandshakeTimeout:   10 * time.Second,
			ExpectContinueTimeout: time.Second,
		}},
		Timeout:       c.env.Timeout(signal),
		CheckRedirect: stayOnHost,
	}, nil
}

// otlpTransport returns an error for success that is not OTLP's, and masks what a
// backend echoes of its keys.
type otlpTransport struct {
	credentials
	*http.Transport
}

// RoundTrip implements http.RoundTripper.
func (t otlpTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := t.Transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if err := t.maskBody(res); err != nil {
		return nil, err
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return res, nil
	}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if kind == "application/x-protobuf" || kind == "application/json" {
		return res, nil
	}
	// Backends that have nothing to say send nothing, of any type.
	var first [1]byte
	_, err = io.ReadFull(res.Body, first[:])
	_ = res.Body.Close()
	if errors.Is(err, io.EOF) {
		res.Body = http.NoBody
		return res, nil
	}
	if err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%s, but with content of type %q, which is not OTLP: is this the URL of an OTLP receiver?", res.Status, kind)
}

// idleSpans leaves no connection behind, and idleMetrics none either.
type idleSpans struct {
	sdktrace.SpanExporter
	client *http.Client
}

func (e idleSpans) Shutdown(ctx context.Context) error {
	defer e.client.CloseIdleConnections()
	return e.SpanExporter.Shutdown(ctx)
}

type idleMetrics struct {
	sdkmetric.Exporter
	client *http.Client
}

func (e idleMetrics) Shutdown(ctx context.Context) error {
	defer e.client.CloseIdleConnections()
	return e.Exporter.Shutdown(ctx)
}
