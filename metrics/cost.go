// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"cmp"
	"context"
	"log/slog"
	"sync"

	"go.opentelemetry.io/otel/metric"

	"github.com/spanloom/spanloom/internal/semconv"
)

// maxUnpricedWarnings bounds the warnings about models without a price, since model
// names may come from a program's users.
const maxUnpricedWarnings = 100

// pricing records what calls cost. Its zero value has no prices and records nothing.
type pricing struct {
	prices   *Prices
	cost     metric.Float64Counter
	unpriced metric.Int64Counter
	warnings *unpricedWarnings
}

func newPricing(b *builder, p *Prices) pricing {
	return pricing{
		prices:   p,
		cost:     b.floatCounter(semconv.Cost),
		unpriced: b.intCounter(semconv.CostUnpriced),
		warnings: &unpricedWarnings{models: map[modelKey]bool{}},
	}
}

func (p *pricing) amount(op *Operation, u Usage) (USD, bool) {
	if op.ResponseModel != "" {
		if c, ok := p.prices.Amount(op.Provider, op.ResponseModel, u); ok {
			return c, true
		}
	}
	return p.prices.Amount(op.Provider, op.Model, u)
}

// record counts calls without a price separately, since a cost of 0 would mean that
// they were free.
func (p *pricing) record(ctx context.Context, m *Measurement, l *labels) USD {
	if p.prices == nil || m.Usage.IsZero() {
		return 0
	}
	c, ok := p.amount(&m.Operation, m.Usage)
	if ok {
		p.cost.Add(ctx, c.Float64(), l.add...)
		return c
	}
	p.unpriced.Add(ctx, 1, l.add...)
	p.warnings.warn(&m.Operation)
	return 0
}

type modelKey struct{ provider, model string }

// unpricedWarnings logs each model without a price once.
type unpricedWarnings struct {
	mu     sync.Mutex
	models map[modelKey]bool
}

func (w *unpricedWarnings) warn(op *Operation) {
	key := modelKey{op.Provider, cmp.Or(op.Model, op.ResponseModel)}
	n := w.add(key)
	if n == 0 {
		return
	}
	slog.Warn("spanloom: no price for a model: its calls are missing in gen_ai.usage.cost, and are counted in spanloom.cost.unpriced",
		"provider", key.provider, "model", key.model, "response_model", op.ResponseModel)
	if n == maxUnpricedWarnings {
		slog.Warn("spanloom: no warning for further models without a price", "models", maxUnpricedWarnings)
	}
}

// add returns the number of models, or 0 if the key needs no warning.
func (w *unpricedWarnings) add(key modelKey) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.models[key] || len(w.models) == maxUnpricedWarnings {
		return 0
	}
	w.models[key] = true
	return len(w.models)
}
