// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"log/slog"
	"sync"

	"go.opentelemetry.io/otel/metric"

	"github.com/spanloom/spanloom/internal/semconv"
)

// maxUnpricedNames bounds what the log is told of: a model name may come from a
// program's users.
const maxUnpricedNames = 100

// pricing is a Recorder's cost: an amount, or the fact that there is none. Its
// zero value has no prices and records nothing.
type pricing struct {
	prices   *Prices
	cost     metric.Float64Counter
	unpriced metric.Int64Counter
	warned   *warnings
}

func newPricing(m *maker, p *Prices) pricing {
	return pricing{
		prices:   p,
		cost:     m.amount(semconv.Cost),
		unpriced: m.counter(semconv.CostUnpriced),
		warned:   &warnings{models: map[modelKey]bool{}},
	}
}

func (p *pricing) enabled(ctx context.Context) bool {
	return p.cost != nil && p.cost.Enabled(ctx) || p.unpriced != nil && p.unpriced.Enabled(ctx)
}

func (p *pricing) amount(op *Operation, u Usage) (USD, bool) {
	if p.prices == nil {
		return 0, false
	}
	if op.ResponseModel != "" {
		if c, ok := p.prices.Amount(op.Provider, op.ResponseModel, u); ok {
			return c, true
		}
	}
	return p.prices.Amount(op.Provider, op.Model, u)
}

// record counts a call without a price: missing in a sum, it would look free.
func (p *pricing) record(ctx context.Context, m *Measurement, l *labels) USD {
	if p.prices == nil || m.Usage.IsZero() {
		return 0
	}
	c, ok := p.amount(&m.Operation, m.Usage)
	if ok {
		add(ctx, p.cost, c.Float64(), l.add)
		return c
	}
	add(ctx, p.unpriced, 1, l.add)
	p.warned.tell(&m.Operation)
	return 0
}

type modelKey struct{ provider, model string }

// warnings tells the log of each model once.
type warnings struct {
	mu     sync.Mutex
	models map[modelKey]bool
	full   bool
}

func (w *warnings) tell(op *Operation) {
	key := modelKey{op.Provider, op.Model}
	if key.model == "" {
		key.model = op.ResponseModel
	}
	w.mu.Lock()
	known := w.models[key] || w.full
	last := false
	if !known {
		w.models[key] = true
		w.full = len(w.models) == maxUnpricedNames
		last = w.full
	}
	w.mu.Unlock()
	if known {
		return
	}
	slog.Warn("spanloom: no price for a model: its calls are missing in gen_ai.usage.cost, and are counted in spanloom.cost.unpriced",
		"provider", key.provider, "model", key.model, "response_model", op.ResponseModel)
	if last {
		slog.Warn("spanloom: no warning for further models without a price", "models", maxUnpricedNames)
	}
}
