// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The expected costs are worked out by hand, in dollars.
func TestCost(t *testing.T) {
	p, err := NewPrices(
		Price{Provider: "openai", Model: "gpt-4o", Input: 2.5, Output: 10, CacheRead: 1.25},
		Price{Provider: "anthropic", Model: "claude", Input: 3, Output: 15, CacheRead: 0.3, CacheCreation: 3.75},
		Price{Provider: "anthropic", Model: "hour", Input: 3, Output: 15, CacheCreation: 3.75, CacheCreation1h: 6},
		Price{Provider: "openai", Model: "o1", Input: 15, Output: 60, Reasoning: 90},
		Price{Model: "anywhere", Input: 1, Output: 2},
		Price{Provider: "groq", Model: "anywhere", Input: 0.05, Output: 0.08},
		Price{Model: "local"},
		Price{Model: "tiny", Input: 0.000001},
		Price{Model: "gold", Input: 1e9, Output: 1e9},
	)
	require.NoError(t, err)
	tests := []struct {
		reason, provider, model string
		usage                   Usage
		want                    float64
		ok                      bool
	}{
		{"1000 in, 500 out", "openai", "gpt-4o", Usage{Input: 1000, Output: 500}, 0.0075, true},
		{"cached input has its own price, and is part of the input", "openai", "gpt-4o", Usage{Input: 1000, Output: 0, CacheRead: 400}, 0.002, true},
		{"writing the cache costs more than not caching", "anthropic", "claude", Usage{Input: 1000, Output: 100, CacheRead: 600, CacheCreation: 300}, 0.003105, true},
		{"a cache of an hour has its own price, and is part of cache creation", "anthropic", "hour", Usage{Input: 1000, CacheCreation: 300, CacheCreation1h: 100}, 0.00345, true},
		{"of the hour no more than was written", "anthropic", "hour", Usage{Input: 100, CacheCreation: 100, CacheCreation1h: 900}, 0.0006, true},
		{"without a price of its own, an hour costs as cache creation", "anthropic", "claude", Usage{Input: 100, CacheCreation: 100, CacheCreation1h: 100}, 0.000375, true},
		{"without a price of its own, cache creation costs as input", "openai", "gpt-4o", Usage{Input: 1000, CacheCreation: 1000}, 0.0025, true},
		{"reasoning has its own price, and is part of the output", "openai", "o1", Usage{Output: 100, Reasoning: 40}, 0.0072, true},
		{"without a price of its own, reasoning costs as output", "openai", "gpt-4o", Usage{Output: 100, Reasoning: 100}, 0.001, true},
		{"an entry without provider matches every provider", "anyone", "anywhere", Usage{Input: 1e6, Output: 1e6}, 3, true},
		{"an entry with the provider comes first", "groq", "anywhere", Usage{Input: 1e6, Output: 1e6}, 0.13, true},
		{"a price of zero is a price", "ollama", "local", Usage{Input: 5}, 0, true},
		{"the smallest price counts single tokens", "x", "tiny", Usage{Input: 1}, 1e-12, true},
		{"an unknown model is not free", "openai", "gpt-5", Usage{Input: 5}, 0, false},
		{"another provider's model is not guessed", "azure.ai.openai", "gpt-4o", Usage{Input: 5}, 0, false},
		{"unknown usage has no cost", "openai", "gpt-4o", Usage{}, 0, false},
		{"more cached tokens than input: a provider's mistake must not become a discount", "openai", "gpt-4o", Usage{Input: 10, CacheRead: 100}, 0.000125, true},
		{"a negative count changes nothing else", "openai", "gpt-4o", Usage{Input: 1000, Output: -9, CacheRead: -5, Reasoning: -7}, 0.0025, true},
		{"too much to count stops at the top and stays positive", "x", "gold", Usage{Input: math.MaxInt64, Output: math.MaxInt64}, float64(math.MaxInt64) / 1e12, true},
	}
	for _, tt := range tests {
		usd, ok := p.Cost(tt.provider, tt.model, tt.usage)
		assert.Equal(t, tt.ok, ok, "reason: %s", tt.reason)
		assert.Equal(t, tt.want, usd, "reason: %s", tt.reason)
	}
	_, ok := (*Prices)(nil).Cost("openai", "gpt-4o", Usage{Input: 1})
	assert.False(t, ok, "a nil list knows no model")
}

func TestCostsAddUpExactly(t *testing.T) {
	p, err := NewPrices(Price{Model: "m", Input: 0.1, Output: 3.141592})
	require.NoError(t, err)
	var sum USD
	for range 1_000_000 {
		c, _ := p.Amount("", "m", Usage{Input: 1, Output: 1})
		sum = sum.Add(c)
	}
	assert.Equal(t, "3.241592", sum.String(), "a million calls of one token each way: floats would be off by then")
}

func TestNewPricesErrors(t *testing.T) {
	good := Price{Provider: "p", Model: "m", Input: 1, Output: 1}
	tests := []struct {
		reason, want string
		bad          Price
	}{
		{"no model", `metrics: the price of model "" of provider "p" has no model`, Price{Provider: "p", Input: 1}},
		{"listed twice", `metrics: the price of model "m" of provider "p" is listed twice`, Price{Provider: "p", Model: "m"}},
		{"negative", `model "x" of provider "" has output -1: use`, Price{Model: "x", Output: -1}},
		{"not a number", `model "x" of provider "" has `, Price{Model: "x", Input: math.NaN()}},
		{"infinite", `model "x" of provider "" has `, Price{Model: "x", Input: math.Inf(1)}},
		{"negative part of an hour", `has cache_creation_1h -1`, Price{Model: "x", CacheCreation1h: -1}},
		{"negative part", `model "x" of provider "" has `, Price{Model: "x", CacheRead: -1}},
		{"NaN part", `model "x" of provider "" has `, Price{Model: "x", Reasoning: math.NaN()}},
		{"beyond an int64", `model "x" of provider "" has `, Price{Model: "x", CacheCreation: 1e15}},
		{"so small that it would be free", `model "x" of provider "" has `, Price{Model: "x", Input: 1e-7}},
		{"negative length", `model "x" of provider "" has `, Price{Model: "x", MaxInput: -1}},
	}
	for _, tt := range tests {
		p, err := NewPrices(good, tt.bad, Price{Model: "later", Input: 1})
		require.ErrorContains(t, err, tt.want, "reason: %s", tt.reason)
		for _, model := range []string{"m", "later"} {
			_, ok := p.Cost("p", model, Usage{Input: 1})
			assert.True(t, ok, "the valid entries hold; reason: %s", tt.reason)
		}
		_, ok := p.Cost("", "x", Usage{Input: 1})
		assert.False(t, ok, "reason: %s", tt.reason)
	}
}

func TestUsage(t *testing.T) {
	u := Usage{Input: 1, Output: 2, CacheRead: 3, CacheCreation: 4, CacheCreation1h: 5, Reasoning: 6, Cost: 7}
	assert.Equal(t, Usage{2, 4, 6, 8, 10, 12, 14}, u.Add(u), "every field")
	assert.Zero(t, u.Sub(u))
	assert.Equal(t, u, Usage{}.Or(u))
	assert.True(t, Usage{}.IsZero())
	assert.False(t, Usage{Reasoning: 1}.IsZero())
}

// inputPrice returns the price per million input tokens, "" without a price.
func inputPrice(p *Prices, provider, model string, input int) string {
	c, ok := p.Amount(provider, model, Usage{Input: input})
	if !ok {
		return ""
	}
	return (c / USD(input) * 1_000_000).String()
}

func TestTheMostSpecificPriceHolds(t *testing.T) {
	list := []Price{
		{Model: "*", Input: 1},
		{Model: "gpt-4o", Input: 2},
		{Model: "gpt-4*", Input: 3},
		{Provider: "openai", Model: "*", Input: 4},
		{Provider: "openai", Model: "gpt-4o*", Input: 5},
		{Provider: "openai", Model: "gpt-4o-mini*", Input: 6},
		{Provider: "openai", Model: "gpt-4o-mini", Input: 7},
		{Provider: "openai", Model: "gpt-?o", Input: 8},
		{Provider: "openai", Model: "*mini-tts", Input: 9},
		{Provider: "groq", Model: "b*", Input: 10},
		{Provider: "groq", Model: "?b", Input: 11},
	}
	tests := []struct{ reason, provider, model, want string }{
		{"the exact name", "openai", "gpt-4o-mini", "7"},
		{"the longest prefix", "openai", "gpt-4o-mini-2024", "6"},
		{"a shorter one", "openai", "gpt-4o-2024", "5"},
		{"its provider's pattern before another's name", "openai", "gpt-4o", "5"},
		{"the fewest wildcards of as long a pattern", "openai", "gpt-5o", "8"},
		{"longer than the prefix that also fits", "openai", "gpt-mini-tts", "9"},
		{"the provider's everything before the pattern of none", "openai", "gpt-4.1", "4"},
		{"a name of no provider", "azure", "gpt-4o", "2"},
		{"a pattern of no provider", "azure", "gpt-4.1", "3"},
		{"everything", "ollama", "llama3", "1"},
		{"of equals the one that sorts first", "groq", "bb", "11"},
	}
	for range 20 { // maps have no order
		p, err := NewPrices(list...)
		require.NoError(t, err)
		for _, tt := range tests {
			assert.Equal(t, tt.want, inputPrice(p, tt.provider, tt.model, 1), "reason: %s", tt.reason)
		}
		slices.Reverse(list)
	}
}

func TestPricesByLength(t *testing.T) {
	p, err := NewPrices(
		Price{Model: "long", Input: 3}, Price{Model: "long", Input: 1, MaxInput: 128_000}, Price{Model: "long", Input: 2, MaxInput: 200_000},
		Price{Model: "short*", Input: 1, MaxInput: 1000}, Price{Model: "*", Input: 9},
	)
	require.NoError(t, err)
	assert.Equal(t, "1", inputPrice(p, "", "long", 128_000), "up to it")
	assert.Equal(t, "2", inputPrice(p, "", "long", 128_001))
	assert.Equal(t, "3", inputPrice(p, "", "long", 200_001))
	assert.Equal(t, "1", inputPrice(p, "", "short-1", 1000))
	assert.Empty(t, inputPrice(p, "", "short-1", 1001), "the most specific entry says nothing of this length, and another model's price is no answer")
	_, err = NewPrices(Price{Model: "m", MaxInput: 5}, Price{Model: "m", MaxInput: 5})
	assert.ErrorContains(t, err, "listed twice")
}

func TestOr(t *testing.T) {
	mine, err := NewPrices(Price{Provider: "p", Model: "a*", Input: 1})
	require.NoError(t, err)
	team, err := NewPrices(Price{Provider: "p", Model: "abc", Input: 2}, Price{Model: "b", Input: 3})
	require.NoError(t, err)
	base, err := NewPrices(Price{Model: "*", Input: 4})
	require.NoError(t, err)

	for _, p := range []*Prices{mine.Or(team).Or(base), mine.Or(team.Or(base)), mine.Or(nil).Or(team).Or(base)} {
		assert.Equal(t, "1", inputPrice(p, "p", "abc", 1), "a pattern of the first comes before a name of the next")
		assert.Equal(t, "3", inputPrice(p, "p", "b", 1))
		assert.Equal(t, "4", inputPrice(p, "p", "c", 1))
	}
	assert.Empty(t, inputPrice(mine, "p", "b", 1), "the lists themselves are as they were")
	assert.Nil(t, (*Prices)(nil).Or(nil))
	assert.Same(t, base, (*Prices)(nil).Or(base))
	assert.Same(t, base, base.Or(nil))
	assert.Empty(t, inputPrice(&Prices{}, "p", "b", 1))
}

func BenchmarkPrice(b *testing.B) {
	for _, model := range []string{"gpt-4o", "gpt-4o-2024-08-06", "unknown"} {
		b.Run(model, func(b *testing.B) {
			p := DefaultPrices()
			b.ReportAllocs()
			for b.Loop() {
				p.Amount("openai", model, Usage{Input: 1000, Output: 100})
			}
		})
	}
}
