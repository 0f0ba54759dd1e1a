// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"bufio"
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom"
)

// pathsOf is a backend that notes the paths it is asked for.
func pathsOf(t *testing.T) (url string, paths func() []string) {
	t.Helper()
	var mu sync.Mutex // each signal has its connection
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r.URL.Path)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return asked
	}
}

func TestEndpointOfOneSignal(t *testing.T) {
	for _, suffix := range []string{"/v1/traces", "/v1/traces/", "/v1/metrics"} {
		url, paths := pathsOf(t)
		t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url+"/base"+suffix)
		shutdown, err := spanloom.Init(t.Context())
		require.NoError(t, err)
		emit(t)
		require.NoError(t, shutdown(t.Context()))
		assert.ElementsMatch(t, []string{"/base/v1/traces", "/base/v1/metrics"}, paths())
	}
}

// A gRPC server begins with HTTP/2's SETTINGS frame, whoever asks.
func TestHTTPToAPortOfGRPC(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x05\x00\x00\x40\x00"))
			_, _ = bufio.NewReader(conn).ReadString('\n') // which is not how HTTP/2 begins
			_ = conn.Close()
		}
	}()
	const want = "looks like gRPC: set OTEL_EXPORTER_OTLP_PROTOCOL=grpc"
	var log bytes.Buffer
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithEndpoint("http://"+l.Addr().String()), spanloom.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	require.NoError(t, err)
	emit(t)
	err = shutdown(t.Context())
	require.ErrorContains(t, err, "spanloom: traces: 1 span could not be delivered")
	assert.Equal(t, 2, strings.Count(err.Error(), want), err)
	assert.Equal(t, 1, strings.Count(log.String(), want), log.String())
}

// Over TLS both ends agree on HTTP/2, and gRPC answers in its own content type.
func TestHTTPToAPortOfGRPCOverTLS(t *testing.T) {
	cert, _ := pemFiles(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/grpc")
		w.WriteHeader(http.StatusUnsupportedMediaType)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", cert)
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithEndpoint(server.URL), spanloom.WithLogger(slog.New(slog.DiscardHandler)))
	require.NoError(t, err)
	emit(t)
	require.ErrorContains(t, shutdown(t.Context()), "looks like gRPC: set OTEL_EXPORTER_OTLP_PROTOCOL=grpc")
}

func TestListsOfExporters(t *testing.T) {
	url, paths := pathsOf(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
	t.Setenv("OTEL_TRACES_EXPORTER", "otlp,console")
	t.Setenv("OTEL_METRICS_EXPORTER", "console, otlp")
	r, w, err := os.Pipe()
	require.NoError(t, err)
	stdout := os.Stdout
	os.Stdout = w
	t.Cleanup(func() { os.Stdout = stdout })
	shutdown, err := spanloom.Init(t.Context())
	require.NoError(t, err)
	emit(t)
	printed := make(chan string)
	go func() {
		var all strings.Builder
		for lines := bufio.NewReader(r); ; {
			line, err := lines.ReadString('\n')
			all.WriteString(line)
			if err != nil {
				printed <- all.String()
				return
			}
		}
	}()
	require.NoError(t, shutdown(t.Context()))
	require.NoError(t, w.Close())
	got := <-printed
	assert.Contains(t, got, `"chat m"`)
	assert.Contains(t, got, "gen_ai.client.token.usage")
	assert.ElementsMatch(t, []string{"/v1/traces", "/v1/metrics"}, paths())
}

func TestMisspeltVariablesAreSaidOnce(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPONT", "http://127.0.0.1:1/secret")
	t.Setenv("SPANLOOM_CONTENT", "none")
	t.Setenv("OTEL_LOGS_EXPORTER", "none")
	var log bytes.Buffer
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithoutExport(), spanloom.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	require.NoError(t, err)
	require.NoError(t, shutdown(t.Context()))
	assert.Equal(t, 1, strings.Count(log.String(), "\n"), log.String())
	assert.Contains(t, log.String(), "OTEL_EXPORTER_OTLP_ENDPONT is not known: did you mean OTEL_EXPORTER_OTLP_ENDPOINT?")
	assert.NotContains(t, log.String(), "secret")
}

// A bad value takes nothing away but what it is for.
func TestOneBadVariableSilencesNothingElse(t *testing.T) {
	for name, value := range map[string]string{
		"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT":    "127.0.0.1:4318",
		"OTEL_EXPORTER_OTLP_METRICS_HEADERS":     "nothing",
		"OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE": "/nonexistent.pem",
		"OTEL_METRICS_EXPORTER":                  "statsd",
	} {
		t.Run(name, func(t *testing.T) {
			url, paths := pathsOf(t)
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
			t.Setenv(name, value)
			shutdown, err := spanloom.Init(t.Context())
			var signal *spanloom.SignalError
			require.ErrorAs(t, err, &signal)
			assert.Equal(t, "metrics", signal.Signal)
			require.ErrorContains(t, err, name)
			emit(t)
			require.NoError(t, shutdown(t.Context()))
			assert.Equal(t, []string{"/v1/traces"}, paths())
		})
	}
	url, paths := pathsOf(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
	for name, value := range map[string]string{
		"OTEL_SDK_DISABLED": "yes", "OTEL_PROPAGATORS": "smoke", "OTEL_RESOURCE_ATTRIBUTES": "nothing", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
		"OTEL_EXPORTER_OTLP_TIMEOUT": "-1", "OTEL_EXPORTER_OTLP_COMPRESSION": "zip", "OTEL_BSP_MAX_QUEUE_SIZE": "2000000000",
		"OTEL_BSP_SCHEDULE_DELAY": "5s", "OTEL_METRIC_EXPORT_INTERVAL": "0", "SPANLOOM_CONTENT": "maybe", "TRACELOOP_BATCH_EXPORT": "maybe",
	} {
		t.Setenv(name, value)
	}
	shutdown, err := spanloom.Init(t.Context())
	assert.Len(t, strings.Split(err.Error(), "\n"), 11, err)
	assert.ErrorContains(t, err, `OTEL_BSP_MAX_QUEUE_SIZE="2000000000": use a whole number from 1 to 1048576, which is used for any larger one`)
	func() {
		defer func() { assert.Nil(t, recover()) }()
		t.Setenv("SPANLOOM_CONTENT", "") // NewHandler says it once more
		emit(t)
	}()
	require.NoError(t, shutdown(t.Context()))
	assert.ElementsMatch(t, []string{"/v1/traces", "/v1/metrics"}, paths())
}

func TestShutdownWithoutContext(t *testing.T) {
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithoutExport())
	require.NoError(t, err)
	var none context.Context
	require.NoError(t, shutdown(none))
	shutdown, err = spanloom.Init(t.Context(), spanloom.WithoutExport())
	require.NoError(t, err)
	require.NoError(t, shutdown(t.Context()))
}
