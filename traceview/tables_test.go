// SPDX-License-Identifier: Apache-2.0

package traceview_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/traceview"
)

func tables(t *testing.T, spans []sdktrace.ReadOnlySpan, opts ...traceview.Option) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, traceview.Tables(&b, spans, opts...))
	return b.String()
}

func TestTables(t *testing.T) {
	spans := recorded(t, "ask", "ask")
	assert.Equal(t, strings.TrimPrefix(`
MODEL   CALLS  ERRORS  RETRIES    IN  OUT       COST   P50   P95
priced      2       0        2  2000   40  $0.002400  80ms  80ms

TASK     RUNS  ERRORS  RETRIES    IN  OUT       COST    P50    P95
ask         2       0        2  2000   40  $0.002400  100ms  100ms
weather     2       2        0     0    0          -   10ms   10ms
`, "\n"), tables(t, spans))
	assert.Equal(t, strings.TrimPrefix(`
MODEL   CALLS  ERRORS  RETRIES    IN  OUT       COST
priced      2       0        2  2000   40  $0.002400

TASK     RUNS  ERRORS  RETRIES    IN  OUT       COST
ask         2       0        2  2000   40  $0.002400
weather     2       2        0     0    0          -
`, "\n"), tables(t, spans, traceview.WithoutTimes()))
}

func TestTablesFitTheScreen(t *testing.T) {
	k := oteltest.New(t)
	_, s := k.Handler.Start(t.Context(), callbacks.KindWorkflow, strings.Repeat("a long name ", 10))
	s.End(nil)
	for _, width := range []int{50, 80, 100} {
		for l := range strings.Lines(tables(t, k.Spans.Spans(), traceview.WithWidth(width))) {
			assert.LessOrEqual(t, len([]rune(strings.TrimRight(l, "\n"))), width, l)
		}
	}
	assert.Contains(t, tables(t, k.Spans.Spans(), traceview.WithWidth(80)), "…")
}
