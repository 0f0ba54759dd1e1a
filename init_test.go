// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"bytes"
	"context"
	"fmt"
	stdlog "log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/testenv"
	"github.com/spanloom/spanloom/metrics"
)

// emit makes one chat span with tokens through the global providers.
func emit(t *testing.T) {
	t.Helper()
	h, err := callbacks.NewHandler()
	require.NoError(t, err)
	_, span := h.Start(t.Context(), callbacks.KindChat, "m")
	span.SetUsage(metrics.Usage{Input: 1, Output: 1})
	span.End(nil)
}

// A backend that is down or refuses costs the program no time and is said once.
func TestInitWithADeadBackend(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	dead := "http://" + l.Addr().String()
	require.NoError(t, l.Close())
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	t.Cleanup(refusing.Close)

	for name, url := range map[string]string{"dead": dead, "refusing": refusing.URL} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			shutdown, err := spanloom.Init(t.Context(), spanloom.WithEndpoint(url), spanloom.WithoutBatching(),
				spanloom.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
			require.NoError(t, err)
			for range 3 {
				emit(t)
			}
			err = shutdown(t.Context())
			assert.ErrorContains(t, err, "spanloom: traces: 3 spans could not be delivered, the last one because: ")
			assert.ErrorContains(t, err, "spanloom: metrics: 1 export of metrics could not be delivered, the last one because: ")
			assert.Equal(t, 1, strings.Count(log.String(), "export failed"), log.String())
		})
	}
}

// A backend that accepts and never answers: calls are not held up, shutdown ends
// with its context, and what was on its way is counted.
func TestInitWithAHangingBackend(t *testing.T) {
	release, arrived := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/v1/traces") {
			close(arrived)
		}
		<-release
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	var log testenv.Log
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithEndpoint(server.URL), spanloom.WithBatching(spanloom.Batching{BatchSize: 100}),
		spanloom.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	require.NoError(t, err)
	for range 103 {
		emit(t)
	}
	<-arrived
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	err = shutdown(ctx)
	assert.ErrorContains(t, err, "spanloom: traces: 100 spans could not be delivered, the last one because: the backend did not answer")
	assert.ErrorContains(t, err, "spanloom: traces: 3 spans were dropped")
	assert.ErrorContains(t, err, "spanloom: metrics: 1 export of metrics could not be delivered, the last one because: ")
}

func TestInitErrors(t *testing.T) {
	for _, tc := range []struct {
		env  map[string]string
		opts []spanloom.Option
		want []string
	}{
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"}, nil, []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", "http"}},
		{map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}, nil, []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "http/protobuf or grpc"}},
		{map[string]string{"OTEL_TRACES_EXPORTER": "zipkin"}, nil, []string{"OTEL_TRACES_EXPORTER", "zipkin", "otlp, console or both, or none"}},
		{map[string]string{"OTEL_METRICS_EXPORTER": "statsd"}, nil, []string{"OTEL_METRICS_EXPORTER", "statsd", "prometheus"}},
		{map[string]string{"OTEL_SDK_DISABLED": "yes"}, nil, []string{"OTEL_SDK_DISABLED", "yes", "true or false"}},
		{map[string]string{"OTEL_BSP_MAX_QUEUE_SIZE": "many"}, nil, []string{"OTEL_BSP_MAX_QUEUE_SIZE", "many", "a whole number"}},
		{map[string]string{"OTEL_TRACES_SAMPLER": "some"}, nil, []string{"OTEL_TRACES_SAMPLER", "some", "traceidratio"}},
		{map[string]string{"OTEL_PROPAGATORS": "smoke"}, nil, []string{"OTEL_PROPAGATORS", "smoke", "tracecontext"}},
		{map[string]string{"OTEL_EXPORTER_OTLP_COMPRESSION": "zip"}, nil, []string{"OTEL_EXPORTER_OTLP_COMPRESSION", "zip", "gzip or none"}},
		{map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "nothing"}, nil, []string{"OTEL_RESOURCE_ATTRIBUTES", "nothing", "name=value"}},
		{map[string]string{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "sometimes"}, nil, []string{"TEMPORALITY_PREFERENCE", "sometimes", "delta"}},
		{map[string]string{"TRACELOOP_BATCH_EXPORT": "maybe"}, nil, []string{"TRACELOOP_BATCH_EXPORT", "maybe", "true or false"}},
		{map[string]string{"TRACELOOP_TRACE_CONTENT": "maybe"}, nil, []string{"TRACELOOP_TRACE_CONTENT", "maybe", "true or false"}},
		{map[string]string{"TRACELOOP_TELEMETRY": "maybe"}, nil, []string{"TRACELOOP_TELEMETRY", "maybe", "true or false"}},
		{map[string]string{"TRACELOOP_BASE_URL": "api.traceloop.com"}, nil, []string{"TRACELOOP_BASE_URL", "api.traceloop.com", "grpc"}},
		{nil, []spanloom.Option{spanloom.WithBatching(spanloom.Batching{QueueSize: -1})}, []string{"WithBatching", "QueueSize:-1"}},
		{nil, []spanloom.Option{spanloom.WithBatching(spanloom.Batching{QueueSize: 1, BatchSize: 2})}, []string{"WithBatching", "2 spans", "queue of 1"}},
		{nil, []spanloom.Option{spanloom.WithMetricInterval(0)}, []string{"WithMetricInterval(0s)", "above 0"}},
		{nil, []spanloom.Option{spanloom.WithoutGlobals(nil)}, []string{"WithoutGlobals(nil)"}},
		{nil, []spanloom.Option{spanloom.WithEndpoint("ftp://x")}, []string{"WithEndpoint", "ftp://x", "http"}},
	} {
		t.Run(strings.Join(tc.want, " "), func(t *testing.T) {
			for k, v := range tc.env {
				t.Setenv(k, v)
			}
			before := otel.GetTracerProvider()
			shutdown, err := spanloom.Init(t.Context(), append(tc.opts, spanloom.WithLogger(slog.New(slog.DiscardHandler)))...)
			for _, w := range tc.want {
				assert.ErrorContains(t, err, w)
			}
			require.NotNil(t, shutdown)
			_ = shutdown(t.Context()) // nobody listens
			if tc.env == nil && tc.want[0] != "WithEndpoint" {
				assert.Equal(t, before, otel.GetTracerProvider(), "with a wrong option nothing was set")
			} else {
				assert.NotEqual(t, before, otel.GetTracerProvider(), "all else works")
			}
		})
	}
}

// A secret in a bad value must not get into a log by way of the error.
func TestErrorsKeepSecrets(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "Authorization Bearer sk-very-secret")
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://bob:secret@h.test/x")
	t.Setenv("OTEL_TRACES_SAMPLER", "some")
	var log testenv.Log
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { fmt.Fprintln(&log, err) }))
	stdlog.SetOutput(&log)
	t.Cleanup(func() { stdlog.SetOutput(os.Stderr) })
	shutdown, err := spanloom.Init(t.Context())
	require.NoError(t, shutdown(t.Context()))
	assert.NotContains(t, log.String(), "secret", "nor do the exporters print it")
	require.ErrorContains(t, err, "OTEL_EXPORTER_OTLP_HEADERS")
	require.ErrorContains(t, err, `OTEL_EXPORTER_OTLP_ENDPOINT="ftp://…@h.test/x"`)
	require.ErrorContains(t, err, "OTEL_TRACES_SAMPLER", "all that is wrong is said at once")
	assert.NotContains(t, err.Error(), "secret")
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "")
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "")
	t.Setenv("OTEL_TRACES_SAMPLER", "")
	shutdown, err = spanloom.Init(t.Context(), spanloom.WithEndpoint("ftp://bob:secret@h.test/x?secret"))
	require.NoError(t, shutdown(t.Context()))
	require.ErrorContains(t, err, "WithEndpoint")
	assert.NotContains(t, err.Error(), "secret")
}

func TestSecondInitIsAnError(t *testing.T) {
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithoutExport())
	require.NoError(t, err)
	second, err := spanloom.Init(t.Context(), spanloom.WithoutExport())
	require.ErrorIs(t, err, spanloom.ErrInitialized)
	require.NoError(t, second(t.Context()))
	require.NoError(t, shutdown(t.Context()))
	third, err := spanloom.Init(t.Context(), spanloom.WithoutExport())
	require.NoError(t, err, "after shutdown a new set-up may begin")
	require.NoError(t, third(t.Context()))
}

func TestDisabledAndConsole(t *testing.T) {
	t.Run("disabled", func(t *testing.T) {
		t.Setenv("OTEL_SDK_DISABLED", "true")
		before := otel.GetTracerProvider()
		shutdown, err := spanloom.Init(t.Context())
		require.NoError(t, err)
		assert.Equal(t, before, otel.GetTracerProvider())
		require.NoError(t, shutdown(t.Context()))
	})
	t.Run("console", func(t *testing.T) {
		var out bytes.Buffer
		shutdown, err := spanloom.Init(t.Context(), spanloom.WithoutExport(), spanloom.WithConsole(&out))
		require.NoError(t, err)
		emit(t)
		require.NoError(t, shutdown(t.Context()))
		assert.Contains(t, out.String(), `"chat m"`)
		assert.Contains(t, out.String(), "gen_ai.client.token.usage")
	})
}
