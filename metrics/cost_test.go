// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/internal/testenv"
	"github.com/spanloom/spanloom/metrics"
)

func TestUnpricedCallsAreCounted(t *testing.T) {
	log := testenv.CaptureLog(t)
	r, read := newRecorder(t, metrics.WithPrices(metrics.DefaultPrices()))
	call := func(provider, model string, u metrics.Usage) {
		r.Record(t.Context(), metrics.Measurement{
			Operation: metrics.Operation{Name: "chat", Provider: provider, Model: model}, Usage: u,
		})
	}
	some := metrics.Usage{Input: 10}
	call("openai", "gpt-4o", some)
	assert.NotContains(t, read(), "spanloom.cost.unpriced")
	call("openai", "gpt-99", metrics.Usage{})
	assert.NotContains(t, read(), "spanloom.cost.unpriced", "without usage nothing is known to be missing")
	call("openai", "gpt-99", some)
	call("openai", "gpt-99", some)
	call("elsewhere", "gpt-4o", some)

	got := map[string]float64{}
	for _, p := range points(t, read()["spanloom.cost.unpriced"]) {
		assert.Equal(t, "chat", p.attrs["gen_ai.operation.name"], "labelled as the cost is")
		got[p.attrs["gen_ai.provider.name"].(string)+" "+p.attrs["gen_ai.request.model"].(string)] = p.sum
	}
	assert.Equal(t, map[string]float64{"openai gpt-99": 2, "elsewhere gpt-4o": 1}, got)
	assert.Len(t, points(t, read()["gen_ai.usage.cost"]), 1, "no cost of 0 for the others")
	assert.Equal(t, 1, strings.Count(log.String(), "model=gpt-99"), "one warning per model")
	assert.Equal(t, 1, strings.Count(log.String(), "provider=elsewhere model=gpt-4o"))
}

func TestUnpricedWarningsAreBounded(t *testing.T) {
	log := testenv.CaptureLog(t)
	r, read := newRecorder(t, metrics.WithPrices(metrics.DefaultPrices()))
	for i := range 500 {
		r.Record(t.Context(), metrics.Measurement{
			Operation: metrics.Operation{Name: "chat", Model: "made-up-" + strconv.Itoa(i)}, Usage: metrics.Usage{Output: 1},
		})
	}
	assert.Equal(t, 101, strings.Count(log.String(), "\n"))
	assert.Equal(t, 1, strings.Count(log.String(), "no warning for further models"))
	assert.Len(t, points(t, read()["spanloom.cost.unpriced"]), 500, "all are counted")
}

func TestWithoutPricesNothingIsUnpriced(t *testing.T) {
	log := testenv.CaptureLog(t)
	r, read := newRecorder(t)
	r.Record(t.Context(), everyKind[0])
	assert.NotContains(t, read(), "spanloom.cost.unpriced")
	assert.Empty(t, log.String())
	_, ok := r.Amount(chat, metrics.Usage{Input: 1})
	assert.False(t, ok)
}

func TestAmountsOfARunAddUp(t *testing.T) {
	prices, err := metrics.NewPrices(metrics.Price{Model: "m", Input: 0.1, Output: 0.3})
	require.NoError(t, err)
	r, err := metrics.NewRecorder(nil, metrics.WithPrices(prices))
	require.NoError(t, err)
	var run metrics.USD
	for range 100_000 {
		c, _ := r.Amount(metrics.Operation{Name: "chat", Model: "m"}, metrics.Usage{Input: 1, Output: 1})
		run = run.Add(c)
	}
	assert.Equal(t, "0.04", run.String())
	assert.Equal(t, 0.04, run.Float64())
}
