// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"fmt"
	"math"
)

// Price is what a provider charges for a model, in US dollars per million
// tokens.
type Price struct {
	// Provider and Model are matched exactly against gen_ai.provider.name and
	// the response model, else the request model. An empty Provider matches
	// every provider.
	Provider, Model string
	Input, Output   float64
	// CacheRead and CacheCreation default to Input, Reasoning to Output.
	CacheRead, CacheCreation, Reasoning float64
}

// Prices is an immutable price list, safe for concurrent use. A nil *Prices
// knows no model.
type Prices struct {
	byModel map[priceKey]rate
}

type priceKey struct{ provider, model string }

// rate is in 1e-12 USD per token: a price per million tokens with six decimals
// is then a whole number, so that sums of costs are exact.
type rate struct{ input, output, cacheRead, cacheCreation, reasoning int64 }

const picoUSD = 1e12

// NewPrices builds a price list. It returns an error that names the entry when
// a model is missing or listed twice, or a price is negative or not a number;
// the list then holds the valid entries.
func NewPrices(list ...Price) (*Prices, error) {
	p := &Prices{byModel: make(map[priceKey]rate, len(list))}
	var first error
	fail := func(i int, format string, args ...any) {
		if first == nil {
			first = fmt.Errorf("metrics: price %d (provider %q, model %q) %s", i, list[i].Provider, list[i].Model, fmt.Sprintf(format, args...))
		}
	}
	for i, e := range list {
		if e.Model == "" {
			fail(i, "has no model: name the model the price is for")
			continue
		}
		key := priceKey{e.Provider, e.Model}
		if _, dup := p.byModel[key]; dup {
			fail(i, "is listed twice: remove one of the two")
			continue
		}
		r, ok := e.rate()
		if !ok {
			fail(i, "has a negative price or one that is not a number: use US dollars per million tokens")
			continue
		}
		p.byModel[key] = r
	}
	return p, first
}

func (e Price) rate() (rate, bool) {
	or := func(v, def float64) float64 {
		if v == 0 {
			return def
		}
		return v
	}
	ok := true
	perToken := func(perMillion float64) int64 {
		if !(perMillion >= 0) || math.IsInf(perMillion, 0) {
			ok = false
			return 0
		}
		return int64(math.Round(perMillion * 1e6))
	}
	r := rate{
		input:         perToken(e.Input),
		output:        perToken(e.Output),
		cacheRead:     perToken(or(e.CacheRead, e.Input)),
		cacheCreation: perToken(or(e.CacheCreation, e.Input)),
		reasoning:     perToken(or(e.Reasoning, e.Output)),
	}
	return r, ok
}

// Cost returns what the usage costs in US dollars. ok is false when the model
// has no price or the usage is unknown; a cost is never guessed.
func (p *Prices) Cost(provider, model string, u Usage) (usd float64, ok bool) {
	pico, ok := p.pico(provider, model, u)
	return float64(pico) / picoUSD, ok
}

func (p *Prices) pico(provider, model string, u Usage) (int64, bool) {
	if p == nil || u.IsZero() {
		return 0, false
	}
	r, ok := p.byModel[priceKey{provider, model}]
	if !ok {
		r, ok = p.byModel[priceKey{"", model}]
	}
	if !ok {
		return 0, false
	}
	plainInput := max(0, u.Input-u.CacheRead-u.CacheCreation)
	plainOutput := max(0, u.Output-u.Reasoning)
	return int64(plainInput)*r.input + int64(u.CacheRead)*r.cacheRead + int64(u.CacheCreation)*r.cacheCreation +
		int64(plainOutput)*r.output + int64(u.Reasoning)*r.reasoning, true
}
