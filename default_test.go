// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom"
)

// Without any variable, telemetry goes to a backend on this machine, which
// speaks plain HTTP. Go's exporters would try TLS.
func TestDefaultIsPlainHTTPOnThisMachine(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:4318")
	if err != nil {
		t.Skipf("somebody listens at the default port: %v", err)
	}
	var mu sync.Mutex // each signal has its connection
	var paths []string
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		paths = append(paths, r.URL.Path)
	})}}
	s.Start()
	shutdown, err := spanloom.Init(t.Context())
	require.NoError(t, err)
	emit(t)
	require.NoError(t, shutdown(t.Context()))
	s.Close()
	assert.ElementsMatch(t, []string{"/v1/traces", "/v1/metrics"}, paths)
}
