// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom"
)

// A web server that takes everything and answers nonsense is no backend: what it
// took is lost, which is counted and said once.
func TestInitWithAGarbageBackend(t *testing.T) {
	for _, contentType := range []string{"text/html", "application/x-protobuf", ""} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			_, _ = w.Write(bytes.Repeat([]byte("\xff<html>what?"), 1000))
		}))
		t.Cleanup(server.Close)
		var log bytes.Buffer
		shutdown, err := spanloom.Init(t.Context(), spanloom.WithEndpoint(server.URL), spanloom.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		require.NoError(t, err)
		start := time.Now()
		for range 10 {
			emit(t)
		}
		assert.Less(t, time.Since(start), time.Second)
		err = shutdown(t.Context())
		require.ErrorContains(t, err, "traces: 10 spans could not be delivered", contentType)
		require.ErrorContains(t, err, "metrics: 1 export of metrics could not be delivered", contentType)
		assert.Equal(t, 1, strings.Count(log.String(), "\n"), "said once: %s", log.String())
		assert.NotContains(t, log.String(), "<html>what?<html>")
	}
}

// What backends answer is empty, of any type, or OTLP in either encoding.
func TestAnswersThatAreOTLP(t *testing.T) {
	for _, tc := range []struct{ contentType, body string }{
		{"", ""},
		{"text/plain; charset=utf-8", ""},
		{"application/x-protobuf", ""},
		{"application/json", "{}"},
		{"application/json; charset=utf-8", `{"partialSuccess":{}}`},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if tc.contentType != "" {
				w.Header().Set("Content-Type", tc.contentType)
			}
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush() // the length is not known before
			_, _ = w.Write([]byte(tc.body))
		}))
		t.Cleanup(server.Close)
		shutdown, err := spanloom.Init(t.Context(), spanloom.WithEndpoint(server.URL))
		require.NoError(t, err)
		emit(t)
		assert.NoError(t, shutdown(t.Context()), tc)
	}
}

// A backend that answers differently to both signals: neither hides the other.
func TestEachSignalHasItsReason(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/v1/traces") {
			http.Error(w, "bad traces key", http.StatusUnauthorized)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(server.Close)
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithEndpoint(server.URL), spanloom.WithLogger(slog.New(slog.DiscardHandler)))
	require.NoError(t, err)
	emit(t)
	err = shutdown(t.Context())
	require.ErrorContains(t, err, "traces: 1 span could not be delivered")
	require.ErrorContains(t, err, "bad traces key")
	require.ErrorContains(t, err, "metrics: 1 export of metrics could not be delivered")
	require.ErrorContains(t, err, "404")
	var one *spanloom.SignalError
	require.ErrorAs(t, err, &one)
	assert.Equal(t, "traces", one.Signal)
}

// The certificates of the variables hold, with the client that looks at answers.
func TestTLSOfTheVariables(t *testing.T) {
	cert, key := pemFiles(t)
	var peers, spans atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		peers.Add(int32(len(r.TLS.PeerCertificates)))
		spans.Add(1)
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	run := func() error {
		shutdown, err := spanloom.Init(t.Context(), spanloom.WithLogger(slog.New(slog.DiscardHandler)))
		require.NoError(t, err)
		emit(t)
		return shutdown(t.Context())
	}
	require.ErrorContains(t, run(), "certificate", "the system's authorities do not know it")
	t.Setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", cert)
	require.Error(t, run(), "it asks who we are")
	t.Setenv("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", cert)
	t.Setenv("OTEL_EXPORTER_OTLP_CLIENT_KEY", key)
	require.NoError(t, run())
	assert.Equal(t, int32(2), peers.Load())
	assert.Equal(t, int32(2), spans.Load())

	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	shutdown, err := spanloom.Init(t.Context())
	require.NoError(t, shutdown(t.Context()))
	require.ErrorContains(t, err, "OTEL_EXPORTER_OTLP_CERTIFICATE")
	require.ErrorContains(t, err, "use https")
}
