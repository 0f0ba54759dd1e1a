// SPDX-License-Identifier: Apache-2.0

package traceview_test

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/traceview"
)

// question runs a workflow of a search, a retried call and a failed one.
func question(t *testing.T, k *oteltest.Kit, name string) {
	t.Helper()
	ctx, flow := k.Handler.Start(t.Context(), callbacks.KindWorkflow, name)
	_, search := k.Handler.Start(ctx, callbacks.KindRetrieval, "docs")
	time.Sleep(10 * time.Millisecond)
	search.SetAttributes(semconv.RetrievalDocumentCount.Int(2))
	search.End(nil)
	_, chat := k.Handler.Start(ctx, callbacks.KindChat, "priced")
	chat.AddRetry(2, time.Second, "timeout")
	time.Sleep(80 * time.Millisecond)
	chat.SetUsage(metrics.Usage{Input: 1000, Output: 20})
	chat.End(nil)
	_, failed := k.Handler.Start(ctx, callbacks.KindTool, "weather")
	time.Sleep(10 * time.Millisecond)
	failed.End(errors.New("boom"))
	flow.End(nil)
}

func recorded(t *testing.T, names ...string) []sdktrace.ReadOnlySpan {
	t.Helper()
	var spans []sdktrace.ReadOnlySpan
	synctest.Test(t, func(t *testing.T) {
		prices, err := metrics.NewPrices(metrics.Price{Model: "priced", Input: 1, Output: 10})
		require.NoError(t, err)
		recorder, err := metrics.NewRecorder(nil, metrics.WithPrices(prices))
		require.NoError(t, err)
		k := oteltest.New(t, callbacks.WithRecorder(recorder))
		for _, name := range names {
			question(t, k, name)
		}
		spans = k.Spans.Spans()
	})
	return spans
}

var traceID = regexp.MustCompile(`trace [0-9a-f]{32}`)

func tree(t *testing.T, spans []sdktrace.ReadOnlySpan, opts ...traceview.Option) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, traceview.Tree(&b, spans, opts...))
	return traceID.ReplaceAllString(b.String(), "trace ID")
}

func TestTree(t *testing.T) {
	spans := recorded(t, "ask")
	assert.Equal(t, strings.TrimPrefix(`
trace ID
invoke_workflow ask      ████████████████████     100ms
├─ retrieval docs        ██··················      10ms  2 documents
├─ chat priced           ··████████████████··      80ms  1000 → 20 tokens  $0.001200  1 retry
└─ execute_tool weather  ··················██      10ms  ERROR _OTHER: *errors.errorString
`, "\n"), tree(t, spans))
	assert.Equal(t, strings.TrimPrefix(`
invoke_workflow ask
├─ retrieval docs  2 documents
├─ chat priced  1000 → 20 tokens  $0.001200  1 retry
└─ execute_tool weather  ERROR _OTHER: *errors.errorString
`, "\n"), tree(t, spans, traceview.WithoutTimes(), nil))
	assert.Empty(t, tree(t, nil))
}

func TestTreeOfSeveralTraces(t *testing.T) {
	out := tree(t, recorded(t, "first", "second"))
	assert.Equal(t, 2, strings.Count(out, "trace ID\n"))
	assert.Less(t, strings.Index(out, "first"), strings.Index(out, "second"))
}

func TestTreeKeepsOrphans(t *testing.T) {
	spans := recorded(t, "ask")
	out := tree(t, spans[:len(spans)-1], traceview.WithoutTimes())
	assert.Equal(t, "retrieval docs  2 documents\nchat priced  1000 → 20 tokens  $0.001200  1 retry\nexecute_tool weather  ERROR _OTHER: *errors.errorString\n", out)
}

func TestTreeFitsTheScreen(t *testing.T) {
	t.Setenv("COLUMNS", "60")
	for l := range strings.Lines(tree(t, recorded(t, "ask"))) {
		assert.LessOrEqual(t, len([]rune(strings.TrimSpace(l))), 60, l)
	}
	assert.Contains(t, tree(t, recorded(t, "ask"), traceview.WithWidth(0)), "*errors.errorString")
}

// Bars give way to what the lines say, and an error has a line of its own before it is cut.
func TestTreeOnNarrowScreens(t *testing.T) {
	spans := recorded(t, "ask")
	assert.Equal(t, strings.TrimPrefix(`
trace ID
invoke_workflow ask      ██████████     100ms
├─ retrieval docs        █·········      10ms  2 documents
├─ chat priced           ·████████·      80ms  1000 → 20 tokens  $0.001200  1 retry
└─ execute_tool weather  ·········█      10ms  ERROR _OTHER: *errors.errorString
`, "\n"), tree(t, spans, traceview.WithWidth(83)))
	assert.Equal(t, strings.TrimPrefix(`
trace ID
invoke_workflow ask         100ms
├─ retrieval docs            10ms  2 documents
├─ chat priced               80ms  1000 → 20 toke…
└─ execute_tool weather      10ms
      ERROR _OTHER: *errors.errorString
`, "\n"), tree(t, spans, traceview.WithWidth(50)))
	assert.Contains(t, tree(t, spans, traceview.WithWidth(20)), "\n      ERROR _OTHER:…\n")
}

// A line that is cut keeps its colours, and no colour runs into the next line.
func TestNarrowScreensInColour(t *testing.T) {
	out := tree(t, recorded(t, "ask"), traceview.WithColor(true), traceview.WithWidth(50))
	assert.Contains(t, out, "\x1b[2m1000 → 20 toke\x1b[0m…")
	assert.Contains(t, out, "\x1b[31m      ERROR _OTHER: *errors.errorString\x1b[0m\n")
	for l := range strings.Lines(out) {
		assert.Equal(t, strings.Count(l, "\x1b[0m"), strings.Count(l, "\x1b[")-strings.Count(l, "\x1b[0m"), "%q", l)
	}
}

func TestTreeInColour(t *testing.T) {
	out := tree(t, recorded(t, "ask"), traceview.WithColor(true))
	assert.Contains(t, out, "\x1b[31m└─ execute_tool weather")
	assert.NotContains(t, tree(t, recorded(t, "ask")), "\x1b")
}

func TestHostileNamesStayOnTheirLine(t *testing.T) {
	k := oteltest.New(t)
	for _, name := range []string{"a\x1b[2Jb\nc", "سؤال", "\u202eevil"} {
		_, s := k.Handler.Start(t.Context(), callbacks.KindTool, name)
		s.End(nil)
	}
	out := tree(t, k.Spans.Spans(), traceview.WithoutTimes())
	assert.Len(t, strings.Split(strings.TrimSpace(out), "\n"), 5, "three trees and two empty lines between: %q", out)
	assert.NotContains(t, out, "\x1b")
	assert.NotContains(t, out, "\u202e")
	assert.Contains(t, out, "\u2068execute_tool سؤال\u2069")
}
