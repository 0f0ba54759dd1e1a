// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"math"
	"math/bits"
)

// Price is what a provider charges for a model, in US dollars per million
// tokens. Six decimals count; a float64 holds them exactly enough up to the
// largest price, a billion.
type Price struct {
	// Provider is matched exactly against gen_ai.provider.name; empty matches
	// every provider.
	Provider string
	// Model is matched against the response model, else the request model: a name,
	// or a pattern with * for any text and ? for any one character, such as "gpt-4o-*".
	// Which of several prices holds is told at [Prices].
	Model         string
	Input, Output float64
	// CacheRead and CacheCreation are for those parts of the input, Reasoning for
	// that part of the output. Zero means unset, and as Input or as Output; a part
	// that is free can be said in a file, see [LoadPrices].
	CacheRead, CacheCreation, Reasoning float64
	// MaxInput, if not zero, is the largest number of input tokens of a call that
	// the price holds for. Give the same model several prices where long prompts
	// cost more; without one for its length, a call has no price.
	MaxInput int
}

// rate is in 1e-12 USD per token, which is 1e-6 USD per million.
type rate struct {
	input, output, cacheRead, cacheCreation, reasoning int64

	maxInput int
}

const (
	// maxPrice, in US dollars per million tokens, keeps rates inside an int64.
	maxPrice = 1e9
	// rateDigits are the decimals of a price that make a whole rate.
	rateDigits = 6
)

// rate is false when a price is no amount of money. One that rounds to nothing
// is among them: a cost of 0 would say that the model is free.
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

func (r *rate) holds(input int) bool { return r.maxInput == 0 || input <= r.maxInput }

func (r *rate) cost(u Usage) USD {
	// A counter ignores negative numbers but not what a negative count does to
	// the others.
	cacheRead, cacheCreation, reasoning := max(0, u.CacheRead), max(0, u.CacheCreation), max(0, u.Reasoning)
	return times(u.Input-cacheRead-cacheCreation, r.input).
		Add(times(cacheRead, r.cacheRead)).
		Add(times(cacheCreation, r.cacheCreation)).
		Add(times(u.Output-reasoning, r.output)).
		Add(times(reasoning, r.reasoning))
}

// times stops at the largest amount instead of turning negative.
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
