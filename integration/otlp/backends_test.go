// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/spanloom/spanloom"
)

// documented returns the variables of each block of a section of
// docs/backends.md: what is tested is what is read.
func documented(t *testing.T, section string) []map[string]string {
	t.Helper()
	page, err := os.ReadFile("../../docs/backends.md")
	require.NoError(t, err)
	_, text, ok := strings.Cut(string(page), "\n## "+section+"\n")
	require.True(t, ok, "docs/backends.md has no section %q", section)
	text, _, _ = strings.Cut(text, "\n## ")
	var blocks []map[string]string
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(text, -1) {
		vars := map[string]string{}
		for line := range strings.Lines(block[1]) {
			name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
			require.True(t, ok, line)
			vars[name] = value
		}
		blocks = append(blocks, vars)
	}
	return blocks
}

// arrival is a request as a backend sees it.
type arrival struct {
	path   string
	header http.Header
	spans  []string
	points []string
}

func TestDocumentedBackends(t *testing.T) {
	const traces, metrics = "/v1/traces", "/v1/metrics"
	for _, tc := range []struct {
		section string
		block   int
		paths   []string // of traces and metrics, "" for none
		header  map[string]string
		gzip    bool
	}{
		{"Jaeger", 0, []string{traces, ""}, nil, false},
		{"Grafana: Tempo, Mimir, Alloy", 0, []string{traces, metrics}, nil, false},
		{"Grafana: Tempo, Mimir, Alloy", 1, []string{"/otlp" + traces, "/otlp" + metrics}, map[string]string{"Authorization": "Basic dXNlcjprZXk="}, false},
		{"Prometheus", 1, []string{"", "/api/v1/otlp" + metrics}, nil, false},
		{"Traceloop", 0, []string{traces, metrics}, map[string]string{"Authorization": "Bearer tl_key"}, false},
		{"Langfuse", 0, []string{"/api/public/otel" + traces, ""}, map[string]string{"Authorization": "Basic cGstbGY6c2stbGY="}, false},
		{"Phoenix", 0, []string{traces, ""}, nil, false},
		{"MLflow", 0, []string{traces, ""}, map[string]string{"X-Mlflow-Experiment-Id": "0"}, false},
		{"OpenLIT", 0, []string{traces, metrics}, nil, false},
		{"Opik", 0, []string{"/opik/api/v1/private/otel" + traces, ""}, map[string]string{"Authorization": "opik_key", "Comet-Workspace": "my-workspace", "Projectname": "my-project"}, false},
		{"Laminar", 0, []string{traces, ""}, map[string]string{"Authorization": "Bearer lmnr_key"}, false},
		{"LangWatch", 0, []string{"/api/otel" + traces, ""}, map[string]string{"Authorization": "Bearer lw_key"}, false},
		{"LangSmith", 0, []string{"/otel" + traces, ""}, map[string]string{"X-Api-Key": "ls_key", "Langsmith-Project": "my-project"}, false},
		{"Datadog", 0, []string{traces, metrics}, nil, false},
		{"Datadog", 1, []string{traces, ""}, map[string]string{"Dd-Api-Key": "dd_key"}, false},
		{"Honeycomb", 0, []string{traces, metrics}, map[string]string{"X-Honeycomb-Team": "hc_key", "X-Honeycomb-Dataset": "metrics"}, false},
		{"New Relic", 0, []string{traces, metrics}, map[string]string{"Api-Key": "nr_key"}, true},
		{"SigNoz", 0, []string{traces, metrics}, map[string]string{"Signoz-Ingestion-Key": "sn_key"}, false},
	} {
		t.Run(tc.section, func(t *testing.T) {
			backend := newBackend(t)
			vars := documented(t, tc.section)[tc.block]
			if _, ok := vars["TRACELOOP_API_KEY"]; ok {
				vars["TRACELOOP_BASE_URL"] = "https://api.traceloop.com" // what the key alone means
			}
			for name, value := range vars {
				if u, err := url.Parse(value); err == nil && u.Host != "" {
					value = strings.Replace(value, u.Scheme+"://"+u.Host, backend.URL, 1)
				}
				t.Setenv(name, value)
			}
			shutdown, err := spanloom.Init(t.Context())
			require.NoError(t, err)
			emit(t)
			require.NoError(t, shutdown(t.Context()))

			var spans, points string
			for _, a := range backend.arrivals {
				if len(a.spans) > 0 {
					spans = a.path
					assert.Equal(t, []string{"chat m"}, a.spans)
				}
				if len(a.points) > 0 {
					points = a.path
					assert.Contains(t, a.points, "gen_ai.client.token.usage")
				}
				for name, want := range tc.header {
					assert.Equal(t, want, a.header.Get(name), name)
				}
				assert.Equal(t, tc.gzip, a.header.Get("Content-Encoding") == "gzip")
				assert.Equal(t, "application/x-protobuf", a.header.Get("Content-Type"))
			}
			got := []string{spans, points}
			assert.Equal(t, tc.paths, got)
		})
	}
}

type backend struct {
	*httptest.Server
	mu       sync.Mutex
	arrivals []arrival
}

func newBackend(t *testing.T) *backend {
	b := &backend{}
	b.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(body)
			if !assert.NoError(t, err) {
				return
			}
			body = z
		}
		raw, err := io.ReadAll(body)
		assert.NoError(t, err)
		a := arrival{path: r.URL.Path, header: r.Header}
		if strings.HasSuffix(a.path, "traces") {
			var m collectortrace.ExportTraceServiceRequest
			assert.NoError(t, proto.Unmarshal(raw, &m))
			for _, rs := range m.GetResourceSpans() {
				for _, ss := range rs.GetScopeSpans() {
					for _, s := range ss.GetSpans() {
						a.spans = append(a.spans, s.GetName())
					}
				}
			}
		} else {
			var m collectormetrics.ExportMetricsServiceRequest
			assert.NoError(t, proto.Unmarshal(raw, &m))
			for _, rm := range m.GetResourceMetrics() {
				for _, sm := range rm.GetScopeMetrics() {
					for _, p := range sm.GetMetrics() {
						a.points = append(a.points, p.GetName())
					}
				}
			}
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.arrivals = append(b.arrivals, a)
	}))
	t.Cleanup(b.Close)
	return b
}
