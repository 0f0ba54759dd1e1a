// SPDX-License-Identifier: Apache-2.0

package envvars

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestResolve(t *testing.T) {
	type vars = map[string]string
	const endpoint, headers, key = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS", "TRACELOOP_API_KEY"
	for _, tc := range []struct {
		reason string
		env    vars
		o      Override
		want   Target
	}{
		{"nothing", nil, Override{}, Target{URL: "http://localhost:4318/v1/traces", Source: "default"}},
		{"nothing, with gRPC", vars{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, Override{}, Target{URL: "http://localhost:4317", GRPC: true, Source: "default"}},
		{"a base", vars{endpoint: "https://h.test/otel/"}, Override{}, Target{URL: "https://h.test/otel/v1/traces", Source: endpoint}},
		{"a base that ends in a signal's path", vars{endpoint: "http://h.test/otel/v1/traces/"}, Override{}, Target{URL: "http://h.test/otel/v1/traces", Source: endpoint}},
		{"a base that ends in the other signal's path", vars{endpoint: "http://h.test/v1/metrics"}, Override{}, Target{URL: "http://h.test/v1/traces", Source: endpoint}},
		{"a signal's URL is taken as it is", vars{endpoint: "http://x", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://h.test/in"}, Override{}, Target{URL: "http://h.test/in", Source: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"}},
		{"a signal's URL without a path", vars{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://h.test"}, Override{}, Target{URL: "http://h.test/", Source: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"}},
		{"gRPC has no paths", vars{endpoint: "http://h.test:4317/base", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, Override{}, Target{URL: "http://h.test:4317", GRPC: true, Source: endpoint}},
		{"exporters send no query and no user", vars{endpoint: "https://u:p@h.test/x?api_key=k"}, Override{}, Target{URL: "https://h.test/x/v1/traces", Source: endpoint, Cut: true}},
		{"an option, and gRPC by its scheme", vars{endpoint: "http://x"}, Override{Endpoint: "GRPCS://h.test:1"}, Target{URL: "https://h.test:1", GRPC: true, Source: "WithEndpoint"}},
		{"a page's URL of a signal, as a base", nil, Override{Endpoint: "http://h.test/v1/metrics"}, Target{URL: "http://h.test/v1/traces", Source: "WithEndpoint"}},

		{"headers of the variable", vars{headers: "x-tenant=a"}, Override{}, Target{URL: "http://localhost:4318/v1/traces", Source: "default", Headers: vars{"X-Tenant": "a"}}},
		{"a signal's headers replace the common ones", vars{headers: "x-tenant=a,x-b=c", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "x-tenant=b"}, Override{}, Target{URL: "http://localhost:4318/v1/traces", Source: "default", Headers: vars{"X-Tenant": "b"}}},
		{"options add headers", vars{endpoint: "http://h.test", headers: "x-tenant=a,x-b=c"}, Override{APIKey: "k", Headers: vars{"X-TENANT": "o"}}, Target{URL: "http://h.test/v1/traces", Source: endpoint, Headers: vars{"X-Tenant": "o", "X-B": "c", "Authorization": "Bearer k"}}},
		{"a key as an option wins over the variable's", vars{endpoint: "http://h.test", headers: "authorization=Basic%20x"}, Override{APIKey: "k"}, Target{URL: "http://h.test/v1/traces", Source: endpoint, Headers: vars{"Authorization": "Bearer k"}}},
		{"and a header as an option over the key", vars{endpoint: "http://h.test"}, Override{APIKey: "k", Headers: vars{"authorization": "Basic o"}}, Target{URL: "http://h.test/v1/traces", Source: endpoint, Headers: vars{"Authorization": "Basic o"}}},

		{"a key of Traceloop's", vars{key: "k"}, Override{}, Target{URL: "https://api.traceloop.com/v1/traces", Source: key, Headers: vars{"Authorization": "Bearer k"}}},
		{"another key as an option goes to the same place", vars{key: "k"}, Override{APIKey: "o"}, Target{URL: "https://api.traceloop.com/v1/traces", Source: key, Headers: vars{"Authorization": "Bearer o"}}},
		{"a key as an option, and no endpoint", nil, Override{APIKey: "o"}, Target{URL: "https://api.traceloop.com/v1/traces", Source: "WithAPIKey", Headers: vars{"Authorization": "Bearer o"}}},
		{"headers for nobody in particular stay away from Traceloop", vars{headers: "x-honeycomb-team=k"}, Override{APIKey: "o"}, Target{URL: "https://api.traceloop.com/v1/traces", Source: "WithAPIKey", Headers: vars{"Authorization": "Bearer o"}}},
		{"a header as an option beside Traceloop's key", vars{key: "k"}, Override{Headers: vars{"x-tenant": "a"}}, Target{URL: "https://api.traceloop.com/v1/traces", Source: key, Headers: vars{"Authorization": "Bearer k", "X-Tenant": "a"}}},
		{"Traceloop's headers replace its key", vars{key: "k", "TRACELOOP_HEADERS": "x=y"}, Override{}, Target{URL: "https://api.traceloop.com/v1/traces", Source: key, Headers: vars{"X": "y"}}},
		{"Traceloop's key goes nowhere else", vars{key: "k", endpoint: "http://h.test"}, Override{}, Target{URL: "http://h.test/v1/traces", Source: endpoint}},
		{"nor with an endpoint of the program's", vars{key: "k", "TRACELOOP_HEADERS": "x=y"}, Override{Endpoint: "http://h.test"}, Target{URL: "http://h.test/v1/traces", Source: "WithEndpoint"}},
		{"Traceloop's URL by name, without a key", vars{"TRACELOOP_BASE_URL": "http://h.test", headers: "x-tenant=a"}, Override{}, Target{URL: "http://h.test/v1/traces", Source: "TRACELOOP_BASE_URL", Headers: vars{"X-Tenant": "a"}}},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			got, err := env(tc.env).Resolve("TRACES", tc.o)
			require.NoError(t, err)
			if tc.want.Headers == nil {
				tc.want.Headers = vars{}
			}
			assert.Equal(t, tc.want, got)
		})
	}
}

func TestResolveBadURLs(t *testing.T) {
	for _, bad := range []string{"ftp://bob:hunter2@h.test", "h.test:4318", "://", "http://h .test", "http://h.test:65536", "grpc://h.test:70000"} {
		_, err := env(nil).Resolve("METRICS", Override{Endpoint: bad})
		require.ErrorContains(t, err, "WithEndpoint")
		assert.NotContains(t, err.Error(), "hunter2")
	}
}

// An endpoint that is not used may be bad, unless the exporters would print a key
// that is in it.
func TestResolveBesideBadVariables(t *testing.T) {
	const endpoint, headers = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS"
	good := Override{Endpoint: "http://h.test"}
	_, err := env(map[string]string{endpoint: "127.0.0.1:4318"}).Resolve("TRACES", good)
	assert.NoError(t, err)
	for name, bad := range map[string]string{endpoint: "bob:hunter2@h.test:1", headers: "hunter2"} {
		_, err = env(map[string]string{name: bad}).Resolve("TRACES", good)
		assert.ErrorContains(t, err, name)
		assert.NotContains(t, err.Error(), "hunter2")
	}
	_, err = env(map[string]string{"OTEL_EXPORTER_OTLP_METRICS_HEADERS": "hunter2"}).Resolve("TRACES", good)
	assert.NoError(t, err)
}

func TestTimeout(t *testing.T) {
	for _, tc := range []struct {
		env  map[string]string
		want time.Duration
	}{
		{nil, 10 * time.Second},
		{map[string]string{"OTEL_EXPORTER_OTLP_TIMEOUT": "50"}, 50 * time.Millisecond},
		{map[string]string{"OTEL_EXPORTER_OTLP_TIMEOUT": "50", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT": "0"}, 0},
		{map[string]string{"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "50"}, 10 * time.Second},
		{map[string]string{"OTEL_EXPORTER_OTLP_TIMEOUT": "50", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT": "1s"}, 50 * time.Millisecond},
		{map[string]string{"OTEL_EXPORTER_OTLP_TIMEOUT": "1s"}, 10 * time.Second},
	} {
		got := env(tc.env).Timeout("METRICS")
		assert.Equal(t, tc.want, got, tc.env)
	}
}
