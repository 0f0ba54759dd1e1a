// SPDX-License-Identifier: Apache-2.0

// Package backend takes what the examples export, for their tests: an OTLP
// receiver on loopback that keeps the bytes, and exporters that keep the values.
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
)

// Backend keeps what it gets. It is safe for concurrent use.
type Backend struct {
	// URL is for OTEL_EXPORTER_OTLP_ENDPOINT.
	URL string

	mu    sync.Mutex
	wire  bytes.Buffer
	paths []string
}

// Start starts one, and stops it when the test ends.
func Start(t *testing.T) *Backend {
	b := &Backend{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.paths = append(b.paths, r.URL.Path)
		b.wire.WriteString(r.URL.String())
		for name, values := range r.Header {
			b.wire.WriteString(name + strings.Join(values, ","))
		}
		b.wire.Write(body)
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

// Paths returns those of the requests.
func (b *Backend) Paths() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.paths
}
