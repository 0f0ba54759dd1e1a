// SPDX-License-Identifier: Apache-2.0

package spanloomtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/privacy"
	"github.com/spanloom/spanloom/spanloomtest"
)

// failing records what an assertion says of a test that fails.
type failing struct {
	testing.TB
	said string
}

func (f *failing) Errorf(format string, args ...any) { f.said += fmt.Sprintf(format, args...) }
func (*failing) Helper()                             {}

func ask(ctx context.Context, h *callbacks.Handler, question string) {
	ctx, flow := h.Start(ctx, callbacks.KindWorkflow, "ask")
	flow.SetInput(question)
	_, chat := h.Start(ctx, callbacks.KindChat, "m")
	chat.SetUsage(metrics.Usage{Input: 10, Output: 2})
	chat.End(nil)
	_, tool := h.Start(ctx, callbacks.KindTool, "weather")
	tool.End(errors.New("boom"))
	flow.End(nil)
}

const wantTree = "invoke_workflow ask\n├─ chat m  10 → 2 tokens\n└─ execute_tool weather  ERROR _OTHER: *errors.errorString\n"

func TestAssertTree(t *testing.T) {
	k := spanloomtest.New(t)
	ask(t.Context(), k.Handler, "q")
	assert.Equal(t, wantTree, k.Tree())
	golden := filepath.Join(t.TempDir(), "dir", "ask.tree")
	var missing failing
	missing.TB = t
	assert.False(t, k.AssertTree(&missing, golden))
	assert.Contains(t, missing.said, "go test -update")
	assert.Contains(t, missing.said, "chat m")

	require.NoError(t, flag.Set("update", "true"))
	ok := k.AssertTree(t, golden)
	require.NoError(t, flag.Set("update", "false"))
	require.True(t, ok)
	assert.True(t, k.AssertTree(t, golden))
	_, extra := k.Handler.Start(t.Context(), callbacks.KindTool, "extra")
	extra.End(nil)
	different := failing{TB: t}
	assert.False(t, k.AssertTree(&different, golden))
	assert.Contains(t, different.said, "+execute_tool extra")

	require.NoError(t, os.WriteFile(golden, []byte("execute_tool extra\n\ninvoke_workflow ask\r\n├─ chat m  10 → 2 tokens\r\n└─ execute_tool weather  ERROR _OTHER: *errors.errorString\r\n"), 0o600))
	assert.True(t, k.AssertTreeUnordered(t, golden))
}

func TestUnorderedTreesAreTheSame(t *testing.T) {
	golden := filepath.Join(t.TempDir(), "g")
	for run := range 20 {
		k := spanloomtest.New(t)
		ctx, flow := k.Handler.Start(t.Context(), callbacks.KindWorkflow, "flow")
		var wg sync.WaitGroup
		for _, name := range []string{"a", "b", "c"} {
			wg.Go(func() {
				_, s := k.Handler.Start(ctx, callbacks.KindTool, name)
				s.End(nil)
			})
		}
		wg.Wait()
		flow.End(nil)
		require.NoError(t, flag.Set("update", fmt.Sprint(run == 0)))
		ok := k.AssertTreeUnordered(t, golden)
		require.NoError(t, flag.Set("update", "false"))
		require.True(t, ok)
	}
}

func TestAssertTokens(t *testing.T) {
	k := spanloomtest.New(t)
	ask(t.Context(), k.Handler, "q")
	assert.True(t, k.AssertTokens(t, "m", 10, 2))
	assert.True(t, k.AssertTokens(t, "", 10, 2))
	wrong := failing{TB: t}
	assert.False(t, k.AssertTokens(&wrong, "n", 10, 2))
	assert.Contains(t, wrong.said, `tokens of model "n": want 10 → 2, got 0 → 0`)
	assert.Contains(t, wrong.said, `models that were called: ["m"]`)
}

func TestAssertNoContent(t *testing.T) {
	off := spanloomtest.New(t)
	ask(t.Context(), off.Handler, "my secret")
	assert.True(t, off.AssertNoContent(t, "Secret", "boom"))
	on := spanloomtest.New(t, callbacks.WithContent(privacy.Verbatim))
	ask(t.Context(), on.Handler, "my secret")
	found := failing{TB: t}
	assert.False(t, on.AssertNoContent(&found, "SECRET"))
	assert.Contains(t, found.said, "traceloop.entity.input")
	for _, inMetrics := range []string{"weather", "_OTHER"} {
		assert.False(t, off.AssertNoContent(&failing{TB: t}, inMetrics), inMetrics)
	}
	assert.False(t, off.AssertNoContent(&failing{TB: t}), "nothing to look for proves nothing")
}

// Messages are JSON, and arguments of tools are JSON inside it.
func TestAssertNoContentReadsJSON(t *testing.T) {
	const secret = "<a \"quoted\"\nline>"
	arguments, err := json.Marshal(map[string]string{"q": secret})
	require.NoError(t, err)
	for name, input := range map[string]any{"text": secret, "JSON": map[string]string{"k": secret}, "JSON in JSON": map[string]string{"k": string(arguments)}} {
		k := spanloomtest.New(t, callbacks.WithContent(privacy.Verbatim))
		_, s := k.Handler.Start(t.Context(), callbacks.KindWorkflow, "w")
		s.SetInput(input)
		s.End(nil)
		found := failing{TB: t}
		assert.False(t, k.AssertNoContent(&found, secret), name)
		assert.Contains(t, found.said, "traceloop.entity.input", name)
	}
	k := spanloomtest.New(t)
	counter, err := k.MeterProvider().Meter("t").Int64Counter("c")
	require.NoError(t, err)
	counter.Add(t.Context(), 1, metric.WithAttributes(attribute.String("label", secret)))
	assert.False(t, k.AssertNoContent(&failing{TB: t}, secret), "a label")
}

func TestAssertNoOpenSpans(t *testing.T) {
	k := spanloomtest.New(t)
	_, s := k.Handler.Start(t.Context(), callbacks.KindTool, "left")
	open := failing{TB: t}
	assert.False(t, k.AssertNoOpenSpans(&open))
	assert.Contains(t, open.said, "execute_tool left")
	s.End(nil)
	assert.True(t, k.AssertNoOpenSpans(t))
}

func TestMetricLabelsAreSearched(t *testing.T) {
	k := spanloomtest.New(t)
	counter, err := k.MeterProvider().Meter("t").Int64Counter("own")
	require.NoError(t, err)
	counter.Add(t.Context(), 1)
	assert.Contains(t, k.Metrics(t), "own")
	assert.False(t, k.AssertNoContent(&failing{TB: t}, "own"))
}
