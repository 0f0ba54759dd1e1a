// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"fmt"
	"math"
	"math/bits"
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

// maxPrice, in US dollars per million tokens, keeps rates inside an int64.
const maxPrice = 1e9

// NewPrices builds a price list. It returns an error that names the entry when
// a model is missing or listed twice, or a price is negative, not a number or
// beyond 1e9; the list then holds the valid entries.
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
			fail(i, "has a price that is negative, not a number or above %g: use US dollars per million tokens", float64(maxPrice))
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
		if !(perMillion >= 0 && perMillion <= maxPrice) {
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
	// A counter ignores negative numbers but not what a negative count does to
	// the others.
	cacheRead, cacheCreation, reasoning := max(0, u.CacheRead), max(0, u.CacheCreation), max(0, u.Reasoning)
	sum := cost(u.Input-cacheRead-cacheCreation, r.input)
	sum = add(sum, cost(cacheRead, r.cacheRead))
	sum = add(sum, cost(cacheCreation, r.cacheCreation))
	sum = add(sum, cost(u.Output-reasoning, r.output))
	return add(sum, cost(reasoning, r.reasoning)), true
}

// cost and add stop at the largest int64 instead of turning negative.
func cost(tokens int, rate int64) int64 {
	if tokens <= 0 || rate <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(tokens), uint64(rate))
	if hi != 0 || lo > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(lo)
}

func add(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
