// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// Price is what a provider charges for a model, in US dollars per million tokens,
// with up to six decimals. The largest price is a billion. Its JSON is an entry of
// [LoadPrices].
type Price struct {
	// Provider is matched exactly against gen_ai.provider.name; empty matches
	// every provider.
	Provider string `json:"provider"`
	// Model is matched against the response model, else the request model. It is a
	// name, or a pattern with * for any text and ? for any one character, such as
	// "gpt-4o-*". See [Prices] for which of several matching prices applies.
	Model  string  `json:"model"`
	Input  float64 `json:"input"`
	Output float64 `json:"output"`
	// CacheRead and CacheCreation price these parts of the input, Reasoning this part
	// of the output. Zero means the same as Input or Output.
	CacheRead     float64 `json:"cache_read"`
	CacheCreation float64 `json:"cache_creation"`
	Reasoning     float64 `json:"reasoning"`
	// CacheCreation1h prices what is written to a cache of one hour. Zero means the same
	// as CacheCreation.
	CacheCreation1h float64 `json:"cache_creation_1h"`
	// MaxInput, if not zero, is the largest number of input tokens that the price
	// applies to. Give a model several prices where long prompts cost more. A call
	// that is longer than all of them has no price.
	MaxInput int `json:"max_input"`
}

// rate is in 1e-12 USD per token, which is 1e-6 USD per million.
type rate struct {
	input, output, cacheRead, cacheCreation, cacheCreation1h, reasoning int64

	maxInput int
}

// maxPrice, in US dollars per million tokens, makes every rate fit an int64.
const maxPrice = 1e9

// rate returns an error for a price that is negative, not a number or too large, and
// for one that rounds to 0, which would make the model free.
func (p Price) rate() (r rate, err error) {
	if p.Model == "" {
		return r, errors.New("has no model: name the model the price is for")
	}
	if p.MaxInput < 0 {
		return r, fmt.Errorf("has max_input %d: it must not be negative", p.MaxInput)
	}
	perToken := func(field string, v float64, otherwise int64) int64 {
		rounded := math.Round(v * 1e6)
		if v == 0 {
			return otherwise
		}
		if !(v > 0 && v <= maxPrice) || rounded == 0 {
			err = errors.Join(err, fmt.Errorf("has %s %v: use US dollars per million tokens, from 0.000001 to a billion", field, v))
			return 0
		}
		return int64(rounded)
	}
	r = rate{input: perToken("input", p.Input, 0), output: perToken("output", p.Output, 0), maxInput: p.MaxInput}
	r.cacheRead = perToken("cache_read", p.CacheRead, r.input)
	r.cacheCreation = perToken("cache_creation", p.CacheCreation, r.input)
	r.cacheCreation1h = perToken("cache_creation_1h", p.CacheCreation1h, r.cacheCreation)
	r.reasoning = perToken("reasoning", p.Reasoning, r.output)
	return r, err
}

func (r *rate) applies(input int) bool { return r.maxInput == 0 || input <= r.maxInput }

func (r *rate) cost(u Usage) USD {
	// A negative count must not make the other parts larger.
	cacheRead, cacheCreation, reasoning := max(0, u.CacheRead), max(0, u.CacheCreation), max(0, u.Reasoning)
	hour := min(max(0, u.CacheCreation1h), cacheCreation)
	return times(u.Input-cacheRead-cacheCreation, r.input).
		Add(times(cacheRead, r.cacheRead)).
		Add(times(cacheCreation-hour, r.cacheCreation)).
		Add(times(hour, r.cacheCreation1h)).
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
