// SPDX-License-Identifier: Apache-2.0

// Package backend is an OTLP receiver on loopback, for the tests of the
// examples: what a program sends is what counts.
package backend

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Backend keeps what it gets. It is safe for concurrent use.
type Backend struct {
	// URL is for OTEL_EXPORTER_OTLP_ENDPOINT.
	URL string

	mu    sync.Mutex
	wire  bytes.Buffer
	spans []*tracepb.Span
	// metrics are those of the last export: they are cumulative.
	metrics map[string]*metricspb.Metric
}

// Start starts one, and stops it when the test ends.
func Start(t *testing.T) *Backend {
	b := &Backend{metrics: map[string]*metricspb.Metric{}}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.wire.WriteString(r.URL.String())
		for name, values := range r.Header {
			b.wire.WriteString(name + strings.Join(values, ","))
		}
		b.wire.Write(body)
		if strings.HasSuffix(r.URL.Path, "/v1/traces") {
			var m collectortrace.ExportTraceServiceRequest
			assert.NoError(t, proto.Unmarshal(body, &m))
			for _, rs := range m.GetResourceSpans() {
				for _, ss := range rs.GetScopeSpans() {
					b.spans = append(b.spans, ss.GetSpans()...)
				}
			}
			return
		}
		var m collectormetrics.ExportMetricsServiceRequest
		assert.NoError(t, proto.Unmarshal(body, &m))
		for _, rm := range m.GetResourceMetrics() {
			for _, sm := range rm.GetScopeMetrics() {
				for _, metric := range sm.GetMetrics() {
					b.metrics[metric.GetName()] = metric
				}
			}
		}
	}))
	t.Cleanup(server.Close)
	b.URL = server.URL
	return b
}

// Wire is every byte that came.
func (b *Backend) Wire() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.wire.String()
}

// Spans returns those that came.
func (b *Backend) Spans() []*tracepb.Span {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.spans
}

// Metric returns the sum and the number of the values of a metric's points that
// carry the labels, given as pairs; a value of "*" is any.
func (b *Backend) Metric(name string, labels ...string) (sum float64, count int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.metrics[name]
	for _, p := range m.GetHistogram().GetDataPoints() {
		if carries(p, labels) {
			sum += p.GetSum()
			count += int(p.GetCount())
		}
	}
	for _, p := range m.GetSum().GetDataPoints() {
		if carries(p, labels) {
			sum += p.GetAsDouble() + float64(p.GetAsInt())
			count++
		}
	}
	return sum, count
}
