// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"math"
	"math/bits"
)

// Price is what a provider charges for a model, in US dollars per million tokens,
// with up to six decimals. The largest price is a billion.
type Price struct {
	// Provider is matched exactly against gen_ai.provider.name; empty matches
	// every provider.
	Provider string
	// Model is matched against the response model, else the request model. It is a
	// name, or a pattern with * for any text and ? for any one character, such as
	// "gpt-4o-*". See [Prices] for which of several matching prices applies.
	Model         string
	Input, Output float64
	// CacheRead and CacheCreation price these parts of the input, Reasoning this part
	// of the output. Zero means the same as Input or Output; for a part that is free,
	// see [LoadPrices].
	CacheRead, CacheCreation, Reasoning float64
	// MaxInput, if not zero, is the largest number of input tokens that the price
	// applies to. Give a model several prices where long prompts cost more. A call
	// that is longer than all of them has no price.
	MaxInput int
}

// rate is in 1e-12 USD per token, which is 1e-6 USD per million.
type rate struct {
	input, output, cacheRead, cacheCreation, reasoning int64

	maxInput int
}

const (
	// maxPrice, in US dollars per million tokens, makes every rate fit an int64.
	maxPrice = 1e9
	// rateDigits is the number of decimals of a price that a rate can express.
	rateDigits = 6
)

// rate reports false for a price that is negative, not a number or too large, and
// for one that rounds to 0, which would make the model free.
func (e Price) rate() (rate, bool) {
	ok := e.MaxInput >= 0
	perToken := func(v, def float64) int64 {
		if v == 0 {
			v = def
		}
		r := math.Round(v * 1e6)
		if !(v >= 0 && v <= maxPrice) || v > 0 && r == 0 {
			ok = false
			return 0
		}
		return int64(r)
	}
	return rate{
		input:         perToken(e.Input, 0),
		output:        perToken(e.Output, 0),
		cacheRead:     perToken(e.CacheRead, e.Input),
		cacheCreation: perToken(e.CacheCreation, e.Input),
		reasoning:     perToken(e.Reasoning, e.Output),
		maxInput:      e.MaxInput,
	}, ok
}

func (r *rate) applies(input int) bool { return r.maxInput == 0 || input <= r.maxInput }

func (r *rate) cost(u Usage) USD {
	// A negative count must not make the other parts larger.
	cacheRead, cacheCreation, reasoning := max(0, u.CacheRead), max(0, u.CacheCreation), max(0, u.Reasoning)
	return times(u.Input-cacheRead-cacheCreation, r.input).
		Add(times(cacheRead, r.cacheRead)).
		Add(times(cacheCreation, r.cacheCreation)).
		Add(times(u.Output-reasoning, r.output)).
		Add(times(reasoning, r.reasoning))
}

// times returns the largest amount instead of overflowing.
func times(tokens int, rate int64) USD {
	if tokens <= 0 || rate <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(tokens), uint64(rate))
	if hi != 0 || lo > math.MaxInt64 {
		return math.MaxInt64
	}
	return USD(lo)
}
