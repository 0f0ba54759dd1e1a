// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/metrics"
)

// adder counts what it observes.
type adder struct {
	operations int
	cost       metrics.USD
}

func (a *adder) Observe(_ context.Context, _ metrics.Measurement, cost metrics.USD) {
	a.operations++
	a.cost = a.cost.Add(cost)
}

// last keeps the latest operation.
type last struct{ m metrics.Measurement }

func (l *last) Observe(_ context.Context, m metrics.Measurement, _ metrics.USD) { l.m = m }

func TestObserversReceiveEveryOperationWithItsCost(t *testing.T) {
	prices, err := metrics.NewPrices(metrics.Price{Model: "gpt-4o", Input: 10, Output: 20}, metrics.Price{Model: "e", Input: 1000})
	require.NoError(t, err)
	first, second, latest := &adder{}, &adder{}, &last{}
	r, _ := newRecorder(t, metrics.WithPrices(prices), metrics.WithObserver(first), metrics.WithObserver(nil),
		metrics.WithObserver(second), metrics.WithObserver(latest))
	for _, m := range everyKind {
		m.Workflow = "rag"
		r.Record(t.Context(), m)
		assert.Equal(t, m, latest.m)
	}
	for _, a := range []*adder{first, second} {
		assert.Equal(t, len(everyKind), a.operations)
		assert.Equal(t, "0.0084", a.cost.String(), "100 and 20 tokens of gpt-4o, 7 of e")
	}
}

type broken struct{ adder }

var errBroken = errors.New("a rule has no name")

func (*broken) Err() error { return errBroken }

func TestNewRecorderReturnsAnObserversError(t *testing.T) {
	b := &broken{}
	r, err := metrics.NewRecorder(nil, metrics.WithObserver(b))
	require.ErrorIs(t, err, errBroken)
	r.Record(t.Context(), everyKind[0])
	assert.Equal(t, 1, b.operations, "it observes in spite of the error")
}

func TestAnObserverEnablesARecorder(t *testing.T) {
	r, err := metrics.NewRecorder(nil)
	require.NoError(t, err)
	assert.False(t, r.Enabled(t.Context()))
	r, err = metrics.NewRecorder(nil, metrics.WithObserver(&adder{}))
	require.NoError(t, err)
	assert.True(t, r.Enabled(t.Context()))
}
