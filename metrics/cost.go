// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"

	"github.com/spanloom/spanloom/internal/semconv"
)

// maxUnpriced bounds the models without a price that are reported, since model names
// may come from a program's users.
const maxUnpriced = 100

// pricing records what calls cost. Its zero value records nothing.
type pricing struct {
	// prices returns the list. It is nil if cost is off.
	prices   func() *Prices
	cost     metric.Float64Counter
	unpriced metric.Int64Counter

	mu       sync.Mutex
	reported map[modelKey]bool
}

type modelKey struct{ provider, model string }

// init switches cost on. A nil function leaves it off.
func (p *pricing) init(b *builder, prices func() *Prices) {
	if prices != nil {
		p.prices, p.cost, p.unpriced = prices, b.floatCounter(semconv.Cost), b.intCounter(semconv.CostUnpriced)
	}
}

func (p *pricing) amount(op *Operation, u Usage) (USD, bool) {
	if p.prices == nil || u.Cost > 0 {
		return u.Cost, p.prices != nil
	}
	list := p.prices()
	if op.ResponseModel != "" {
		if c, ok := list.Amount(op.Provider, op.ResponseModel, u); ok {
			return c, true
		}
	}
	return list.Amount(op.Provider, op.Model, u)
}

// recordCost counts calls without a price separately, since a cost of 0 would mean
// that they were free. l must come from the label cache.
func (r *Recorder) recordCost(ctx context.Context, m *Measurement, l *labels) USD {
	p := &r.pricing
	if p.prices == nil || m.Usage.IsZero() {
		return 0
	}
	if c, ok := p.amount(&m.Operation, m.Usage); ok {
		p.cost.Add(ctx, c.Float64(), r.labels.cost(l, m)...)
		return c
	}
	p.unpriced.Add(ctx, 1, l.with(m.Attributes).add...)
	p.report(&m.Operation)
	return 0
}

// report passes an error to OpenTelemetry's error handler, once per model.
func (p *pricing) report(op *Operation) {
	key := modelKey{op.Provider, cmp.Or(op.Model, op.ResponseModel)}
	p.mu.Lock()
	isNew := !p.reported[key] && len(p.reported) < maxUnpriced
	if isNew {
		if p.reported == nil {
			p.reported = map[modelKey]bool{}
		}
		p.reported[key] = true
	}
	n := len(p.reported)
	p.mu.Unlock()
	if !isNew {
		return
	}
	last := ""
	if n == maxUnpriced {
		last = "; further models are not reported"
	}
	if key.model == "" {
		otel.Handle(errors.New("spanloom: the model of a call is not known, as langchaingo's events do not name it: the call is missing in gen_ai.usage.cost; " +
			"wrap the model with models.Wrap, or switch cost off with SPANLOOM_PRICES=off"))
		return
	}
	otel.Handle(fmt.Errorf("spanloom: no price for model %q of provider %q: its calls are missing in gen_ai.usage.cost; "+
		"add it with WithPrices or SPANLOOM_PRICES=FILE, or switch cost off with SPANLOOM_PRICES=off%s", key.model, key.provider, last))
}
