// SPDX-License-Identifier: Apache-2.0

// Package spanloomtest checks in a program's own tests what telemetry it emits:
// the tree of spans, the tokens, that no secret is in it, and that all spans end.
//
//	k := spanloomtest.New(t)
//	answer, err := ask(t.Context(), k.Handler, "How long is the warranty?")
//	…
//	k.AssertTree(t, "testdata/ask.tree") // go test -update writes the file
//	k.AssertTokens(t, "gpt-4o-mini", 760, 21)
//	k.AssertNoContent(t, "warranty")
//	k.AssertNoOpenSpans(t)
//
// It stores nothing globally: tests that use it may run in parallel.
package spanloomtest

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/traceview"
)

// updateFlag makes AssertTree write its files. A test binary that has a flag of that
// name before this package is initialised keeps its own.
const updateFlag = "update"

func init() {
	if flag.Lookup(updateFlag) == nil {
		flag.Bool(updateFlag, false, "write the golden files of spanloomtest")
	}
}

// Kit is a Handler and what it records. It is safe for concurrent use.
type Kit struct {
	// Handler is what the program under test gets.
	Handler *callbacks.Handler

	tracers *sdktrace.TracerProvider
	meters  *sdkmetric.MeterProvider
	reader  *sdkmetric.ManualReader
	spans   recorder
}

// New returns a Kit whose Handler has the options. Its providers are shut down when the
// test ends. An option that is wrong fails the test.
func New(t testing.TB, opts ...callbacks.Option) *Kit {
	t.Helper()
	k := &Kit{reader: sdkmetric.NewManualReader()}
	k.tracers = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(&k.spans))
	k.meters = sdkmetric.NewMeterProvider(sdkmetric.WithReader(k.reader))
	h, err := callbacks.NewHandler(append([]callbacks.Option{
		callbacks.WithTracerProvider(k.tracers), callbacks.WithMeterProvider(k.meters),
	}, opts...)...)
	if err != nil {
		t.Fatalf("spanloomtest: %v", err)
	}
	k.Handler = h
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		_ = k.tracers.Shutdown(ctx)
		_ = k.meters.Shutdown(ctx)
	})
	return k
}

// TracerProvider is for spans of the program's own that belong to the tree.
func (k *Kit) TracerProvider() trace.TracerProvider { return k.tracers }

// MeterProvider is the one that the Handler records metrics with.
func (k *Kit) MeterProvider() metric.MeterProvider { return k.meters }

// Spans returns the spans that have ended, in order of their end.
func (k *Kit) Spans() []sdktrace.ReadOnlySpan {
	k.spans.mu.Lock()
	defer k.spans.mu.Unlock()
	return slices.Clone(k.spans.ended)
}

// Tree returns the spans as [traceview.Tree] draws them, without times: names, tokens,
// cost, retries, documents and errors. Siblings are in order of their start.
func (k *Kit) Tree() string { return k.tree(nil) }

func (k *Kit) tree(order traceview.Option) string {
	var b strings.Builder
	_ = traceview.Tree(&b, k.Spans(), traceview.WithoutTimes(), traceview.WithWidth(0), traceview.WithColor(false), order)
	return b.String()
}

// AssertTree compares [Kit.Tree] with a file; go test -update writes it. A
// program that starts spans concurrently has no fixed order: see
// [Kit.AssertTreeUnordered].
func (k *Kit) AssertTree(t testing.TB, golden string) bool {
	t.Helper()
	return assertGolden(t, golden, k.Tree())
}

// AssertTreeUnordered is AssertTree with siblings in alphabetical order.
func (k *Kit) AssertTreeUnordered(t testing.TB, golden string) bool {
	t.Helper()
	return assertGolden(t, golden, k.tree(traceview.WithSortedSiblings()))
}

func assertGolden(t testing.TB, golden, got string) bool {
	t.Helper()
	if f := flag.Lookup(updateFlag); f != nil && f.Value.String() == "true" {
		err := os.MkdirAll(filepath.Dir(golden), 0o750)
		if err == nil {
			err = os.WriteFile(golden, []byte(got), 0o600)
		}
		if err != nil {
			t.Errorf("spanloomtest: %v", err)
		}
		return err == nil
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Errorf("spanloomtest: %v; go test -update writes it with\n%s", err, got)
		return false
	}
	// A checkout may have changed the ends of lines.
	want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))
	return assert.Equal(t, string(want), got, "the spans are not those of %s; go test -update accepts them", golden)
}

// AssertTokens compares the tokens of all calls of a model, or of all models for "", with
// input and output.
func (k *Kit) AssertTokens(t testing.TB, model string, input, output int64) bool {
	t.Helper()
	usage := traceview.Sum(k.Spans())
	got, names := usage.Total, []string{}
	if model != "" {
		got = traceview.Row{}
		for _, m := range usage.Models {
			names = append(names, m.Name)
			if m.Name == model {
				got = m
			}
		}
	}
	if got.Input == input && got.Output == output {
		return true
	}
	return assert.Fail(t, fmt.Sprintf("tokens of model %q: want %d → %d, got %d → %d", model, input, output, got.Input, got.Output),
		"models that were called: %q", names)
}

// AssertNoContent fails if a text is anywhere in the spans or metrics: names,
// attributes, events, statuses or labels. Case is ignored. A text with quotes or line breaks
// is found in JSON, too.
func (k *Kit) AssertNoContent(t testing.TB, secrets ...string) bool {
	t.Helper()
	if len(secrets) == 0 || slices.Contains(secrets, "") {
		t.Errorf("spanloomtest: AssertNoContent needs texts to look for")
		return false
	}
	ok := true
	for place, text := range k.texts(t) {
		for _, secret := range secrets {
			if slices.ContainsFunc(spellings(secret), func(s string) bool { return strings.Contains(strings.ToLower(text), s) }) {
				ok = assert.Fail(t, fmt.Sprintf("%q is in the telemetry", secret), "%s: %s", place, text)
			}
		}
	}
	return ok
}

// AssertNoOpenSpans fails if a span has started and not ended.
func (k *Kit) AssertNoOpenSpans(t testing.TB) bool {
	t.Helper()
	open := k.spans.openNames()
	return assert.Empty(t, open, "spans that did not end")
}

// Metrics returns what the Handler has recorded, by the metric's name.
func (k *Kit) Metrics(t testing.TB) map[string]metricdata.Aggregation {
	t.Helper()
	var rm metricdata.ResourceMetrics
	if err := k.reader.Collect(context.WithoutCancel(t.Context()), &rm); err != nil {
		t.Errorf("spanloomtest: %v", err)
	}
	byName := map[string]metricdata.Aggregation{}
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			byName[m.Name] = m.Data
		}
	}
	return byName
}

// recorder keeps ended spans, and the names of open ones.
type recorder struct {
	mu    sync.Mutex
	ended []sdktrace.ReadOnlySpan
	open  map[trace.SpanID]sdktrace.ReadOnlySpan
}

func (r *recorder) OnStart(_ context.Context, s sdktrace.ReadWriteSpan) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open == nil {
		r.open = map[trace.SpanID]sdktrace.ReadOnlySpan{}
	}
	r.open[s.SpanContext().SpanID()] = s
}

func (r *recorder) OnEnd(s sdktrace.ReadOnlySpan) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, s.SpanContext().SpanID())
	r.ended = append(r.ended, s)
}

func (r *recorder) openNames() (names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.open {
		names = append(names, s.Name())
	}
	slices.Sort(names)
	return names
}

func (*recorder) Shutdown(context.Context) error   { return nil }
func (*recorder) ForceFlush(context.Context) error { return nil }
