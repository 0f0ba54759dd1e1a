// SPDX-License-Identifier: Apache-2.0

//go:build integration

// Package integration runs the examples as a user would, against real servers
// that `make integration` builds and starts.
package integration

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/integration/collector"
)

const question = "How do I keep prompts out of my traces?"

// build compiles the example once and returns the program.
func build(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "rag")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-C", "..", "-o", bin, "./examples/rag").CombinedOutput()
	require.NoError(t, err, string(out))
	return bin
}

func runRAG(t *testing.T, bin string, env ...string) (stdout, stderr string, took time.Duration) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), bin, "-metrics", "-q", question)
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Env = append(withoutOTel(os.Environ()), env...)
	start := time.Now()
	require.NoError(t, cmd.Run(), errs.String())
	return out.String(), errs.String(), time.Since(start)
}

func withoutOTel(env []string) []string {
	return slices.DeleteFunc(env, func(e string) bool {
		return strings.HasPrefix(e, "OTEL_") || strings.HasPrefix(e, "TRACELOOP_") || strings.HasPrefix(e, "SPANLOOM_")
	})
}

// treeLine is a line of the printed tree: branches, the span's name, its duration.
var treeLine = regexp.MustCompile(`(?m)^[│├└─ ]*([a-z_]+(?: [\w.-]+)?) +[█▏·]+ +[0-9.]+(?:ns|µs|ms|s)\b`)

func TestRAGArrivesInACollector(t *testing.T) {
	bin := build(t)
	for _, tc := range []struct{ protocol, endpoint string }{{"http/protobuf", "http"}, {"grpc", "grpc"}} {
		t.Run(tc.endpoint, func(t *testing.T) {
			c := collector.Start(t)
			endpoint := c.HTTPEndpoint()
			if tc.endpoint == "grpc" {
				endpoint = c.GRPCEndpoint()
			}
			stdout, stderr, _ := runRAG(t, bin, "OTEL_EXPORTER_OTLP_ENDPOINT="+endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL="+tc.protocol)
			assert.NotContains(t, stderr, "export failed")
			scraped := scrape(t, c.PrometheusURL())
			c.Stop()

			var printed, arrived []string
			for _, m := range treeLine.FindAllStringSubmatch(stdout, -1) {
				printed = append(printed, m[1])
			}
			spans := c.Spans()
			byID := map[string]collector.Span{}
			for _, s := range spans {
				arrived = append(arrived, s.Name)
				byID[s.SpanID] = s
			}
			require.NotEmpty(t, printed, stdout)
			assert.ElementsMatch(t, printed, arrived, "the backend has the spans that were printed")
			assert.Equal(t, wantParents, parents(spans, byID))
			for _, s := range spans {
				if parent, ok := byID[s.ParentID]; ok {
					assert.Equal(t, parent.TraceID, s.TraceID)
				}
				assert.Equal(t, "spanloom-rag", s.Resource["service.name"])
				assert.NotEqual(t, "Error", s.Status.Code)
			}
			sameMetrics(t, stdout, c.Metrics(), scraped)
		})
	}
}

// wantParents are the two trees as child and parent, each pair once.
var wantParents = []string{
	"add docs < invoke_workflow ingest",
	"chat offline-extractive < execute_task LLMChain",
	"embeddings offline-hash-384 < add docs",
	"embeddings offline-hash-384 < search docs",
	"execute_task LLMChain < execute_task StuffDocuments",
	"execute_task RetrievalQA < invoke_workflow rag",
	"execute_task StuffDocuments < execute_task RetrievalQA",
	"execute_task load < invoke_workflow ingest",
	"invoke_workflow ingest < ",
	"invoke_workflow rag < ",
	"list docs < invoke_workflow ingest",
	"retrieval docs < execute_task RetrievalQA",
	"search docs < retrieval docs",
}

func parents(spans []collector.Span, byID map[string]collector.Span) []string {
	var out []string
	for _, s := range spans {
		out = append(out, s.Name+" < "+byID[s.ParentID].Name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// sameMetrics compares the printed table with what arrived: the count of every
// histogram, and the sum of the tokens, in the Collector's file and in what it
// serves to Prometheus.
func sameMetrics(t *testing.T, stdout string, arrived []collector.Metric, scraped map[string]float64) {
	t.Helper()
	printed := map[string]uint64{}
	tokens := 0.0
	_, table, ok := strings.Cut(stdout, "METRIC")
	require.True(t, ok)
	for line := range strings.Lines(table) {
		columns := regexp.MustCompile(`\s{2,}`).Split(strings.TrimSpace(line), -1)
		if len(columns) < 5 || !strings.Contains(columns[0], ".") {
			continue
		}
		n, err := strconv.ParseUint(columns[2], 10, 64)
		require.NoError(t, err, line)
		printed[columns[0]] += n
		if columns[0] == "gen_ai.client.token.usage" {
			sum, err := strconv.ParseFloat(columns[3], 64)
			require.NoError(t, err, line)
			tokens += sum
		}
	}
	got := map[string]uint64{}
	gotTokens := 0.0
	// Metrics are cumulative: an export contains the ones before it.
	last := map[string]collector.Metric{}
	for _, m := range arrived {
		last[m.Name] = m
	}
	for name, m := range last {
		for _, p := range m.Points {
			got[name] += p.Count
			if name == "gen_ai.client.token.usage" {
				gotTokens += p.Sum
				assert.Len(t, p.Bounds, 14, "the convention's boundaries")
			}
		}
	}
	require.NotEmpty(t, printed, stdout)
	assert.Equal(t, printed, got)
	assert.InDelta(t, tokens, gotTokens, 0.5)
	for name, n := range printed {
		name = strings.ReplaceAll(name, ".", "_")
		if strings.HasSuffix(name, "duration") {
			name += "_seconds"
		}
		assert.InDelta(t, float64(n), scraped[name+"_count"], 0, "%s at Prometheus' endpoint", name)
	}
	assert.InDelta(t, tokens, scraped["gen_ai_client_token_usage_sum"], 0.5)
}

var sample = regexp.MustCompile(`(?m)^(\w+)\{.*\} ([0-9.e+-]+)$`)

// scrape adds up the samples of each name, as Prometheus would read them.
func scrape(t *testing.T, url string) map[string]float64 {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	page, err := io.ReadAll(res.Body)
	require.NoError(t, errors.Join(err, res.Body.Close()))
	sums := map[string]float64{}
	for _, m := range sample.FindAllStringSubmatch(string(page), -1) {
		v, err := strconv.ParseFloat(m[2], 64)
		require.NoError(t, err, m[0])
		sums[m[1]] += v
	}
	return sums
}

// With nothing listening the program answers in the same time, says once that
// export failed, and exits 0.
func TestRAGWithNothingListening(t *testing.T) {
	bin := build(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	dead := "http://" + l.Addr().String()
	require.NoError(t, l.Close())

	// The machine is noisy: the best of several runs, taken in turns.
	const rounds = 7
	plain, unreachable := time.Hour, time.Hour
	for range rounds {
		_, _, took := runRAG(t, bin)
		plain = min(plain, took)
		stdout, stderr, took := runRAG(t, bin, "OTEL_EXPORTER_OTLP_ENDPOINT="+dead)
		unreachable = min(unreachable, took)
		assert.Contains(t, stdout, "records no content unless you ask for it")
		assert.Equal(t, 1, strings.Count(stderr, "export failed"), stderr)
	}
	t.Logf("best of %d: %v without export, %v with nothing listening, ratio %.2f", rounds, plain, unreachable, float64(unreachable)/float64(plain))
	assert.Less(t, unreachable, 2*plain+100*time.Millisecond)
}
