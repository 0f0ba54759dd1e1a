// SPDX-License-Identifier: Apache-2.0

//go:build integration

package integration

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/integration/collector"
)

// service starts one of examples/services and returns its address and how to end
// it, which flushes its spans.
func service(t *testing.T, bin, endpoint string, env []string, args ...string) (address string, stop func()) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), bin, append(args, "-listen", "127.0.0.1:0")...)
	cmd.Env = append(withoutOTel(os.Environ()), append(env, "OTEL_EXPORTER_OTLP_ENDPOINT="+endpoint)...)
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(stderr).ReadString('\n')
	require.NoError(t, err)
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "listening at ")
	require.True(t, ok, line)
	return address, func() {
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		require.NoError(t, cmd.Wait())
	}
}

func buildServices(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "services")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-C", "../examples/services", "-o", bin, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	return bin
}

// Two processes, one trace: the gateway's request and everything that the other
// service did for it.
func TestTwoProcessesMakeOneTrace(t *testing.T) {
	bin := buildServices(t)
	c := collector.Start(t)
	rag, stopRAG := service(t, bin, c.HTTPEndpoint(), nil, "rag")
	gateway, stopGateway := service(t, bin, c.HTTPEndpoint(), nil, "gateway", "-rag", rag)

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, gateway+"/ask?q=How+do+I+keep+prompts+out+of+my+traces", nil)
	require.NoError(t, err)
	req.Header.Set("X-Session", "s1")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusOK, res.StatusCode, string(body))
	stopGateway()
	stopRAG()
	c.Stop()

	byID, traceID := map[string]collector.Span{}, ""
	for _, s := range c.Spans() {
		byID[s.SpanID] = s
		if s.Name == "invoke_workflow answer" {
			traceID = s.TraceID
		}
	}
	services, roots, chats := map[any]int{}, 0, 0
	for _, s := range byID {
		if s.TraceID != traceID {
			continue // the RAG service's own ingest
		}
		services[s.Resource["service.name"]]++
		if _, ok := byID[s.ParentID]; !ok {
			roots++
		}
		if strings.HasPrefix(s.Name, "chat ") {
			chats++
			assert.Equal(t, "s1", s.Attributes["session.id"], "the session crossed over in baggage")
		}
	}
	assert.Equal(t, map[any]int{"gateway": 3, "rag": 8}, services)
	assert.Equal(t, 1, roots, "one tree")
	assert.Equal(t, 1, chats)
}
