// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/internal/envvars"
)

func call(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, os.LookupEnv, &out, &errs)
	return code, out.String(), errs.String()
}

func backend(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestWrongCalls(t *testing.T) {
	for _, args := range [][]string{nil, {"heal"}, {"env", "-x"}, {"doctor", "now"}} {
		code, _, stderr := call(t, args...)
		assert.Equal(t, 2, code, args)
		assert.NotEmpty(t, stderr, args)
	}
	code, stdout, _ := call(t, "help")
	assert.Zero(t, code)
	assert.Contains(t, stdout, "spanloom doctor")
}

func TestEnvSaysWhereValuesComeFromAndKeepsSecrets(t *testing.T) {
	t.Setenv("TRACELOOP_API_KEY", "tl-secret")
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=hdr-secret")
	t.Setenv("OTEL_METRICS_EXPORTER", "none")
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://user:url-secret@127.0.0.1:4318/v1/traces")
	code, stdout, stderr := call(t, "env", "-json")
	require.Zero(t, code, stderr)
	assert.NotContains(t, stdout+stderr, "secret")
	var settings []setting
	require.NoError(t, json.Unmarshal([]byte(stdout), &settings))
	by := map[string]setting{}
	for _, s := range settings {
		by[s.Name] = s
	}
	assert.Equal(t, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", by["traces go to"].Source)
	assert.Equal(t, setting{Name: "metrics go to", Value: "none", Source: "OTEL_METRICS_EXPORTER"}, by["metrics go to"])
	assert.Equal(t, envvars.Hidden, by["TRACELOOP_API_KEY"].Value)
	assert.Equal(t, "default", by["OTEL_BSP_MAX_QUEUE_SIZE"].Source)

	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "")
	_, stdout, _ = call(t, "env")
	assert.Regexp(t, `traces go to +https://api.traceloop.com/v1/traces +TRACELOOP_API_KEY`, stdout)

	t.Setenv("OTEL_TRACES_SAMPLER", "some")
	code, _, stderr = call(t, "env")
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "parentbased_traceidratio")
}

// Both commands say what Init would say, of variables together as well.
func TestVariablesThatDoNotGoTogether(t *testing.T) {
	cert := filepath.Join(t.TempDir(), "cert.pem")
	s := httptest.NewTLSServer(nil)
	s.Close()
	require.NoError(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600))
	t.Setenv("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", cert)
	for _, command := range []string{"env", "doctor"} {
		code, stdout, stderr := call(t, command)
		assert.Equal(t, 1, code)
		assert.Contains(t, stdout+stderr, "OTEL_EXPORTER_OTLP_CLIENT_KEY")
	}
}

// takenPort is a port of 127.0.0.1 where somebody listens.
func takenPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port
}

// What is quoted gets into terminals and logs, also where it is wrong.
func TestSecretsInValuesAreNotPrinted(t *testing.T) {
	for name, value := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT":        "ftp://bob:hunter2@127.0.0.1:1/x",
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1/x?api_key=hunter2",
		"TRACELOOP_BASE_URL":                 "http://hunter2@127.0.0.1:1",
		"OTEL_RESOURCE_ATTRIBUTES":           "a=b,token=hunter2",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			for _, command := range [][]string{{"env"}, {"env", "-json"}, {"doctor", "-timeout", "1s"}} {
				_, stdout, stderr := call(t, command...)
				assert.NotContains(t, stdout+stderr, "hunter2", command)
			}
		})
	}
}

func TestDoctorFindsNothing(t *testing.T) {
	var mu sync.Mutex // each signal has its connection
	var paths []string
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", backend(t, func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		paths = append(paths, r.URL.Path)
	}))
	code, stdout, _ := call(t, "doctor")
	assert.Zero(t, code, stdout)
	for _, what := range []string{"variables", "traces", "metrics", "network", "clock", "content", "delivery"} {
		assert.Regexp(t, `(?m)^ok +`+what, stdout)
	}
	assert.Contains(t, paths, "/v1/traces")
	assert.Contains(t, paths, "/v1/metrics")
	assert.Regexp(t, `look for trace [0-9a-f]{32}`, stdout)
}

func TestDoctorFindsWhatIsWrong(t *testing.T) {
	// An ExportTraceServiceResponse with a partial success (field 1) of one rejected
	// span (field 1) and a message (field 2), in Protobuf's encoding.
	const message = "quota is used up"
	partial := []byte("\x0a\x14" + "\x08\x01" + "\x12\x10" + message)
	for _, tc := range []struct {
		reason  string
		env     map[string]string
		backend http.HandlerFunc
		want    []string
	}{
		{"the backend's own words", nil, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, "no such key")
		}, []string{"FAIL  delivery", "401"}},
		{"accepted, and yet refused", nil, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "traces") {
				w.Header().Set("Content-Type", "application/x-protobuf")
				_, _ = w.Write(partial)
			}
		}, []string{"FAIL  delivery", "quota is used up"}},
		{"a clock that is wrong", nil, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
		}, []string{"warn  clock", "1h"}},
		{"a bad variable", map[string]string{"OTEL_TRACES_SAMPLER": "some"}, func(http.ResponseWriter, *http.Request) {}, []string{"FAIL  variables", "parentbased_traceidratio"}},
		{"content on", map[string]string{"TRACELOOP_TRACE_CONTENT": "true"}, func(http.ResponseWriter, *http.Request) {}, []string{"warn  content", "TRACELOOP_TRACE_CONTENT"}},
		{"nobody there", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, nil, []string{"FAIL  network", "FAIL  delivery", "refused"}},
		{"nothing is to be sent", map[string]string{"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"}, nil, []string{"skip  delivery   traces: not sent, OTEL_TRACES_EXPORTER=none", "skip  delivery   metrics: not sent, OTEL_METRICS_EXPORTER=none"}},
		{"one signal only", map[string]string{"OTEL_METRICS_EXPORTER": "none"}, func(http.ResponseWriter, *http.Request) {}, []string{"ok    delivery   traces: accepted; look for trace", "skip  delivery   metrics: not sent"}},
		{"sampled out", map[string]string{"OTEL_TRACES_SAMPLER": "always_off"}, func(http.ResponseWriter, *http.Request) {}, []string{"warn  delivery   traces: not tried, OTEL_TRACES_SAMPLER=always_off", "ok    delivery   metrics: accepted"}},
		{"a web server", nil, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, []string{"FAIL  delivery   traces: 1 span could not", "FAIL  delivery   metrics: 1 export of metrics could not", "text/html"}},
		{"a reason each", nil, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "traces") {
				http.Error(w, "bad traces key", http.StatusUnauthorized)
				return
			}
			http.NotFound(w, r)
		}, []string{"FAIL  delivery   traces: 1 span could not", "bad traces key", "FAIL  delivery   metrics: 1 export of metrics could not", "404"}},
		{"one of two works", nil, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "metrics") {
				http.NotFound(w, r)
			}
		}, []string{"ok    delivery   traces: accepted", "FAIL  delivery   metrics: 1 export of metrics could not"}},
		{"somebody else serves metrics there", map[string]string{"OTEL_METRICS_EXPORTER": "prometheus", "OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_PROMETHEUS_HOST": "127.0.0.1", "OTEL_EXPORTER_PROMETHEUS_PORT": takenPort(t)}, nil, []string{"FAIL  delivery", "address already in use", "use OTEL_EXPORTER_PROMETHEUS_HOST and OTEL_EXPORTER_PROMETHEUS_PORT"}},
		{"metrics are served", map[string]string{"OTEL_METRICS_EXPORTER": "prometheus", "OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_PROMETHEUS_PORT": "0"}, nil, []string{"ok    delivery   metrics: served at http://localhost:0/metrics"}},
		{"a key in the URL", map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1/?key=k"}, nil, []string{"warn  traces     user, password and query of the URL in OTEL_EXPORTER_OTLP_TRACES_ENDPOINT are not sent"}},
		{"switched off", map[string]string{"OTEL_SDK_DISABLED": "true"}, nil, []string{"warn  delivery", "OTEL_SDK_DISABLED"}},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			if tc.backend != nil {
				t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", backend(t, tc.backend))
			}
			for k, v := range tc.env {
				t.Setenv(k, v)
			}
			code, stdout, _ := call(t, "doctor", "-timeout", "5s")
			for _, want := range tc.want {
				assert.Contains(t, stdout, want)
			}
			assert.NotContains(t, stdout, "use otlp, prometheus", "advice on another matter")
			assert.Equal(t, strings.Contains(stdout, "FAIL"), code == 1, stdout)
		})
	}
}
