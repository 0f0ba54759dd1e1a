// SPDX-License-Identifier: Apache-2.0

package traceview_test

import (
	"bytes"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/traceview"
)

func TestSum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prices, err := metrics.NewPrices(metrics.Price{Model: "priced", Input: 1, Output: 10})
		require.NoError(t, err)
		recorder, err := metrics.NewRecorder(nil, metrics.WithPrices(prices))
		require.NoError(t, err)
		k := oteltest.New(t, callbacks.WithRecorder(recorder))
		for i := range 3 {
			ctx, flow := k.Handler.Start(t.Context(), callbacks.KindWorkflow, "flow")
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
		u := traceview.Sum(k.Spans.Spans())
		cent := metrics.Dollar / 100
		assert.Equal(t, []traceview.Row{
			{Name: "priced", Counts: traceview.Counts{Calls: 3, Retries: 3, Input: 300, Output: 30, Cost: 6 * cent / 100}, P50: 2, P95: 3},
			{Name: "other", Counts: traceview.Counts{Calls: 3, Errors: 3, Input: 15, Unpriced: 3}},
			{Name: "vectors", Counts: traceview.Counts{Calls: 3}},
		}, u.Models)
		assert.Equal(t, []traceview.Row{
			{Name: "flow", Counts: traceview.Counts{Calls: 3, Retries: 3, Input: 315, Output: 30, Cost: 6 * cent / 100, Unpriced: 3}, P50: 2, P95: 3},
			{Name: "task", Counts: traceview.Counts{Calls: 6, Errors: 3, Retries: 3, Input: 315, Output: 30, Cost: 6 * cent / 100, Unpriced: 3}, P50: 2, P95: 3},
		}, u.Tasks, "a task inside itself counts twice, its tokens once")
		assert.Equal(t, traceview.Row{Name: "total", Counts: traceview.Counts{Calls: 9, Errors: 3, Retries: 3, Input: 315, Output: 30, Cost: 6 * cent / 100, Unpriced: 3}, P95: 3}, u.Total)
		var b bytes.Buffer
		require.NoError(t, u.Write(&b, traceview.WithWidth(80)))
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
		require.NoError(t, u.Write(&b, traceview.WithWidth(50)))
		assert.Contains(t, b.String(), "MODEL    CALLS  ERRORS   IN  OUT         COST  P95\n", "the narrower, the less")
	})
}
