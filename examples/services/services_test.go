// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/spantree"
)

// Both services in one process, over real HTTP; make integration starts two.
func TestTwoServicesMakeOneTrace(t *testing.T) {
	spans := &spantree.Recorder{}
	shutdown, err := spanloom.Init(t.Context(), spanloom.WithoutExport(), spanloom.WithSpanProcessor(spans))
	require.NoError(t, err)
	defer func() { assert.NoError(t, shutdown(t.Context())) }()
	h, err := callbacks.NewHandler()
	require.NoError(t, err)
	rag, err := newRAG(t.Context(), h)
	require.NoError(t, err)
	spans.Reset()
	inner := httptest.NewServer(rag)
	t.Cleanup(inner.Close)
	outer := httptest.NewServer(newGateway(h, inner.URL))
	t.Cleanup(outer.Close)

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, outer.URL+"/ask?q=How+do+I+keep+prompts+out+of+my+traces", nil)
	require.NoError(t, err)
	req.Header.Set("X-Session", "s1")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, http.StatusOK, res.StatusCode)
	assert.Contains(t, string(body), "records no content unless you ask for it")
	// The servers' spans end after the answer is out.
	outer.Close()
	inner.Close()

	traces := map[trace.TraceID]bool{}
	for _, s := range spans.Spans() {
		traces[s.SpanContext().TraceID()] = true
		if s.Name() == "chat offline-extractive" {
			assert.Equal(t, "s1", oteltest.Value(s, semconv.SessionID), "the session crossed over")
		}
	}
	assert.Len(t, traces, 1)
	assert.Equal(t, `GET /ask
└─ invoke_workflow answer
   └─ HTTP POST
      └─ POST /ask
         └─ invoke_workflow RetrievalQA
            ├─ retrieval docs
            │  └─ search docs
            │     └─ embeddings offline-hash-384
            └─ execute_task StuffDocuments
               └─ execute_task LLMChain
                  └─ chat offline-extractive
`, spantree.Render(spans.Spans(), spantree.Options{}))
}

// What is wrong in the environment is logged, and the service starts.
func TestBadEnvironment(t *testing.T) {
	t.Setenv("OTEL_BSP_MAX_QUEUE_SIZE", "many")
	t.Setenv("SPANLOOM_CONTENT", "mask")
	t.Setenv("OTEL_TRACES_EXPORTER", "none")
	t.Setenv("OTEL_METRICS_EXPORTER", "none")
	var stderr, logged bytes.Buffer
	log.SetOutput(&logged)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	for _, service := range []string{"rag", "gateway"} {
		logged.Reset()
		err := run(t.Context(), []string{service, "-listen", "nowhere:x"}, &stderr)
		assert.Contains(t, logged.String(), "OTEL_BSP_MAX_QUEUE_SIZE", service)
		assert.ErrorContains(t, err, "-listen", "it ends for another reason")
	}
}

func TestWrongCalls(t *testing.T) {
	var stderr bytes.Buffer
	for _, args := range [][]string{nil, {"cache"}, {"rag", "-x"}, {"gateway", "-listen", "nowhere:x"}} {
		require.Error(t, run(t.Context(), args, &stderr), args)
	}
}
