// SPDX-License-Identifier: Apache-2.0

package traceview_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/traceview"
)

func get(t *testing.T, h http.Handler, target string) *httptest.ResponseRecorder {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/debug/llm/", h)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/debug/llm/"+target, nil))
	return w
}

func TestHandlerListsTraces(t *testing.T) {
	r, tp := recording()
	h := traceview.Handler(r)
	assert.JSONEq(t, "[]", get(t, h, "?list").Body.String())
	one(tp, "first", time.Second, false)
	second := one(tp, "second", 2*time.Second, true,
		attribute.String("gen_ai.operation.name", "chat"), attribute.String("gen_ai.request.model", "m"), attribute.Int("gen_ai.usage.input_tokens", 7),
		attribute.String("traceloop.workflow.name", "w"), attribute.String("session.id", "s"), attribute.String("traceloop.entity.input", "<b>q</b>"))
	var entries []struct {
		ID, Name, Workflow, Session, Text string
		Errors                            int
		Duration                          float64
		Models                            []string
		Usage                             struct {
			Input int64 `json:"input_tokens"`
		}
	}
	require.NoError(t, json.Unmarshal(get(t, h, "?list").Body.Bytes(), &entries))
	require.Len(t, entries, 2)
	e := entries[0]
	if e.Name != "second" {
		e = entries[1]
	}
	assert.Equal(t, second.String(), e.ID)
	assert.Equal(t, []any{"w", "s", "<b>q</b>", 1, 2e6, []string{"m"}, int64(7)}, []any{e.Workflow, e.Session, e.Text, e.Errors, e.Duration, e.Models, e.Usage.Input})
	assert.Contains(t, get(t, h, "?usage").Body.String(), `"input_tokens":7`)
}

// The page adds up what it has counted per trace.
func TestHandlerSums(t *testing.T) {
	r, tp := recording()
	for i := range 60 {
		request(tp, 4, "x")
		one(tp, "chat", time.Duration(i)*time.Millisecond, i%3 == 0,
			attribute.String("gen_ai.operation.name", "chat"), attribute.String("gen_ai.request.model", "n"),
			attribute.Int("gen_ai.usage.input_tokens", i))
	}
	want, err := json.Marshal(traceview.Sum(r.Spans()))
	require.NoError(t, err)
	for range 2 {
		assert.JSONEq(t, string(want), get(t, traceview.Handler(r), "?usage").Body.String())
	}
}

// A web page whose name resolves to 127.0.0.1 must not read the traces.
func TestHandlerRefusesForeignNames(t *testing.T) {
	r, tp := recording()
	one(tp, "secret", time.Second, false)
	server := httptest.NewServer(traceview.Handler(r))
	defer server.Close()
	for host, want := range map[string]int{
		"": http.StatusOK, "localhost": http.StatusOK, "LOCALHOST:8080": http.StatusOK, "app.localhost": http.StatusOK, "[::1]:1": http.StatusOK, "127.0.0.2": http.StatusOK,
		"evil.example": http.StatusForbidden, "localhost.evil.example:80": http.StatusForbidden, "192.0.2.1": http.StatusForbidden, "evillocalhost": http.StatusForbidden,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/?list", nil)
		require.NoError(t, err)
		req.Host = host
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, errors.Join(err, res.Body.Close()))
		assert.Equal(t, want, res.StatusCode, host)
		assert.Equal(t, want == http.StatusOK, strings.Contains(string(body), "secret"), host)
	}
	remote := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)}
	req := httptest.NewRequestWithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, remote), http.MethodGet, "http://shop.example/?list", nil)
	w := httptest.NewRecorder()
	traceview.Handler(r).ServeHTTP(w, req)
	assert.Equal(t, http.StatusOK, w.Code, "a server on the network has names of its own")
}

func TestHandlerPages(t *testing.T) {
	r, tp := recording()
	h := traceview.Handler(r)
	id := one(tp, "<script>alert(1)</script>", time.Second, false)
	index := get(t, h, "")
	assert.Equal(t, http.StatusOK, index.Code)
	assert.Contains(t, index.Body.String(), "<h1>LLM traces</h1>")
	page := get(t, h, "?trace="+id.String())
	assert.Equal(t, http.StatusOK, page.Code)
	assert.NotContains(t, page.Body.String(), "alert(1)</script>")
	for _, w := range []*httptest.ResponseRecorder{index, page} {
		assert.Contains(t, w.Body.String(), "default-src &#39;none&#39;")
		assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		assert.Equal(t, "DENY", w.Header().Get("X-Frame-Options"))
		assert.Equal(t, "same-origin", w.Header().Get("Cross-Origin-Resource-Policy"))
	}
	for _, unknown := range []string{"?trace=", "?trace=<script>", "?trace=0af7651916cd43dd8448eb211c80319c"} {
		w := get(t, h, unknown)
		assert.Equal(t, http.StatusNotFound, w.Code)
		assert.Contains(t, w.Header().Get("Content-Type"), "text/plain")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil))
	assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
}
