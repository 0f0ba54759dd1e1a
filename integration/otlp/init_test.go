// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/metrics"
)

// receiver is an OTLP/HTTP backend on loopback.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	header  http.Header
	paths   []string
	spans   []string
	metrics []string
	service string
	// temporalities are those of histograms.
	temporalities []string
	// limit is the largest body that is taken; 0 means any.
	limit   int
	refused int
	received
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		assert.NoError(t, err)
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.limit > 0 && len(body) > r.limit {
			r.refused++
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		r.paths = append(r.paths, req.URL.Path)
		r.header = req.Header
		if strings.HasSuffix(req.URL.Path, "/v1/traces") {
			var m collectortrace.ExportTraceServiceRequest
			assert.NoError(t, proto.Unmarshal(body, &m))
			r.addSpans(&m)
			for _, rs := range m.GetResourceSpans() {
				for _, a := range rs.GetResource().GetAttributes() {
					if a.GetKey() == "service.name" {
						r.service = a.GetValue().GetStringValue()
					}
				}
				for _, ss := range rs.GetScopeSpans() {
					for _, s := range ss.GetSpans() {
						r.spans = append(r.spans, s.GetName())
					}
				}
			}
			return
		}
		var m collectormetrics.ExportMetricsServiceRequest
		assert.NoError(t, proto.Unmarshal(body, &m))
		r.addMetrics(&m)
		for _, rm := range m.GetResourceMetrics() {
			for _, sm := range rm.GetScopeMetrics() {
				for _, m := range sm.GetMetrics() {
					r.metrics = append(r.metrics, m.GetName())
					if h := m.GetHistogram(); h != nil {
						r.temporalities = append(r.temporalities, h.GetAggregationTemporality().String())
					}
				}
			}
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// emit makes one chat span with tokens through the global providers.
func emit(t *testing.T) {
	t.Helper()
	h, err := callbacks.NewHandler(callbacks.WithPrices(nil))
	require.NoError(t, err)
	_, span := h.Start(t.Context(), callbacks.KindChat, "m")
	span.SetUsage(metrics.Usage{Input: 1, Output: 1})
	span.End(nil)
}

func TestInitExportsOverHTTP(t *testing.T) {
	for _, tc := range []struct {
		reason   string
		env      map[string]string
		opts     func(url string) []spanloom.Option
		wantPath string
	}{
		{"standard variable", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "URL", "OTEL_EXPORTER_OTLP_HEADERS": "x-key=secret", "OTEL_SERVICE_NAME": "shop"}, nil, "/v1/traces"},
		{"a base path stays", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "URL/api/otel", "OTEL_EXPORTER_OTLP_HEADERS": "x-key=secret", "OTEL_SERVICE_NAME": "shop"}, nil, "/api/otel/v1/traces"},
		{
			"options win over variables",
			map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none", "OTEL_SERVICE_NAME": "other"},
			func(url string) []spanloom.Option {
				return []spanloom.Option{
					spanloom.WithEndpoint(url + "/base"), spanloom.WithHeaders(map[string]string{"x-key": "secret"}),
					spanloom.WithServiceName("shop"), spanloom.WithServiceVersion("1.2.3"), spanloom.WithDeploymentEnvironment("staging"), nil,
				}
			}, "/base/v1/traces",
		},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			r := newReceiver(t)
			for k, v := range tc.env {
				t.Setenv(k, strings.ReplaceAll(v, "URL", r.URL))
			}
			var opts []spanloom.Option
			if tc.opts != nil {
				opts = tc.opts(r.URL)
			}
			shutdown, err := spanloom.Init(t.Context(), opts...)
			require.NoError(t, err)
			emit(t)
			require.NoError(t, shutdown(t.Context()))
			assert.Equal(t, []string{"chat m"}, r.spans)
			assert.Contains(t, r.metrics, "gen_ai.client.token.usage")
			assert.Contains(t, r.metrics, "gen_ai.client.operation.duration")
			assert.Contains(t, r.paths, tc.wantPath)
			assert.Equal(t, "secret", r.header.Get("X-Key"))
			assert.Equal(t, "shop", r.service)
			require.NoError(t, shutdown(t.Context()), "shutdown may be called again")
		})
	}
}

func TestTraceloopVariables(t *testing.T) {
	for _, tc := range []struct {
		reason string
		env    map[string]string
		opts   []spanloom.Option
		want   http.Header
	}{
		{"the key is a bearer token", map[string]string{"TRACELOOP_BASE_URL": "URL", "TRACELOOP_API_KEY": "key"}, nil, http.Header{"Authorization": {"Bearer key"}}},
		{"headers replace the key", map[string]string{"TRACELOOP_BASE_URL": "URL", "TRACELOOP_API_KEY": "key", "TRACELOOP_HEADERS": "x-api-key=a%20b"}, nil, http.Header{"X-Api-Key": {"a b"}, "Authorization": nil}},
		{"the key does not go to another backend", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "URL", "TRACELOOP_API_KEY": "key"}, nil, http.Header{"Authorization": nil}},
		{"standard headers are for the standard endpoint", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "URL", "OTEL_EXPORTER_OTLP_HEADERS": "a=b", "TRACELOOP_HEADERS": "c=d"}, nil, http.Header{"A": {"b"}, "C": nil}},
		{"an option wins", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "URL", "TRACELOOP_API_KEY": "key"}, []spanloom.Option{spanloom.WithAPIKey("other")}, http.Header{"Authorization": {"Bearer other"}}},
		{"an authorization of one's own wins over a key", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "URL"}, []spanloom.Option{spanloom.WithAPIKey("other"), spanloom.WithHeaders(map[string]string{"authorization": "Basic x"})}, http.Header{"Authorization": {"Basic x"}}},
		{"options add to the headers of the variable", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "URL", "OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=a"}, []spanloom.Option{spanloom.WithAPIKey("k"), spanloom.WithHeaders(map[string]string{"x-more": "m"})}, http.Header{"X-Tenant": {"a"}, "Authorization": {"Bearer k"}, "X-More": {"m"}}},
		{"the standard endpoint wins over Traceloop's", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "URL", "TRACELOOP_BASE_URL": "http://127.0.0.1:1"}, nil, http.Header{}},
		{"a signal's path is not added twice", map[string]string{"TRACELOOP_BASE_URL": "URL/v1/traces"}, nil, http.Header{}},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			r := newReceiver(t)
			for k, v := range tc.env {
				t.Setenv(k, strings.ReplaceAll(v, "URL", r.URL))
			}
			shutdown, err := spanloom.Init(t.Context(), tc.opts...)
			require.NoError(t, err)
			emit(t)
			require.NoError(t, shutdown(t.Context()))
			assert.Equal(t, []string{"chat m"}, r.spans)
			assert.Contains(t, r.paths, "/v1/traces")
			assert.Contains(t, r.paths, "/v1/metrics")
			for name, want := range tc.want {
				assert.ElementsMatch(t, want, r.header.Values(name), name)
			}
		})
	}
}

func TestTemporality(t *testing.T) {
	r := newReceiver(t)
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithEndpoint(r.URL), spanloom.WithTemporality(sdkmetric.DeltaTemporalitySelector))
	require.NoError(t, err)
	emit(t)
	require.NoError(t, shutdown(t.Context()))
	assert.Contains(t, r.temporalities, "AGGREGATION_TEMPORALITY_DELTA")
	assert.NotContains(t, r.temporalities, "AGGREGATION_TEMPORALITY_CUMULATIVE")
}
