// SPDX-License-Identifier: Apache-2.0

//go:build integration && backends

package backends

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/spanloom/spanloom/integration/internal/process"
)

// start starts a backend that install.sh has installed, and stops it with the test. Where
// it was not installed, the test is skipped with install.sh's reason.
func start(t *testing.T, name, ready string, env []string, args ...string) {
	t.Helper()
	dir, err := process.Tools()
	require.NoError(t, err)
	dir = filepath.Join(dir, "backends")
	if reason, err := os.ReadFile(filepath.Join(dir, name+".skipped")); err == nil {
		t.Skipf("no %s: %s", name, bytes.TrimSpace(reason))
	}
	if _, err := os.Stat(filepath.Join(dir, name+".stamp")); err != nil {
		t.Skipf(`%s was not installed; "make backends" does it`, name)
	}
	bin := filepath.Join(dir, name, "bin")
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, name), args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(withoutTelemetry(os.Environ()), "PATH="+bin+":"+os.Getenv("PATH"))
	cmd.Env = append(cmd.Env, env...)
	// MLflow's command leaves its server running: the group is ended.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	server, err := process.Start(cmd, 20*time.Second)
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = server.Stop() // its exit status says nothing
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		if t.Failed() {
			t.Log(server.Output.String())
		}
	})
	require.NoError(t, server.WaitFor(ready, 2*time.Minute), server.Output.String())
}

func withoutTelemetry(env []string) (kept []string) {
	for _, e := range env {
		if !strings.HasPrefix(e, "OTEL_") && !strings.HasPrefix(e, "TRACELOOP_") && !strings.HasPrefix(e, "SPANLOOM_") {
			kept = append(kept, e)
		}
	}
	return kept
}

// tee passes requests on to a backend, and keeps the spans in them.
type tee struct {
	url string

	requests sync.WaitGroup
	mu       sync.Mutex
	spans    map[string]*tracepb.Span // by their ids in hexadecimal
}

func newTee(t *testing.T, backend string) *tee {
	target, err := url.Parse(backend)
	require.NoError(t, err)
	sent := &tee{spans: map[string]*tracepb.Span{}}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		var request collectortrace.ExportTraceServiceRequest
		assert.NoError(t, proto.Unmarshal(body, &request))
		sent.keep(&request)
		// A program that ends does not wait for a backend that is slow with its first trace.
		sent.requests.Add(1)
		defer sent.requests.Done()
		r = r.WithContext(context.WithoutCancel(r.Context()))
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(withoutCloseNotifier{w}, r)
	}))
	t.Cleanup(server.Close)
	sent.url = server.URL
	return sent
}

// withoutCloseNotifier hides from the proxy that the program has gone.
type withoutCloseNotifier struct{ http.ResponseWriter }

func (s *tee) keep(request *collectortrace.ExportTraceServiceRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, resource := range request.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				s.spans[hex.EncodeToString(span.GetSpanId())] = span
			}
		}
	}
}

// runExamples sends what the examples record, with all content, and what a failing run
// records.
func (s *tee) runExamples(t *testing.T, headers string) {
	t.Helper()
	bin := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "go", "build", "-C", "../..", "-o", bin,
		"./examples/rag", "./examples/docanalysis", "./examples/gettingstarted/wrapped").CombinedOutput()
	require.NoError(t, err, string(out))
	for _, tc := range []struct {
		program string
		args    []string
		exit    int
	}{
		{"rag", []string{"-docs", "../../examples/rag/testdata/docs", "-price", "0.15,0.60", "-q", "How long do I have to return a lamp?"}, 0},
		{"docanalysis", []string{"-docs", "../../examples/docanalysis/testdata/long", "-price", "0.15,0.60"}, 0},
		{"docanalysis", []string{"-docs", "../../examples/docanalysis/testdata/long", "-fail", "1", "-attempts", "1"}, 1},
		{"wrapped", nil, 0},
	} {
		cmd := exec.CommandContext(t.Context(), filepath.Join(bin, tc.program), tc.args...)
		cmd.Env = append(withoutTelemetry(os.Environ()), "OTEL_EXPORTER_OTLP_ENDPOINT="+s.url, "OTEL_EXPORTER_OTLP_HEADERS="+headers,
			"OTEL_METRICS_EXPORTER=none", "SPANLOOM_CONTENT=verbatim")
		out, err := cmd.CombinedOutput()
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			require.Equal(t, tc.exit, exit.ExitCode(), string(out))
		} else {
			require.NoError(t, err)
		}
		assert.NotContains(t, string(out), "export failed", tc.program)
	}
	s.requests.Wait()
	for _, operation := range []string{"invoke_workflow", "execute_task", "invoke_agent", "chat", "execute_tool", "retrieval", "search", "add", "embeddings"} {
		assert.True(t, s.has(operation), "the examples have no %s", operation)
	}
}

func (s *tee) has(operation string) bool {
	for _, span := range s.spans {
		if operationOf(span) == operation {
			return true
		}
	}
	return false
}

func operationOf(s *tracepb.Span) string {
	operation, _, _ := strings.Cut(s.GetName(), " ")
	return operation
}

// value is nil where the span has no such attribute.
func value(s *tracepb.Span, key string) any {
	for _, kv := range s.GetAttributes() {
		if kv.GetKey() == key {
			return plain(kv.GetValue())
		}
	}
	return nil
}

func stringOf(s *tracepb.Span, key string) string {
	text, _ := value(s, key).(string)
	return text
}

// plain returns a value as encoding/json would decode it.
func plain(v *common.AnyValue) any {
	switch v := v.GetValue().(type) {
	case *common.AnyValue_StringValue:
		return v.StringValue
	case *common.AnyValue_IntValue:
		return float64(v.IntValue)
	case *common.AnyValue_DoubleValue:
		return v.DoubleValue
	case *common.AnyValue_BoolValue:
		return v.BoolValue
	case *common.AnyValue_ArrayValue:
		list := []any{}
		for _, element := range v.ArrayValue.GetValues() {
			list = append(list, plain(element))
		}
		return list
	case *common.AnyValue_KvlistValue:
		fields := map[string]any{}
		for _, kv := range v.KvlistValue.GetValues() {
			fields[kv.GetKey()] = plain(kv.GetValue())
		}
		return fields
	}
	return nil
}

// decoded is text as JSON, or text itself where it is none.
func decoded(text string) any {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return text
	}
	return v
}

// inputOf and outputOf are the content that was sent, nil for none.
func inputOf(s *tracepb.Span) any {
	return decodedOrNil(cmp.Or(stringOf(s, "gen_ai.input.messages"), stringOf(s, "gen_ai.tool.call.arguments"),
		stringOf(s, "gen_ai.retrieval.query.text"), stringOf(s, "traceloop.entity.input")))
}

func outputOf(s *tracepb.Span) any {
	return decodedOrNil(cmp.Or(stringOf(s, "gen_ai.output.messages"), stringOf(s, "gen_ai.tool.call.result"), stringOf(s, "traceloop.entity.output")))
}

func decodedOrNil(text string) any {
	if text == "" {
		return nil
	}
	return decoded(text)
}

// askJSON decodes the answer of a backend's API.
func askJSON(t *testing.T, method, url string, body, answer any) {
	t.Helper()
	encoded, err := json.Marshal(body)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(encoded))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(t, errors.Join(err, response.Body.Close()))
	require.Equal(t, http.StatusOK, response.StatusCode, string(text))
	require.NoError(t, json.Unmarshal(text, answer), string(text))
}
