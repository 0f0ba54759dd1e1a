// SPDX-License-Identifier: Apache-2.0

// Package oteltest is what the library's tests share: a Handler on a real SDK
// that keeps everything it emits, golden files, and fakes of langchaingo's
// interfaces.
package oteltest

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/privacy"
	"github.com/spanloom/spanloom/spanloomtest"
)

// update is true for go test -update, the flag of spanloomtest.
func update() bool { return flag.Lookup("update").Value.String() == "true" }

// Kit is a spanloomtest.Kit that renders all that spans carry.
type Kit struct {
	*spanloomtest.Kit
	Handler  *callbacks.Handler // also in a zero Kit, where it is nil
	Spans    *spantree.Recorder
	Provider *sdktrace.TracerProvider
}

// New makes a Kit; no global provider is touched. The test fails at its end if
// a span is still open.
func New(t testing.TB, opts ...callbacks.Option) *Kit {
	t.Helper()
	k := &Kit{Kit: spanloomtest.New(t, append([]callbacks.Option{callbacks.WithContent(privacy.None)}, opts...)...), Spans: &spantree.Recorder{}}
	k.Handler = k.Kit.Handler
	k.Provider = k.TracerProvider().(*sdktrace.TracerProvider)
	k.Provider.RegisterSpanProcessor(k.Spans)
	t.Cleanup(func() { assert.Zero(t, k.Spans.Open(), "spans left open") })
	return k
}

// Tree renders the spans with durations and the given attributes.
func (k *Kit) Tree(keys ...attribute.Key) string {
	return spantree.Render(k.Spans.Spans(), spantree.Options{Durations: duration, Attributes: keys})
}

// Full renders the spans with everything they carry.
func (k *Kit) Full() string {
	return spantree.Render(k.Spans.Spans(), spantree.Options{Durations: duration, Kinds: true, AllAttributes: true})
}

// Span returns the one finished span of the name.
func (k *Kit) Span(t testing.TB, name string) sdktrace.ReadOnlySpan {
	t.Helper()
	var found []sdktrace.ReadOnlySpan
	for _, s := range k.Spans.Spans() {
		if s.Name() == name {
			found = append(found, s)
		}
	}
	require.Len(t, found, 1, "spans named %q in\n%s", name, k.Tree())
	return found[0]
}

// Value returns an attribute of a span as text, "" if it is not set.
func Value(s sdktrace.ReadOnlySpan, key attribute.Key) string {
	v, ok := spantree.Attribute(s, key)
	if !ok {
		return ""
	}
	return v.String()
}

// Emitted is the spans and metrics as text, to search for what must not be in
// it.
func (k *Kit) Emitted(t testing.TB) string {
	t.Helper()
	points, err := json.Marshal(k.Metrics(t))
	require.NoError(t, err)
	var text strings.Builder
	text.WriteString(k.Full())
	for _, s := range k.Spans.Spans() {
		text.WriteString(s.Status().Description)
		for _, e := range s.Events() {
			text.WriteString(e.Name)
			for _, a := range e.Attributes {
				text.WriteString(string(a.Key))
				text.WriteString(a.Value.String())
			}
		}
	}
	text.WriteString("\nmetrics ")
	text.Write(points) // last, since their order is anything
	return text.String()
}

var traceLine = regexp.MustCompile(`(?m)^trace [0-9a-f]{32}$`)

// Golden compares got with testdata/{name}.golden; -update rewrites the file. The trace
// ids above trees, which are random, are numbered.
func Golden(t testing.TB, name, got string) {
	t.Helper()
	traces := 0
	got = traceLine.ReplaceAllStringFunc(got, func(string) string {
		traces++
		return fmt.Sprintf("trace 0af7651916cd43dd8448eb211c803%03d", traces)
	})
	path := filepath.Join("testdata", name+".golden")
	if update() {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run `make update` to write the golden files")
	assert.Equal(t, string(want), got, "run `make update` if the change is meant, and review the diff")
}
