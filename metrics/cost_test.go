// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"

	"github.com/spanloom/spanloom/metrics"
)

// captureErrors collects what OpenTelemetry's error handler is told.
func captureErrors(t *testing.T) *[]error {
	t.Helper()
	before := otel.GetErrorHandler()
	t.Cleanup(func() { otel.SetErrorHandler(before) })
	errs := &[]error{}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { *errs = append(*errs, err) }))
	return errs
}

func TestUnpricedCallsAreCounted(t *testing.T) {
	handled := captureErrors(t)
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
	require.Len(t, *handled, 2, "once per model")
	assert.ErrorContains(t, (*handled)[0], `no price for model "gpt-99" of provider "openai"`)
	assert.ErrorContains(t, (*handled)[1], `no price for model "gpt-4o" of provider "elsewhere"`)
}

func TestUnpricedWarningsAreBounded(t *testing.T) {
	handled := captureErrors(t)
	r, read := newRecorder(t, metrics.WithPrices(metrics.DefaultPrices()))
	for i := range 500 {
		r.Record(t.Context(), metrics.Measurement{
			Operation: metrics.Operation{Name: "chat", Model: "made-up-" + strconv.Itoa(i)}, Usage: metrics.Usage{Output: 1},
		})
	}
	require.Len(t, *handled, 100)
	assert.NotContains(t, (*handled)[98].Error(), "further models")
	assert.ErrorContains(t, (*handled)[99], "further models are not reported")
	assert.Len(t, points(t, read()["spanloom.cost.unpriced"]), 500, "all are counted")
}

func TestWithoutPricesNothingIsUnpriced(t *testing.T) {
	handled := captureErrors(t)
	r, read := newRecorder(t, metrics.WithPrices(nil))
	r.Record(t.Context(), metrics.Measurement{Operation: chat, Usage: metrics.Usage{Input: 1, Cost: metrics.Dollar}})
	assert.NotContains(t, read(), "spanloom.cost.unpriced")
	assert.NotContains(t, read(), "gen_ai.usage.cost")
	assert.Empty(t, *handled)
	_, ok := r.Amount(chat, metrics.Usage{Input: 1, Cost: metrics.Dollar})
	assert.False(t, ok)
}

func TestCostIsThereByDefault(t *testing.T) {
	r, read := newRecorder(t)
	u := metrics.Usage{Input: 1_000_000}
	r.Record(t.Context(), metrics.Measurement{Operation: chat, Usage: u})
	assert.InDelta(t, 2.5, points(t, read()["gen_ai.usage.cost"])[0].sum, 0)
	c, ok := r.Amount(chat, u)
	assert.True(t, ok)
	assert.Equal(t, "2.5", c.String())
}

func TestAGatewaysCostWins(t *testing.T) {
	handled := captureErrors(t)
	seen := &adder{}
	r, read := newRecorder(t, metrics.WithObserver(seen))
	for _, model := range []string{"gpt-4o", "on no list"} {
		r.Record(t.Context(), metrics.Measurement{
			Operation: metrics.Operation{Name: "chat", Provider: "openai", Model: model}, Usage: metrics.Usage{Input: 10, Cost: metrics.Dollar},
		})
	}
	assert.Equal(t, 2*metrics.Dollar, seen.cost)
	for _, p := range points(t, read()["gen_ai.usage.cost"]) {
		assert.InDelta(t, 1, p.sum, 0)
	}
	assert.Empty(t, *handled)
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
