// SPDX-License-Identifier: Apache-2.0

package alert_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/metrics/alert"
)

func TestDefaultRules(t *testing.T) {
	want := []alert.Rule{
		{Name: "error_rate", Signal: alert.SignalErrorRate, Threshold: 0.1, Window: 5 * time.Minute, MinCount: 10},
		{Name: "mean_latency", Signal: alert.SignalLatency, Threshold: 5, Window: 5 * time.Minute, Last: 10},
		{Name: "spend", Signal: alert.SignalSpend, Threshold: 100, Window: 5 * time.Minute},
	}
	assert.Equal(t, want, alert.NewMonitor().Rules())
	for i := range want {
		want[i].Window = 0
	}
	assert.Equal(t, want, alert.DefaultRules())
	assert.Nil(t, (*alert.Monitor)(nil).Rules())
	assert.NoError(t, (*alert.Monitor)(nil).Err())
}

func TestRulesByOption(t *testing.T) {
	own := alert.Rule{Name: "mine", Signal: alert.SignalTokenRate, Threshold: 1000, Window: time.Hour}
	names := func(opts ...alert.Option) string {
		var b strings.Builder
		for _, r := range alert.NewMonitor(opts...).Rules() {
			b.WriteString(r.Name + " ")
		}
		return b.String()
	}
	assert.Equal(t, "error_rate mean_latency spend mine ", names(alert.WithRule(own)))
	assert.Equal(t, "mine ", names(alert.WithoutDefaultRules(), alert.WithRule(own)))
	assert.Equal(t, "spend ", names(alert.WithRule(own), alert.WithoutDefaultRules(), alert.WithSpend(5)))

	rules := alert.NewMonitor(alert.WithSpend(5), alert.WithWindow(time.Minute), alert.WithRule(own)).Rules()
	assert.Equal(t, alert.Rule{Name: "spend", Signal: alert.SignalSpend, Threshold: 5, Window: time.Minute}, rules[2])
	assert.Equal(t, own, rules[3], "a window of its own")

	own.Name = "spend"
	assert.Equal(t, "error_rate mean_latency spend ", names(alert.WithRule(own)), "a name stands once")
}

func TestWrongRulesAreLeftOut(t *testing.T) {
	good := alert.Rule{Name: "good", Signal: alert.SignalLatency, Threshold: 1}
	tests := []struct {
		want  string
		wrong func(*alert.Rule)
	}{
		{"has no name", func(r *alert.Rule) { r.Name = "" }},
		{`there is no signal "latncy"`, func(r *alert.Rule) { r.Signal = "latncy" }},
		{`there is no scope "user"`, func(r *alert.Rule) { r.Scope = "user" }},
		{"has no model", func(r *alert.Rule) { r.Signal, r.Scope = alert.SignalEmptyRetrievals, alert.ByModel }},
		{"threshold must not be negative", func(r *alert.Rule) { r.Threshold = -1 }},
		{"threshold must not be negative", func(r *alert.Rule) { r.Threshold = math.NaN() }},
		{"must not be negative", func(r *alert.Rule) { r.Window = -1 }},
		{"must not be negative", func(r *alert.Rule) { r.MinCount = -1 }},
		{"up to 1000 operations", func(r *alert.Rule) { r.Last = 1001 }},
		{"between 0 and 1", func(r *alert.Rule) { r.Percentile = 95 }},
		{"between 0 and 1", func(r *alert.Rule) { r.Percentile = math.NaN() }},
		{"only signals in seconds", func(r *alert.Rule) { r.Signal, r.Percentile = alert.SignalSpend, 0.5 }},
		{"for a percentile or for the last", func(r *alert.Rule) { r.Percentile, r.Last = 0.5, 5 }},
		{"threshold above 0", func(r *alert.Rule) { r.Percentile, r.Threshold = 0.5, 0 }},
	}
	for _, tt := range tests {
		bad := good
		bad.Name = "bad"
		tt.wrong(&bad)
		m := alert.NewMonitor(alert.WithoutDefaultRules(), alert.WithRule(bad, good))
		require.ErrorContains(t, m.Err(), tt.want)
		require.Len(t, m.Rules(), 1)
		assert.Equal(t, "good", m.Rules()[0].Name)
		_, err := metrics.NewRecorder(nil, metrics.WithObserver(m))
		assert.ErrorContains(t, err, tt.want, "who makes a Recorder hears of it")
	}
	assert.NoError(t, alert.NewMonitor(alert.WithErrorRate(math.Inf(1), 0)).Err(), "a way to turn a rule off")
}

// one has one rule, and no cool-down.
func one(t *testing.T, r alert.Rule, opts ...alert.Option) *watched {
	t.Helper()
	r.Name = "r"
	return watch(t, append([]alert.Option{alert.WithoutDefaultRules(), alert.WithRule(r)}, opts...)...)
}
