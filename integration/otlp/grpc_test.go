// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/spanloom/spanloom"
)

// grpcReceiver is an OTLP/gRPC backend on loopback.
type grpcReceiver struct {
	collectortrace.UnimplementedTraceServiceServer
	address string

	mu             sync.Mutex
	spans, metrics []string
	keys           []string
	received
}

type grpcMetrics struct {
	collectormetrics.UnimplementedMetricsServiceServer
	*grpcReceiver
}

func newGRPCReceiver(t *testing.T, opts ...grpc.ServerOption) *grpcReceiver {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	r := &grpcReceiver{address: l.Addr().String()}
	s := grpc.NewServer(opts...)
	collectortrace.RegisterTraceServiceServer(s, r)
	collectormetrics.RegisterMetricsServiceServer(s, grpcMetrics{grpcReceiver: r})
	go func() { _ = s.Serve(l) }()
	t.Cleanup(s.Stop)
	return r
}

func (r *grpcReceiver) note(ctx context.Context) {
	md, _ := metadata.FromIncomingContext(ctx)
	r.keys = append(r.keys, md.Get("x-key")...)
}

// Export implements the trace service.
func (r *grpcReceiver) Export(ctx context.Context, m *collectortrace.ExportTraceServiceRequest) (*collectortrace.ExportTraceServiceResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note(ctx)
	r.addSpans(m)
	for _, rs := range m.GetResourceSpans() {
		for _, ss := range rs.GetScopeSpans() {
			for _, s := range ss.GetSpans() {
				r.spans = append(r.spans, s.GetName())
			}
		}
	}
	return &collectortrace.ExportTraceServiceResponse{}, nil
}

// Export implements the metrics service.
func (r grpcMetrics) Export(ctx context.Context, m *collectormetrics.ExportMetricsServiceRequest) (*collectormetrics.ExportMetricsServiceResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note(ctx)
	r.addMetrics(m)
	for _, rm := range m.GetResourceMetrics() {
		for _, sm := range rm.GetScopeMetrics() {
			for _, m := range sm.GetMetrics() {
				r.metrics = append(r.metrics, m.GetName())
			}
		}
	}
	return &collectormetrics.ExportMetricsServiceResponse{}, nil
}

func TestInitExportsOverGRPC(t *testing.T) {
	for _, tc := range []struct {
		reason string
		env    map[string]string
		opts   func(address string) []spanloom.Option
	}{
		{reason: "standard variables", env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://ADDRESS", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_HEADERS": "x-key=secret", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"}},
		{reason: "Traceloop's variables", env: map[string]string{"TRACELOOP_BASE_URL": "grpc://ADDRESS", "TRACELOOP_HEADERS": "x-key=secret"}},
		{reason: "options", env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, opts: func(address string) []spanloom.Option {
			return []spanloom.Option{spanloom.WithEndpoint("grpc://" + address), spanloom.WithHeaders(map[string]string{"x-key": "secret"})}
		}},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			r := newGRPCReceiver(t)
			for name, value := range tc.env {
				t.Setenv(name, strings.Replace(value, "ADDRESS", r.address, 1))
			}
			var opts []spanloom.Option
			if tc.opts != nil {
				opts = tc.opts(r.address)
			}
			shutdown, err := spanloom.Init(t.Context(), opts...)
			require.NoError(t, err)
			emit(t)
			require.NoError(t, shutdown(t.Context()))
			assert.Equal(t, []string{"chat m"}, r.spans)
			assert.Contains(t, r.metrics, "gen_ai.client.token.usage")
			assert.Equal(t, []string{"secret", "secret"}, r.keys, "traces and metrics alike")
		})
	}
}

// HTTP to a real server of gRPC.
func TestHTTPToAPortOfGRPC(t *testing.T) {
	r := newGRPCReceiver(t)
	got := exportOnce(t, said(t), spanloom.WithEndpoint("http://"+r.address))
	assert.Equal(t, 3, strings.Count(got, "looks like gRPC: set OTEL_EXPORTER_OTLP_PROTOCOL=grpc"), "of each signal, and logged once: %s", got)
}
