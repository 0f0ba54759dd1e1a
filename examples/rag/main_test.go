// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/examples/cli"
	"github.com/spanloom/spanloom/examples/internal/backend"
	"github.com/spanloom/spanloom/examples/offline"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/retrieval/loaders"
)

// runApp runs the whole program offline and returns its exit code and output.
func runApp(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	a := app{
		stdin: strings.NewReader(stdin), stdout: &out, stderr: &errs,
		getenv:  func(string) string { return "" },
		latency: 30 * time.Millisecond,
	}
	code = a.main(t.Context(), args)
	return code, out.String(), errs.String()
}

// The documents of the golden runs are in testdata: the project's own change.
const testDocs = "testdata/docs"

func TestGolden(t *testing.T) {
	t.Setenv("COLUMNS", "")
	for _, tc := range []struct {
		name, stdin string
		args        []string
	}{
		{"content", "", []string{"-docs", testDocs, "-q", "How long do I have to return a lamp?", "-q", "كم تبلغ مدة الضمان؟"}},
		{"one_question", "", []string{"-docs", testDocs, "-q", "How long do I have to return a lamp?"}},
		{"two_questions", "", []string{"-docs", testDocs, "-q", "How long do I have to return a lamp?", "-q", "كم تبلغ مدة الضمان؟"}},
		{"priced", "", []string{"-docs", testDocs, "-price", "0.15,0.60", "-metrics", "-q", "Who repairs a lamp?"}},
		{"interactive", "Who repairs a lamp?\n\nWhat does shipping cost?\n", []string{"-docs", testDocs, "-i"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.name == "content" {
				t.Setenv("SPANLOOM_CONTENT", "verbatim")
			}
			// In the bubble time stands still unless the program sleeps: durations
			// are those of the offline provider, to the nanosecond.
			synctest.Test(t, func(t *testing.T) {
				code, stdout, stderr := runApp(t, tc.stdin, tc.args...)
				assert.Zero(t, code, stderr)
				oteltest.Golden(t, tc.name, stdout)
			})
		})
	}
}

// pages returns the JSON of the traces on a page.
func pages(t *testing.T, file string) string {
	t.Helper()
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	_, data, ok := strings.Cut(string(page), `<script type="application/json" id="data">`)
	require.True(t, ok)
	data, _, _ = strings.Cut(data, "</script>")
	return data
}

func TestTracePage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trace.html")
	code, _, stderr := runApp(t, "", "-docs", testDocs, "-q", "Who repairs a lamp?", "-trace", file)
	require.Zero(t, code, stderr)
	for _, name := range []string{"invoke_workflow ingest", "invoke_workflow rag"} {
		assert.Contains(t, pages(t, file), name)
	}
	code, _, stderr = runApp(t, "Who repairs a lamp?\nWhat does shipping cost?\n", "-docs", testDocs, "-i", "-trace", file)
	require.Zero(t, code, stderr)
	assert.Equal(t, 2, strings.Count(pages(t, file), `"name":"invoke_workflow rag","start"`), "both questions, although the terminal shows one at a time")
}

// What is wrong in the environment is said, and the questions are answered.
func TestBadEnvironment(t *testing.T) {
	t.Setenv("OTEL_BSP_MAX_QUEUE_SIZE", "many")
	t.Setenv("SPANLOOM_CONTENT", "mask")
	code, stdout, stderr := runApp(t, "", "-docs", testDocs, "-q", "Who repairs a lamp?")
	assert.Zero(t, code)
	assert.Contains(t, stderr, "rag: spanloom: OTEL_BSP_MAX_QUEUE_SIZE=\"many\": use a whole number")
	assert.Contains(t, stderr, "rag: spanloom: SPANLOOM_CONTENT=\"mask\": use none")
	assert.Contains(t, stdout, "the workshop in Aachen")
}

func TestDefaultQuestionsAreAnsweredFromTheProjectsDocs(t *testing.T) {
	code, stdout, stderr := runApp(t, "")
	require.Zero(t, code, stderr)
	for _, q := range sampleQuestions {
		assert.Contains(t, stdout, "Q: "+q)
	}
	assert.Contains(t, stdout, "records no content unless you ask for it")
	assert.Contains(t, stdout, "your program runs on")
	assert.Contains(t, stdout, "Sources: privacy.md")
	assert.Contains(t, stderr, "not written by a language model", "the offline provider must say what it is")
	assert.NotContains(t, stdout, "  ERROR ")
}

func TestStoreIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	code, _, stderr := runApp(t, "", "-docs", testDocs, "-store", dir, "-q", "Who repairs a lamp?")
	require.Zero(t, code, stderr)

	code, stdout, stderr := runApp(t, "", "-store", dir, "-q", "Who repairs a lamp?")
	require.Zero(t, code, stderr)
	assert.Contains(t, stderr, "chunks kept in")
	assert.Contains(t, stdout, "warranty.md", "the kept documents answer, not the project's own")
	assert.NotContains(t, stdout, "invoke_workflow ingest")

	// The same documents again replace, they do not double.
	code, stdout, stderr = runApp(t, "", "-docs", testDocs, "-store", dir, "-q", "Who repairs a lamp?", "-k", "50")
	require.Zero(t, code, stderr)
	once, _, _ := strings.Cut(stdout[strings.Index(stdout, "retrieval docs"):], " documents")
	fields := strings.Fields(once)
	assert.Equal(t, "4", fields[len(fields)-1], "the corpus has four chunks: %s", once)
}

// What cannot be read is named, and the others answer.
func TestUnreadableDocuments(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.md": "# Lamps\n\nThe workshop repairs lamps.", "b.txt": "caf\xe9", "c.txt": ""} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	code, stdout, stderr := runApp(t, "", "-docs", dir, "-q", "Who repairs lamps?")
	assert.Zero(t, code)
	assert.Contains(t, stderr, "index: 1 source could not be read: b.txt: is not valid UTF-8: save it as UTF-8 text")
	assert.Contains(t, stdout, "A: The workshop repairs lamps.")
}

// A pipeline that is not observed does the same.
func TestPipelineWithoutHandler(t *testing.T) {
	p, err := NewPipeline(nil, Config{LLM: offline.Model{}, Embedder: offline.Embedder{}})
	require.NoError(t, err)
	_, err = p.Ask(t.Context(), "Who repairs a lamp?")
	require.NoError(t, err, "nothing is stored yet")
	r, err := p.Ingest(t.Context(), loaders.Folder(testDocs))
	require.NoError(t, err)
	assert.Equal(t, p.Stored(), r.Added)
	a, err := p.Ask(t.Context(), "Who repairs a lamp?")
	require.NoError(t, err)
	assert.Contains(t, a.Text, "the workshop in Aachen")
	assert.Equal(t, "warranty.md", a.Sources[0].Metadata["source"])
	require.NoError(t, p.Close())
}

// One trace for each question, with the question as its input and the answer as
// its output.
func TestTraceOfAQuestion(t *testing.T) {
	t.Setenv("SPANLOOM_CONTENT", "verbatim")
	b := backend.Export(t)
	var out, errs bytes.Buffer
	a := app{stdout: &out, stderr: &errs, getenv: os.Getenv}
	questions := map[string]string{
		"How long do I have to return a lamp?": "You can return a lamp within 30 days of delivery.",
		"كم تبلغ مدة الضمان؟":                  "مدة الضمان سنتان من تاريخ الشراء.",
	}
	for q := range questions {
		require.Zero(t, a.main(t.Context(), []string{"-docs", testDocs, "-q", q}), errs.String())
	}
	traces := map[trace.TraceID]bool{}
	got := map[string]string{}
	for _, s := range b.Spans() {
		traces[s.SpanContext().TraceID()] = true
		if s.Name() == "invoke_workflow rag" {
			assert.False(t, s.Parent().IsValid())
			got[oteltest.Value(s, "traceloop.entity.input")] = oteltest.Value(s, "traceloop.entity.output")
		}
	}
	assert.Equal(t, questions, got)
	assert.Len(t, traces, 4, "two questions, and twice the documents")
}

func TestBadInput(t *testing.T) {
	empty := t.TempDir()
	bad := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(bad, "a.md"), []byte("# fine\n\nText."), 0o600))
	file := filepath.Join(bad, "a.md")

	for _, tc := range []struct {
		reason string
		args   []string
		want   string
	}{
		{"an unknown flag", []string{"-bogus"}, "-h lists the flags"},
		{"an argument without flag", []string{"question"}, "give questions with -q"},
		{"an empty question", []string{"-q", " "}, "the question is empty"},
		{"a missing folder", []string{"-docs", filepath.Join(empty, "none")}, "does not exist"},
		{"a file for a folder", []string{"-docs", file}, "folder"},
		{"an empty folder", []string{"-docs", empty}, ".md"},
		{"an unknown provider", []string{"-provider", "acme"}, "use one of offline, openai"},
		{"a missing key", []string{"-provider", "openai"}, "OPENAI_API_KEY"},
		{"a missing key", []string{"-provider", "anthropic"}, "ANTHROPIC_API_KEY"},
		{"a missing key", []string{"-provider", "googleai"}, "GOOGLE_API_KEY"},
		{"a model for the offline provider", []string{"-model", "gpt-4o"}, "need a -provider"},
		{"a price that is none", []string{"-price", "cheap"}, "0.15,0.60"},
		{"a store that is a file", []string{"-docs", testDocs, "-store", file}, "-store"},
		{"too few passages", []string{"-k", "0"}, "use 1 or more"},
		{"a page in no folder", []string{"-trace", filepath.Join(file, "x.html")}, "-trace"},
		{"two ways to ask", []string{"-i", "-q", "a"}, "exclude each other"},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			args := tc.args
			store := filepath.Join(t.TempDir(), "store")
			if !strings.Contains(strings.Join(args, " "), "-store") {
				args = append([]string{"-store", store}, args...)
			}
			code, stdout, stderr := runApp(t, "", args...)
			assert.Equal(t, cli.ExitUsage, code)
			assert.Empty(t, stdout)
			last := strings.TrimSpace(stderr[strings.LastIndex(strings.TrimSpace(stderr), "\n")+1:])
			assert.True(t, strings.HasPrefix(last, "rag: "), "one line, from the program: %q", stderr)
			assert.Contains(t, last, tc.want)
			assert.NoDirExists(t, store, "nothing is written for input that cannot be used")
		})
	}
}

func TestInterruptEndsCleanly(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	a := app{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: func(string) string { return "" }}
	assert.Equal(t, cli.ExitFailed, a.main(ctx, []string{"-docs", testDocs}))
	assert.Contains(t, errs.String(), context.Canceled.Error())
}
