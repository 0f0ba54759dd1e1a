// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/examples/cli"
	"github.com/spanloom/spanloom/examples/internal/backend"
	"github.com/spanloom/spanloom/examples/offline"
	"github.com/spanloom/spanloom/internal/oteltest"
)

const testDocs = "../rag/testdata/docs"

func newApp(out, errs io.Writer) *app {
	return &app{stdout: out, stderr: errs, getenv: func(string) string { return "" }, wait: time.Second}
}

func runApp(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	a := newApp(&out, &errs)
	a.latency = 30 * time.Millisecond
	a.wait = 100 // nanoseconds, since the wait before a retry is random
	code = a.main(t.Context(), args)
	return code, out.String(), errs.String()
}

func write(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

// One document at a time, so that the order of the trees is that of the files.
func TestGolden(t *testing.T) {
	t.Setenv("COLUMNS", "")
	for name, args := range map[string][]string{
		"docanalysis": {"-docs", testDocs, "-c", "1", "-trees", "-price", "0.15,0.60"},
		"long":        {"-docs", "testdata/long", "-c", "1", "-chunk", "600", "-high", "*.txt"},
		"failing":     {"-docs", testDocs, "-c", "1", "-fail", "0.1", "-metrics", "-price", "0.15,0.60"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, stdout, _ := runApp(t, args...)
				oteltest.Golden(t, name, stdout)
			})
		})
	}
}

// The README's command shows errors, retries and an alert, whatever the order.
func TestFailShowsAllThereIsToSee(t *testing.T) {
	for range 2 {
		var out, errs bytes.Buffer
		a := newApp(&out, &errs)
		a.wait = 1
		log := &waiting{}
		old := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
		code := a.main(t.Context(), []string{"-fail", "0.1"})
		slog.SetDefault(old)
		assert.Equal(t, cli.ExitFailed, code)
		assert.Contains(t, out.String(), "ERROR invalid_request")
		assert.Regexp(t, `[1-9] failed, 0 skipped; [1-9] retries`, out.String())
		assert.Contains(t, log.text.String(), "error_rate firing")
	}
}

// A pipeline that is not observed does the same.
func TestPipelineWithoutHandler(t *testing.T) {
	f, err := NewPipeline(nil, offline.Model{}, 100, 2).Analyze(t.Context(), strings.Repeat("The lamp is great. ", 10), "")
	require.NoError(t, err)
	assert.Contains(t, f.Summary, "The lamp is great.")
	assert.Equal(t, "positive", f.Sentiment)
	assert.ElementsMatch(t, []string{"lamp", "great"}, f.Keywords)
	assert.Empty(t, f.TraceID)
}

// A document is one trace, with its text as the input and the findings as the
// output.
func TestTraceOfADocument(t *testing.T) {
	t.Setenv("SPANLOOM_CONTENT", "verbatim")
	b := backend.Export(t)
	a := newApp(io.Discard, io.Discard)
	a.getenv = os.Getenv
	dir := write(t, map[string]string{"a.txt": "The lamp is great.", "b.txt": "The lamp is broken."})
	assert.Zero(t, a.main(t.Context(), []string{"-docs", dir}))
	got := map[string]string{}
	for _, s := range b.Spans() {
		if !s.Parent().IsValid() {
			got[oteltest.Value(s, "traceloop.entity.input")] = oteltest.Value(s, "traceloop.entity.output")
		}
	}
	assert.Equal(t, map[string]string{
		"The lamp is great.":  `{"keywords":["lamp","great"],"sentiment":"positive","summary":"The lamp is great."}`,
		"The lamp is broken.": `{"keywords":["lamp","broken"],"sentiment":"negative","summary":"The lamp is broken."}`,
	}, got)
}

func TestBadInput(t *testing.T) {
	for want, args := range map[string][]string{
		"-h lists the flags":       {"-bogus"},
		"does not exist":           {"-docs", "none"},
		"use one of offline":       {"-provider", "acme"},
		"OPENAI_API_KEY":           {"-provider", "openai"},
		"needs a -provider":        {"-model", "gpt-4o"},
		"unexpected argument \"x":  {"x"},
		"use one of table, json":   {"-o", "xml"},
		"-c 0: use 1 or more":      {"-c", "0"},
		"-attempts 0: use 1":       {"-attempts", "0"},
		"-chunk 10: use 400":       {"-chunk", "10"},
		"-fail 2: use a number":    {"-fail", "2"},
		"-high \"[\": use a patt":  {"-high", "["},
		"-price \"free\": use two": {"-price", "free"},
		"-prices: open nowhere":    {"-prices", "nowhere"},
		"-trace: open /dev/null/x": {"-trace", "/dev/null/x"},
	} {
		code, stdout, stderr := runApp(t, args...)
		assert.Equal(t, cli.ExitUsage, code, want)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, want)
	}
}

func decode(t *testing.T, text string) (o outcome) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &o), "standard output is for jq: %s", text)
	return o
}

func TestJSONAndCSV(t *testing.T) {
	code, stdout, stderr := runApp(t, "-docs", testDocs, "-o", "json")
	assert.Zero(t, code, stderr)
	o := decode(t, stdout)
	require.Len(t, o.Documents, 4)
	assert.Equal(t, 4, o.Summary.Succeeded)
	assert.Equal(t, 12, o.Summary.Total.Calls)
	assert.Contains(t, stderr, "invoke_workflow document_analysis_pipeline")
	assert.Contains(t, stdout, "الضمان", "letters are not escaped")

	code, stdout, stderr = runApp(t, "-docs", testDocs, "-o", "csv")
	assert.Zero(t, code, stderr)
	rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 5)
	assert.Equal(t, "document", rows[0][0])
	assert.Equal(t, o.Documents[3].Summary, rows[4][4])
}

func TestTracePage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trace.html")
	code, stdout, stderr := runApp(t, "-docs", testDocs, "-o", "json", "-trace", file)
	assert.Zero(t, code, stderr)
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, 4, strings.Count(string(page), `"name":"invoke_workflow document_analysis_pipeline","start"`), "a trace for each document")
	// The keys that are documented.
	var keys map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &keys))
	total := keys["summary"].(map[string]any)["total"].(map[string]any)
	used := keys["documents"].([]any)[0].(map[string]any)["used"].(map[string]any)
	assert.ElementsMatch(t, slices.Collect(maps.Keys(used)), []string{"calls", "errors", "retries", "input_tokens", "output_tokens", "cost_usd", "unpriced_calls"})
	assert.ElementsMatch(t, slices.Collect(maps.Keys(total)), append(slices.Collect(maps.Keys(used)), "name", "p50_seconds", "p95_seconds"))
}

// What cannot be read is a document that failed, and the others are done.
func TestUnreadableDocumentsDoNotStopTheRest(t *testing.T) {
	dir := write(t, map[string]string{"a.md": "# Fine\n\nThe lamp is great.", "b.txt": "", "c.txt": "caf\xe9", "d.pdf": "no PDF", "e.md": "The hose is broken."})
	code, stdout, stderr := runApp(t, "-docs", dir, "-o", "json")
	assert.Equal(t, cli.ExitFailed, code)
	assert.Contains(t, stderr, "docanalysis: 3 of 5 documents failed")
	o := decode(t, stdout)
	assert.Equal(t, summary{Documents: 5, Succeeded: 2, Failed: 3}, summary{o.Summary.Documents, o.Summary.Succeeded, o.Summary.Failed, o.Summary.Skipped, o.Summary.Usage}.counts())
	assert.Equal(t, "positive", o.Documents[0].Sentiment)
	assert.Contains(t, o.Documents[1].Error, "is empty")
	assert.Contains(t, o.Documents[2].Error, "UTF-8")
	assert.Contains(t, o.Documents[3].Error, "PDF")
	assert.Equal(t, "negative", o.Documents[4].Sentiment)
	assert.Contains(t, stderr, "ERROR", "a document that cannot be read is a trace that failed")
}

func (s summary) counts() summary {
	return summary{Documents: s.Documents, Succeeded: s.Succeeded, Failed: s.Failed, Skipped: s.Skipped}
}

func TestRightToLeft(t *testing.T) {
	dir := write(t, map[string]string{
		"مراجعة.txt": "المنتج رائع وسهل. الضمان سنتان. الضمان يشمل المصباح.",
		"סקירה.md":   "# סקירה\n\nהמנורה טובה.",
	})
	code, stdout, stderr := runApp(t, "-docs", dir)
	assert.Zero(t, code, stderr)
	assert.Contains(t, stdout, "\u2068مراجعة.txt\u2069", "directions stay in their column")
	assert.Contains(t, stdout, "positive")
	code, stdout, _ = runApp(t, "-docs", dir, "-o", "json")
	assert.Zero(t, code)
	o := decode(t, stdout)
	assert.Equal(t, "مراجعة.txt", o.Documents[0+indexOf(o, "مراجعة.txt")].Document)
	assert.Contains(t, o.Documents[indexOf(o, "مراجعة.txt")].Keywords, "الضمان")
	assert.NotContains(t, stdout, "\u2068", "bounds are for the eye, not for data")
}

func indexOf(o outcome, name string) int {
	for i, r := range o.Documents {
		if r.Document == name {
			return i
		}
	}
	return -1
}

// Documents and their names must not steer the terminal, nor may a full disk go
// unnoticed.
func TestTerminalIsSafe(t *testing.T) {
	dir := write(t, map[string]string{"a\nb\x1b[31m.txt": "The lamp \x1b[31m is \x1b]0;title\x07 great."})
	code, stdout, stderr := runApp(t, "-docs", dir)
	assert.Zero(t, code, stderr)
	assert.NotContains(t, stdout+stderr, "\x1b")
	assert.NotContains(t, stderr, "a\nb")

	var errs bytes.Buffer
	assert.Equal(t, cli.ExitFailed, newApp(full{}, &errs).main(t.Context(), []string{"-docs", testDocs}))
	assert.Contains(t, errs.String(), "no space left")
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// A limit in characters is one for every script.
func TestChunkIsInCharacters(t *testing.T) {
	dir := write(t, map[string]string{"a.txt": strings.Repeat("المصباح جيد. ", 40)})
	code, stdout, stderr := runApp(t, "-docs", dir, "-chunk", "600")
	assert.Zero(t, code, stderr)
	assert.NotContains(t, stdout, "MapReduceDocuments", "520 characters, more than 900 bytes")
}

// A document whose model has no price did not cost nothing.
func TestUnpricedIsNotFree(t *testing.T) {
	code, stdout, stderr := runApp(t, "-docs", testDocs, "-o", "json")
	assert.Zero(t, code, stderr)
	assert.Equal(t, 3, decode(t, stdout).Documents[0].Used.Unpriced)
	_, stdout, _ = runApp(t, "-docs", testDocs, "-o", "csv")
	rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, []string{"", "3"}, rows[1][10:12], rows[0])
}

// gate counts the calls that are going on.
type gate struct {
	llms.Model
	now, most atomic.Int64
	entered   func()
}

func (g *gate) GenerateContent(ctx context.Context, ms []llms.MessageContent, o ...llms.CallOption) (*llms.ContentResponse, error) {
	n := g.now.Add(1)
	defer g.now.Add(-1)
	for m := g.most.Load(); n > m && !g.most.CompareAndSwap(m, n); m = g.most.Load() {
	}
	if g.entered != nil {
		g.entered()
	}
	return g.Model.GenerateContent(ctx, ms, o...)
}

func manyFiles(t *testing.T, n int) string {
	files := map[string]string{}
	for i := range n {
		files[strings.Repeat("d", i+1)+".txt"] = "The lamp is great. It is document number " + strings.Repeat("I", i) + "."
	}
	return write(t, files)
}

func TestConcurrencyIsBounded(t *testing.T) {
	dir := manyFiles(t, 12)
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		a := newApp(io.Discard, io.Discard)
		a.latency = time.Second
		a.decorate = func(m llms.Model) llms.Model { g.Model = m; return g }
		start := time.Now()
		assert.Zero(t, a.main(t.Context(), []string{"-docs", dir, "-c", "3"}))
		assert.Equal(t, int64(3), g.most.Load())
		assert.Equal(t, 12*time.Second, time.Since(start), "four rounds of three calls of a second")
	})
}

// After Ctrl-C what is done is printed, and what was not begun is not.
func TestInterrupt(t *testing.T) {
	dir := manyFiles(t, 10)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var out, errs bytes.Buffer
		a := newApp(&out, &errs)
		a.latency = time.Second
		time.AfterFunc(4*time.Second+500*time.Millisecond, cancel)
		assert.Equal(t, cli.ExitFailed, a.main(ctx, []string{"-docs", dir, "-c", "2", "-o", "json"}))
		o := decode(t, out.String())
		assert.Equal(t, summary{Documents: 10, Succeeded: 2, Failed: 2, Skipped: 6}, o.Summary.counts())
		assert.Contains(t, errs.String(), "docanalysis: interrupted: 2 of 10 documents are done")
		for _, r := range o.Documents[4:] {
			assert.Contains(t, r.Error, "not begun")
		}
		assert.NotEmpty(t, o.Documents[2].Summary, "what was found until then")
	})
}

// OTEL_METRICS_EXPORTER=prometheus: the metrics are there to be scraped until
// Ctrl-C.
func TestPrometheus(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	require.NoError(t, l.Close())
	t.Setenv("OTEL_METRICS_EXPORTER", "prometheus")
	t.Setenv("OTEL_TRACES_EXPORTER", "none")
	t.Setenv("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1")
	t.Setenv("OTEL_EXPORTER_PROMETHEUS_PORT", port)

	ctx, cancel := context.WithCancel(t.Context())
	serving := &waiting{until: "are served at ", found: make(chan struct{})}
	a := newApp(io.Discard, serving)
	a.getenv = os.Getenv
	code := make(chan int)
	go func() { code <- a.main(ctx, []string{"-docs", testDocs, "-price", "1,1"}) }()
	select {
	case <-serving.found:
	case c := <-code:
		t.Fatalf("it ended with %d: %s", c, serving.text.String())
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:"+port+"/metrics", nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	page, err := io.ReadAll(res.Body)
	require.NoError(t, errors.Join(err, res.Body.Close()))
	assert.Regexp(t, `(?m)^gen_ai_client_operation_duration_seconds_count\{.*\} 12$`, string(page))
	assert.Contains(t, string(page), "gen_ai_usage_cost_USD_total")
	cancel()
	assert.Zero(t, <-code, "Ctrl-C is the way to end it")
}

// waiting is a writer that tells when a text has come.
type waiting struct {
	mu    sync.Mutex
	text  bytes.Buffer
	until string
	found chan struct{}
	once  sync.Once
}

func (w *waiting) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	if strings.Contains(w.text.String(), w.until) {
		w.once.Do(func() { close(w.found) })
	}
	return len(p), nil
}

func TestDefaultDocumentsAreTheProjectsOwn(t *testing.T) {
	var out, errs bytes.Buffer
	assert.Zero(t, newApp(&out, &errs).main(t.Context(), []string{"-trees"}), errs.String())
	assert.Contains(t, out.String(), "privacy.md")
	assert.Contains(t, out.String(), "execute_task MapReduceDocuments", "long ones are summarised piece by piece")
	assert.Contains(t, out.String(), " analysed, 0 failed, 0 skipped")
	assert.Contains(t, errs.String(), "not written by a language model", offline.Provider)
}
