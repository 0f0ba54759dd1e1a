// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/metrics"
)

func TestDefaultRules(t *testing.T) {
	want := []metrics.Rule{
		{Name: "error_rate", Signal: metrics.SignalErrorRate, Threshold: 0.1, Window: 5 * time.Minute, MinCount: 10},
		{Name: "mean_latency", Signal: metrics.SignalLatency, Threshold: 5, Window: 5 * time.Minute, Last: 10},
		{Name: "spend", Signal: metrics.SignalSpend, Threshold: 100, Window: 5 * time.Minute},
	}
	assert.Equal(t, want, metrics.NewMonitor().Rules())
	for i := range want {
		want[i].Window = 0
	}
	assert.Equal(t, want, metrics.DefaultRules())
	assert.Nil(t, (*metrics.Monitor)(nil).Rules())
	assert.NoError(t, (*metrics.Monitor)(nil).Err())
}

func TestRulesByOption(t *testing.T) {
	own := metrics.Rule{Name: "mine", Signal: metrics.SignalTokenRate, Threshold: 1000, Window: time.Hour}
	names := func(opts ...metrics.MonitorOption) string {
		var b strings.Builder
		for _, r := range metrics.NewMonitor(opts...).Rules() {
			b.WriteString(r.Name + " ")
		}
		return b.String()
	}
	assert.Equal(t, "error_rate mean_latency spend mine ", names(metrics.WithRule(own)))
	assert.Equal(t, "mine ", names(metrics.WithoutDefaultRules(), metrics.WithRule(own)))
	assert.Equal(t, "spend ", names(metrics.WithRule(own), metrics.WithoutDefaultRules(), metrics.WithSpend(5)))

	rules := metrics.NewMonitor(metrics.WithSpend(5), metrics.WithWindow(time.Minute), metrics.WithRule(own)).Rules()
	assert.Equal(t, metrics.Rule{Name: "spend", Signal: metrics.SignalSpend, Threshold: 5, Window: time.Minute}, rules[2])
	assert.Equal(t, own, rules[3], "a window of its own")

	own.Name = "spend"
	assert.Equal(t, "error_rate mean_latency spend ", names(metrics.WithRule(own)), "a name stands once")
}

func TestWrongRulesAreLeftOut(t *testing.T) {
	good := metrics.Rule{Name: "good", Signal: metrics.SignalLatency, Threshold: 1}
	tests := []struct {
		want  string
		wrong func(*metrics.Rule)
	}{
		{"has no name", func(r *metrics.Rule) { r.Name = "" }},
		{`there is no signal "latncy"`, func(r *metrics.Rule) { r.Signal = "latncy" }},
		{`there is no scope "user"`, func(r *metrics.Rule) { r.Scope = "user" }},
		{"has no model", func(r *metrics.Rule) { r.Signal, r.Scope = metrics.SignalEmptyRetrievals, metrics.ByModel }},
		{"threshold must not be negative", func(r *metrics.Rule) { r.Threshold = -1 }},
		{"threshold must not be negative", func(r *metrics.Rule) { r.Threshold = math.NaN() }},
		{"must not be negative", func(r *metrics.Rule) { r.Window = -1 }},
		{"must not be negative", func(r *metrics.Rule) { r.MinCount = -1 }},
		{"up to 1000 operations", func(r *metrics.Rule) { r.Last = 1001 }},
		{"between 0 and 1", func(r *metrics.Rule) { r.Percentile = 95 }},
		{"between 0 and 1", func(r *metrics.Rule) { r.Percentile = math.NaN() }},
		{"only signals in seconds", func(r *metrics.Rule) { r.Signal, r.Percentile = metrics.SignalSpend, 0.5 }},
		{"for a percentile or for the last", func(r *metrics.Rule) { r.Percentile, r.Last = 0.5, 5 }},
		{"threshold above 0", func(r *metrics.Rule) { r.Percentile, r.Threshold = 0.5, 0 }},
	}
	for _, tt := range tests {
		bad := good
		bad.Name = "bad"
		tt.wrong(&bad)
		m := metrics.NewMonitor(metrics.WithoutDefaultRules(), metrics.WithRule(bad, good))
		require.ErrorContains(t, m.Err(), tt.want)
		require.Len(t, m.Rules(), 1)
		assert.Equal(t, "good", m.Rules()[0].Name)
		_, err := metrics.NewRecorder(nil, metrics.WithMonitor(m))
		assert.ErrorContains(t, err, tt.want, "who makes a Recorder hears of it")
	}
	assert.NoError(t, metrics.NewMonitor(metrics.WithErrorRate(math.Inf(1), 0)).Err(), "a way to turn a rule off")
}

// one has one rule, and no cool-down.
func one(t *testing.T, r metrics.Rule, opts ...metrics.MonitorOption) *watched {
	t.Helper()
	r.Name = "r"
	return watch(t, append([]metrics.MonitorOption{metrics.WithoutDefaultRules(), metrics.WithRule(r)}, opts...)...)
}

func TestSignals(t *testing.T) {
	chat := metrics.Operation{Name: "chat", Model: "m"}
	embed := metrics.Operation{Name: "embeddings", Model: "m"}
	failed := chat
	failed.ErrorType = "429"
	tests := []struct {
		reason string
		rule   metrics.Rule
		quiet  []metrics.Measurement
		loud   metrics.Measurement
		want   string
	}{
		{
			"calls of embedding models are not judged",
			metrics.Rule{Signal: metrics.SignalErrorRate, Threshold: 0.5},
			[]metrics.Measurement{{Operation: metrics.Operation{Name: "embeddings", ErrorType: "429"}}, {Operation: chat}},
			metrics.Measurement{Operation: failed},
			"",
		},
		{
			"a share",
			metrics.Rule{Signal: metrics.SignalErrorRate, Threshold: 0.4},
			[]metrics.Measurement{{Operation: chat}},
			metrics.Measurement{Operation: failed},
			"r firing: 0.5 (threshold 0.4)",
		},
		{
			"the mean of the window",
			metrics.Rule{Signal: metrics.SignalLatency, Threshold: 2},
			[]metrics.Measurement{{Operation: chat, Duration: time.Second}, {Operation: embed, Duration: time.Hour}},
			metrics.Measurement{Operation: chat, Duration: 4 * time.Second},
			"r firing: 2.5 (threshold 2)",
		},
		{
			"a percentile",
			metrics.Rule{Signal: metrics.SignalLatency, Threshold: 2, Percentile: 0.5},
			[]metrics.Measurement{{Operation: chat, Duration: time.Second}, {Operation: chat, Duration: 2 * time.Second}, {Operation: chat, Duration: time.Hour}},
			metrics.Measurement{Operation: chat, Duration: 8 * time.Second},
			"",
		},
		{
			"a percentile above",
			metrics.Rule{Signal: metrics.SignalLatency, Threshold: 2, Percentile: 0.9},
			[]metrics.Measurement{{Operation: chat, Duration: time.Second}},
			metrics.Measurement{Operation: chat, Duration: 8 * time.Second},
			"r firing: 8 (threshold 2)",
		},
		{
			"only answers that stream have a first chunk",
			metrics.Rule{Signal: metrics.SignalFirstChunk, Threshold: 1},
			[]metrics.Measurement{{Operation: chat, Duration: time.Hour}, {Operation: chat, TimeToFirstChunk: time.Second}},
			metrics.Measurement{Operation: chat, TimeToFirstChunk: 2 * time.Second},
			"r firing: 1.5 (threshold 1)",
		},
		{
			"embeddings cost money",
			metrics.Rule{Signal: metrics.SignalSpend, Threshold: 2},
			[]metrics.Measurement{{Operation: chat, Usage: metrics.Usage{Input: 1000}}, {Operation: metrics.Operation{Name: "invoke_agent", Model: "m"}, Usage: metrics.Usage{Input: 9000}}},
			metrics.Measurement{Operation: embed, Usage: metrics.Usage{Input: 2000}},
			"r firing: 3 (threshold 2)",
		},
		{
			"tokens per minute, of a window of ten",
			metrics.Rule{Signal: metrics.SignalTokenRate, Threshold: 100, Window: 10 * time.Minute},
			[]metrics.Measurement{{Operation: chat, Usage: metrics.Usage{Input: 900, Output: 100, Reasoning: 50, CacheRead: 10}}},
			metrics.Measurement{Operation: embed, Usage: metrics.Usage{Input: 500}},
			"r firing: 150 (threshold 100)",
		},
		{
			"searches outside of a retrieval as well",
			metrics.Rule{Signal: metrics.SignalEmptyRetrievals, Threshold: 1},
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
	for signal, want := range map[metrics.Signal]string{
		metrics.SignalErrorRate: "1", metrics.SignalLatency: "s", metrics.SignalFirstChunk: "s", metrics.SignalSpend: "USD",
		metrics.SignalTokenRate: "{token}/min", metrics.SignalEmptyRetrievals: "{retrieval}",
	} {
		assert.Equal(t, want, signal.Unit())
	}
}
