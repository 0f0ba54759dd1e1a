// SPDX-License-Identifier: Apache-2.0

package alert_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/metrics/alert"
)

func TestSignals(t *testing.T) {
	chat := metrics.Operation{Name: "chat", Model: "m"}
	embed := metrics.Operation{Name: "embeddings", Model: "m"}
	failed := chat
	failed.ErrorType = "429"
	tests := []struct {
		reason string
		rule   alert.Rule
		quiet  []metrics.Measurement
		loud   metrics.Measurement
		want   string
	}{
		{
			"calls of embedding models are not judged",
			alert.Rule{Signal: alert.SignalErrorRate, Threshold: 0.5},
			[]metrics.Measurement{{Operation: metrics.Operation{Name: "embeddings", ErrorType: "429"}}, {Operation: chat}},
			metrics.Measurement{Operation: failed},
			"",
		},
		{
			"a share",
			alert.Rule{Signal: alert.SignalErrorRate, Threshold: 0.4},
			[]metrics.Measurement{{Operation: chat}},
			metrics.Measurement{Operation: failed},
			"r firing: 0.5 (threshold 0.4)",
		},
		{
			"the mean of the window",
			alert.Rule{Signal: alert.SignalLatency, Threshold: 2},
			[]metrics.Measurement{{Operation: chat, Duration: time.Second}, {Operation: embed, Duration: time.Hour}},
			metrics.Measurement{Operation: chat, Duration: 4 * time.Second},
			"r firing: 2.5 (threshold 2)",
		},
		{
			"a percentile",
			alert.Rule{Signal: alert.SignalLatency, Threshold: 2, Percentile: 0.5},
			[]metrics.Measurement{{Operation: chat, Duration: time.Second}, {Operation: chat, Duration: 2 * time.Second}, {Operation: chat, Duration: time.Hour}},
			metrics.Measurement{Operation: chat, Duration: 8 * time.Second},
			"",
		},
		{
			"a percentile above",
			alert.Rule{Signal: alert.SignalLatency, Threshold: 2, Percentile: 0.9},
			[]metrics.Measurement{{Operation: chat, Duration: time.Second}},
			metrics.Measurement{Operation: chat, Duration: 8 * time.Second},
			"r firing: 8 (threshold 2)",
		},
		{
			"only answers that stream have a first chunk",
			alert.Rule{Signal: alert.SignalFirstChunk, Threshold: 1},
			[]metrics.Measurement{{Operation: chat, Duration: time.Hour}, {Operation: chat, TimeToFirstChunk: time.Second}},
			metrics.Measurement{Operation: chat, TimeToFirstChunk: 2 * time.Second},
			"r firing: 1.5 (threshold 1)",
		},
		{
			"embeddings cost money",
			alert.Rule{Signal: alert.SignalSpend, Threshold: 2},
			[]metrics.Measurement{{Operation: chat, Usage: metrics.Usage{Input: 1000}}, {Operation: metrics.Operation{Name: "invoke_agent", Model: "m"}, Usage: metrics.Usage{Input: 9000}}},
			metrics.Measurement{Operation: embed, Usage: metrics.Usage{Input: 2000}},
			"r firing: 3 (threshold 2)",
		},
		{
			"tokens per minute, of a window of ten",
			alert.Rule{Signal: alert.SignalTokenRate, Threshold: 100, Window: 10 * time.Minute},
			[]metrics.Measurement{{Operation: chat, Usage: metrics.Usage{Input: 900, Output: 100, Reasoning: 50, CacheRead: 10}}},
			metrics.Measurement{Operation: embed, Usage: metrics.Usage{Input: 500}},
			"r firing: 150 (threshold 100)",
		},
		{
			"searches outside of a retrieval as well",
			alert.Rule{Signal: alert.SignalEmptyRetrievals, Threshold: 1},
			[]metrics.Measurement{{Operation: metrics.Operation{Name: "retrieval"}, Empty: true}, {Operation: metrics.Operation{Name: "retrieval"}}},
			metrics.Measurement{Operation: metrics.Operation{DBOperation: "search"}, Empty: true},
			"r firing: 2 (threshold 1)",
		},
	}
	for _, tt := range tests {
		t.Run(tt.reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := one(t, tt.rule)
				for _, m := range tt.quiet {
					w.Record(t.Context(), m)
				}
				assert.Empty(t, w.take())
				w.Record(t.Context(), tt.loud)
				assert.Equal(t, tt.want, strings.Join(w.take(), ""))
			})
		})
	}
}

func TestUnits(t *testing.T) {
	for signal, want := range map[alert.Signal]string{
		alert.SignalErrorRate: "1", alert.SignalLatency: "s", alert.SignalFirstChunk: "s", alert.SignalSpend: "USD",
		alert.SignalTokenRate: "{token}/min", alert.SignalEmptyRetrievals: "{retrieval}",
	} {
		assert.Equal(t, want, signal.Unit())
	}
}
