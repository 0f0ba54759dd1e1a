// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/metrics"
)

func TestTutorialMetrics(t *testing.T) {
	r, read := newRecorder(t, metrics.WithTutorialMetrics())
	usage := metrics.Usage{Input: 100, Output: 20}
	failed := chat
	failed.ErrorType = "timeout"
	for _, m := range []metrics.Measurement{
		{Operation: chat, Duration: 2e9, Usage: usage},
		{Operation: chat, Duration: 1e9, Usage: usage},
		{Operation: failed, Duration: 3e9},
		{Operation: metrics.Operation{Name: "chat"}},
		{Operation: metrics.Operation{Name: "embeddings", Model: "e"}, Usage: usage},
		{Operation: metrics.Operation{Name: "invoke_agent"}, Usage: usage},
	} {
		r.Record(context.Background(), m)
	}
	got := read()
	sums := func(name string) map[string]float64 {
		out := map[string]float64{}
		for _, p := range points(t, got[name]) {
			key := p.attrs["model"].(string)
			for _, k := range []attribute.Key{"status", "type"} {
				if v, ok := p.attrs[k]; ok {
					key += " " + v.(string)
				}
			}
			out[key] = p.sum
		}
		return out
	}
	assert.Equal(t, map[string]float64{"gpt-4o success": 2, "gpt-4o error": 1, "unknown success": 1}, sums("llm_requests_total"))
	assert.Equal(t, map[string]float64{"gpt-4o prompt": 200, "gpt-4o completion": 40}, sums("llm_tokens_used"), "each token once")
	assert.Equal(t, map[string]float64{"gpt-4o": 6, "unknown": 0}, sums("llm_response_time"), "failed calls take time, too")
	assert.Equal(t, durations, points(t, got["llm_response_time"])[0].bounds)
}

func TestTutorialMetricsAreOptIn(t *testing.T) {
	r, read := newRecorder(t)
	r.Record(t.Context(), everyKind[0])
	for name := range read() {
		assert.NotContains(t, name, "llm_")
	}
}
