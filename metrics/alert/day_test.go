// SPDX-License-Identifier: Apache-2.0

package alert_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/metrics/alert"
)

// clock is a time of the simulated day.
func clock(t *testing.T, s string) time.Duration {
	t.Helper()
	at, err := time.Parse("15:04:05", s)
	require.NoError(t, err)
	return at.Sub(at.Truncate(24 * time.Hour))
}

// TestADay has a program answer one question every two seconds with "big", and
// one every ten with "small", for a cent each, and lives through what may happen
// to it.
func TestADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		midnight := time.Now()
		during := func(from, to string) bool {
			now := time.Since(midnight)
			return now >= clock(t, from) && now < clock(t, to)
		}
		prices, err := metrics.NewPrices(metrics.Price{Model: "*", Input: 10})
		require.NoError(t, err)
		w := &watched{}
		w.monitor = alert.NewMonitor(
			alert.WithSink(w.sink),
			alert.WithRule(
				alert.Rule{Name: "model_errors", Signal: alert.SignalErrorRate, Scope: alert.ByModel, Threshold: 0.5, MinCount: 5},
				alert.Rule{Name: "workflow_spend", Signal: alert.SignalSpend, Scope: alert.ByWorkflow, Threshold: 50, Window: 10 * time.Minute},
				alert.Rule{Name: "slow_tail", Signal: alert.SignalLatency, Scope: alert.ByModel, Threshold: 20, Percentile: 0.95, MinCount: 20},
				alert.Rule{Name: "first_chunk", Signal: alert.SignalFirstChunk, Threshold: 2},
				alert.Rule{Name: "tokens", Signal: alert.SignalTokenRate, Threshold: 1e6},
				alert.Rule{Name: "empty", Signal: alert.SignalEmptyRetrievals, Threshold: 20},
			),
		)
		w.Recorder, err = metrics.NewRecorder(nil, metrics.WithPrices(prices), metrics.WithObserver(w.monitor))
		require.NoError(t, err)

		for tick := 0; time.Since(midnight) < 24*time.Hour; tick++ {
			synctest.Wait() // what time ends comes before what is called at that time
			second := 2 * tick
			if !during("03:00:00", "04:00:00") && !during("20:10:00", "21:00:00") { // nobody asks
				m := metrics.Measurement{
					Operation: metrics.Operation{Name: "chat", Model: "big"}, Workflow: "rag",
					Duration: time.Second, TimeToFirstChunk: 400 * time.Millisecond, Usage: metrics.Usage{Input: 1000},
				}
				switch {
				case during("06:00:00", "06:30:00"): // the provider is slow
					m.Duration = 8 * time.Second
				case during("09:00:00", "09:20:00"): // a deployment of the model is down
					m.ErrorType = "500"
				case during("16:00:00", "16:20:00") && second%20 == 0: // one in ten hangs
					m.Duration = 40 * time.Second
				case during("18:00:00", "18:00:10"), during("20:00:00", "20:10:00"): // a blip; the network is down
					m.ErrorType = "network"
				case during("19:00:00", "19:10:00"): // answers are slow to begin
					m.TimeToFirstChunk = 3 * time.Second
				}
				w.Record(t.Context(), m)
				if second%10 == 0 {
					m.Model, m.Workflow = "small", ""
					if !during("20:00:00", "20:10:00") {
						m.ErrorType = ""
					}
					m.Duration, m.TimeToFirstChunk = time.Second, 0
					w.Record(t.Context(), m)
				}
			}
			if during("12:00:00", "12:05:00") && second%20 == 0 { // somebody summarises the archive
				w.Record(t.Context(), metrics.Measurement{
					Operation: metrics.Operation{Name: "chat", Model: "big"}, Workflow: "report",
					Duration: time.Second, Usage: metrics.Usage{Input: 1_000_000},
				})
			}
			if second%10 == 0 {
				w.Record(t.Context(), metrics.Measurement{
					Operation: metrics.Operation{Name: "retrieval", Entity: "docs"},
					Empty:     during("15:00:00", "15:30:00"), // the index is being rebuilt
				})
			}
			time.Sleep(2 * time.Second)
		}

		var got []string
		for _, a := range w.all() {
			got = append(got, a.Time.Sub(midnight).Truncate(time.Second).String()+" "+a.String())
		}
		assert.Equal(t, []string{
			// The night's silence is no event. Ten calls of 8 s and 1 s, six of them slow.
			"6h0m10s mean_latency firing: 5.2 (threshold 5)",
			"6h30m4s mean_latency resolved: 4.5 (threshold 5)",
			// The 19th failure of 179 calls; half of the model's own after two and a half minutes.
			"9h0m36s error_rate firing: 0.1061 (threshold 0.1)",
			"9h2m30s model_errors firing for big: 0.5135 (threshold 0.5)",
			"9h22m28s model_errors resolved for big: 0.5 (threshold 0.5)",
			"9h24m20s error_rate resolved: 0.09605 (threshold 0.1)",
			// Ten dollars every 20 s: the sixth, and the tenth with what the others cost.
			"12h1m20s tokens firing: 1.036e+06 (threshold 1e+06)",
			"12h1m40s workflow_spend firing for report: 60 (threshold 50)",
			"12h3m0s spend firing: 101.8 (threshold 100)",
			"12h6m40s spend resolved: 91.76 (threshold 100)",
			"12h8m20s tokens resolved: 8.352e+05 (threshold 1e+06)",
			"12h13m0s workflow_spend resolved for report: 50 (threshold 50)",
			// The 21st retrieval.
			"15h3m20s empty firing: 21 (threshold 20)",
			"15h31m30s empty resolved: 20 (threshold 20)",
			// Eight of 150 calls are more than 5 %; the mean does not notice.
			"16h2m20s slow_tail firing for big: 40 (threshold 20)",
			"16h22m20s slow_tail resolved for big: 1.363 (threshold 20)",
			// Five failures at 18:00 are a blip.
			"19h3m2s first_chunk firing: 2.005 (threshold 2)",
			"19h11m54s first_chunk resolved: 1.995 (threshold 2)",
			// Everything fails, and then nobody asks: it ends with the window.
			"20h0m30s error_rate firing: 0.1073 (threshold 0.1)",
			"20h2m30s model_errors firing for big: 0.5135 (threshold 0.5)",
			"20h2m30s model_errors firing for small: 0.5333 (threshold 0.5)",
		}, got[:len(got)-3])
		assert.ElementsMatch(t, []string{
			"20h14m55s error_rate resolved: 0 (threshold 0.1)",
			"20h14m55s model_errors resolved for big: 0 (threshold 0.5)",
			"20h14m50s model_errors resolved for small: 0 (threshold 0.5)",
		}, got[len(got)-3:])
	})
}
