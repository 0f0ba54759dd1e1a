// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/examples/cli/screen"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/metrics"
)

func TestSum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prices, err := metrics.NewPrices(metrics.Price{Model: "priced", Input: 1, Output: 10})
		require.NoError(t, err)
		recorder, err := metrics.NewRecorder(nil, metrics.WithPrices(prices))
		require.NoError(t, err)
		k := oteltest.New(t, callbacks.WithRecorder(recorder))
		var ids []string
		for i := range 3 {
			ctx, flow := k.Handler.Start(t.Context(), callbacks.KindWorkflow, "flow")
			ids = append(ids, flow.TraceID())
			ctx, task := k.Handler.Start(ctx, callbacks.KindTask, "task")
			inner, again := k.Handler.Start(ctx, callbacks.KindTask, "task")
			_, chat := k.Handler.Start(inner, callbacks.KindChat, "priced")
			chat.AddEvent("retry")
			time.Sleep(time.Duration(i+1) * time.Second)
			chat.SetUsage(metrics.Usage{Input: 100, Output: 10})
			chat.End(nil)
			again.End(nil)
			_, free := k.Handler.Start(ctx, callbacks.KindChat, "other")
			free.SetUsage(metrics.Usage{Input: 5})
			err := errors.New("boom")
			free.End(err)
			_, texts := k.Handler.Start(ctx, callbacks.KindEmbeddings, "vectors")
			texts.End(nil)
			task.End(err)
			flow.End(nil)
		}
		u := Sum(k.Spans.Spans())
		strip := func(ls []Line) []Line {
			for i := range ls {
				ls[i].durations = nil
			}
			return ls
		}
		cent := metrics.Dollar / 100
		assert.Equal(t, []Line{
			{Name: "priced", Counts: Counts{Calls: 3, Retries: 3, Input: 300, Output: 30, Cost: 6 * cent / 100}, P50: 2, P95: 3},
			{Name: "other", Counts: Counts{Calls: 3, Errors: 3, Input: 15, Unpriced: 3}},
			{Name: "vectors", Counts: Counts{Calls: 3}},
		}, strip(u.Models))
		assert.Equal(t, []Line{
			{Name: "flow", Counts: Counts{Calls: 3, Retries: 3, Input: 315, Output: 30, Cost: 6 * cent / 100, Unpriced: 3}, P50: 2, P95: 3},
			{Name: "task", Counts: Counts{Calls: 6, Errors: 3, Retries: 3, Input: 315, Output: 30, Cost: 6 * cent / 100, Unpriced: 3}, P50: 2, P95: 3},
		}, strip(u.Tasks), "a task inside itself counts twice, its tokens once")
		assert.Equal(t, Line{Name: "total", Counts: Counts{Calls: 9, Errors: 3, Retries: 3, Input: 315, Output: 30, Cost: 6 * cent / 100, Unpriced: 3}, P95: 3}, strip([]Line{u.Total})[0])
		byTrace := SumByTrace(k.Spans.Spans())
		require.Len(t, byTrace, 3)
		assert.Equal(t, int64(105), byTrace[ids[1]].Input)

		var b bytes.Buffer
		u.Tables(&b, screen.Screen{Width: 80})
		assert.Equal(t, `MODEL    CALLS  ERRORS  RETRIES   IN  OUT         COST  P50  P95
priced       3       0        3  300   30    $0.000600   2s   3s
other        3       3        0   15    0            -   0s   0s
vectors      3       0        0    0    0            -   0s   0s
total        9       3        3  315   30  ≥ $0.000600   0s   3s

TASK  RUNS  ERRORS  RETRIES   IN  OUT         COST  P50  P95
flow     3       0        3  315   30  ≥ $0.000600   2s   3s
task     6       3        3  315   30  ≥ $0.000600   2s   3s
`, b.String())
		b.Reset()
		u.Tables(&b, screen.Screen{Width: 50})
		assert.Contains(t, b.String(), "MODEL    CALLS  ERRORS   IN  OUT         COST  P95\n", "the narrower, the less")
	})
}

func TestPercentile(t *testing.T) {
	assert.Zero(t, percentile(nil, 0.5))
	d := []time.Duration{1, 2, 3, 4}
	for p, want := range map[float64]time.Duration{0: 1, 0.25: 1, 0.5: 2, 0.51: 3, 0.95: 4, 1: 4} {
		assert.Equal(t, want, percentile(d, p), p)
	}
}

func TestTreeOnATerminal(t *testing.T) {
	k := oteltest.New(t)
	ctx, flow := k.Handler.Start(t.Context(), callbacks.KindWorkflow, "flow")
	_, task := k.Handler.Start(ctx, callbacks.KindTask, "task with a name that is long")
	task.End(errors.New("boom"))
	flow.End(nil)
	var b bytes.Buffer
	Tree(&b, screen.Screen{Terminal: true, Colour: true, Width: 30}, k.Spans.Spans())
	assert.Contains(t, b.String(), "invoke_workflow flow\x1b[2m  ")
	assert.Contains(t, b.String(), "\x1b[31m└─ execute_task task with a n…\x1b[0m\n")
	b.Reset()
	Tree(&b, screen.Screen{Width: 30}, k.Spans.Spans())
	assert.Contains(t, b.String(), "long  ", "nothing is cut in a file")
	assert.NotContains(t, b.String(), "\x1b")
}
