// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/metrics"
)

// costOf returns the cost on the span of a call of a million input tokens, "" if there
// is none.
func costOf(t *testing.T, model string, u metrics.Usage, opts ...Option) string {
	t.Helper()
	r := newRig(t, opts...)
	ctx, flow := r.Start(context.Background(), KindWorkflow, "w")
	_, s := r.Start(ctx, KindChat, model, semconv.ProviderName.String("openai"))
	u.Input = 1_000_000
	s.SetUsage(u)
	s.End(nil)
	flow.End(nil)
	cost := r.attrs("chat " + model)["gen_ai.usage.cost"]
	assert.Equal(t, cost, r.attrs("invoke_workflow w")["spanloom.cost.total"])
	var metric string
	for _, p := range r.points("gen_ai.usage.cost") {
		metric = attribute.Float64Value(p.sum).String()
	}
	assert.Equal(t, cost, metric)
	return cost
}

func TestCostIsThereByDefault(t *testing.T) {
	t.Setenv("SPANLOOM_PRICES", "")
	assert.Equal(t, "2.5", costOf(t, "gpt-4o", metrics.Usage{}))
	assert.Empty(t, costOf(t, "gpt-99", metrics.Usage{}), "an unknown model is not free")
	assert.Equal(t, "0.25", costOf(t, "gpt-99", metrics.Usage{Cost: metrics.Dollar / 4}), "a gateway says it")
}

func TestWithPrices(t *testing.T) {
	mine, err := metrics.NewPrices(metrics.Price{Model: "gpt-4o", Input: 7})
	require.NoError(t, err)
	assert.Equal(t, "7", costOf(t, "gpt-4o", metrics.Usage{}, WithPrices(mine)))
	assert.Empty(t, costOf(t, "gpt-4o", metrics.Usage{}, WithPrices(mine), WithPrices(nil)), "off")
	assert.Empty(t, costOf(t, "gpt-4o", metrics.Usage{Cost: metrics.Dollar}, WithPrices(nil)), "off, whatever a gateway says")
}

func TestPricesFromTheEnvironment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "prices.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"prices": [{"model": "gpt-4o", "input": 7, "output": 1}]}`), 0o600))
	t.Setenv("SPANLOOM_PRICES", file)
	assert.Equal(t, "7", costOf(t, "gpt-4o", metrics.Usage{}))
	assert.Equal(t, "0.15", costOf(t, "gpt-4o-mini", metrics.Usage{}), "what the file lacks has its default price")
	assert.Empty(t, costOf(t, "gpt-4o", metrics.Usage{}, WithPrices(nil)), "the option wins")
	t.Setenv("SPANLOOM_PRICES", "OFF")
	assert.Empty(t, costOf(t, "gpt-4o", metrics.Usage{}))
}

func TestABadPriceFileIsAnErrorAndTheDefaultsStay(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.json")
	require.NoError(t, os.WriteFile(bad, []byte(`{"prices": [{"model": "m", "output": 1}]}`), 0o600))
	for value, want := range map[string]string{
		bad:               `has no input`,
		"nowhere.json":    "no such file",
		filepath.Dir(bad): "is a directory",
	} {
		t.Setenv("SPANLOOM_PRICES", value)
		h, err := NewHandler()
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "SPANLOOM_PRICES")
		require.ErrorContains(t, err, "default prices are used")
		c, ok := h.recorder.Amount(metrics.Operation{Provider: "openai", Model: "gpt-4o"}, metrics.Usage{Input: 1_000_000})
		assert.True(t, ok)
		assert.Equal(t, "2.5", c.String())
	}
}

type operationCounter struct{ operations int }

func (c *operationCounter) Observe(context.Context, metrics.Measurement, metrics.USD) { c.operations++ }

// Without providers spans and metrics go nowhere, and the observer works all the same.
func TestWithObserver(t *testing.T) {
	one, two := &operationCounter{}, &operationCounter{}
	h, err := NewHandler(WithObserver(one), WithObserver(nil), WithObserver(two))
	require.NoError(t, err)
	_, s := h.Start(context.Background(), KindTask, "x")
	s.End(nil)
	assert.Equal(t, []int{1, 1}, []int{one.operations, two.operations})
}

func TestOptionsBesideARecorder(t *testing.T) {
	recorder, err := metrics.NewRecorder(nil)
	require.NoError(t, err)
	_, err = NewHandler(WithRecorder(recorder), WithPrices(nil))
	require.ErrorContains(t, err, "callbacks: WithPrices: no effect beside WithRecorder")
	_, err = NewHandler(WithObserver(&operationCounter{}), WithRecorder(recorder))
	assert.ErrorContains(t, err, "WithObserver")
}
