// SPDX-License-Identifier: Apache-2.0

package models

import (
	"net/http"

	"go.opentelemetry.io/otel/propagation"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
)

// NewTransport returns an http.RoundTripper to give to a provider's HTTP client
// (openai.WithHTTPClient(&http.Client{Transport: models.NewTransport(nil)})).
// It puts server.address, server.port and, on failures, the HTTP status on the
// model or embedding span the request belongs to, and sends the trace context
// along as W3C traceparent, without baggage. Requests outside such a span pass
// untouched. Bodies are neither read nor kept.
//
// A nil base means http.DefaultTransport. It is safe for concurrent use.
func NewTransport(base http.RoundTripper) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	return &transport{base}
}

type transport struct{ base http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	span := callbacks.SpanFromContext(req.Context())
	if k := span.Kind(); k != callbacks.KindChat && k != callbacks.KindEmbeddings || callbacks.Suppressed(req.Context()) {
		return t.base.RoundTrip(req)
	}
	span.SetAttributes(semconv.ServerAddress.String(req.URL.Hostname()), semconv.ServerPort.Int(genai.PortOf(req.URL)))
	// A RoundTripper must not change the request it was given.
	out := req.Clone(req.Context())
	// Not the global propagator: baggage is the user's, and providers are others.
	propagation.TraceContext{}.Inject(req.Context(), propagation.HeaderCarrier(out.Header))
	res, err := t.base.RoundTrip(out)
	if err == nil && res.StatusCode >= http.StatusBadRequest {
		span.SetAttributes(semconv.HTTPResponseStatusCode.Int(res.StatusCode))
	}
	return res, err
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the base.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
