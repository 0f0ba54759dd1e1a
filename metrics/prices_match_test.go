// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cents is the input price that tells the entries of a test apart.
func cents(p *Prices, provider, model string, input int) string {
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
			assert.Equal(t, tt.want, cents(p, tt.provider, tt.model, 1), "reason: %s", tt.reason)
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
	assert.Equal(t, "1", cents(p, "", "long", 128_000), "up to it")
	assert.Equal(t, "2", cents(p, "", "long", 128_001))
	assert.Equal(t, "3", cents(p, "", "long", 200_001))
	assert.Equal(t, "1", cents(p, "", "short-1", 1000))
	assert.Empty(t, cents(p, "", "short-1", 1001), "the most specific entry says nothing of this length, and another model's price is no answer")
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
		assert.Equal(t, "1", cents(p, "p", "abc", 1), "a pattern of the first comes before a name of the next")
		assert.Equal(t, "3", cents(p, "p", "b", 1))
		assert.Equal(t, "4", cents(p, "p", "c", 1))
	}
	assert.Empty(t, cents(mine, "p", "b", 1), "the lists themselves are as they were")
	assert.Nil(t, (*Prices)(nil).Or(nil))
	assert.Same(t, base, (*Prices)(nil).Or(base))
	assert.Same(t, base, base.Or(nil))
	assert.Empty(t, cents(&Prices{}, "p", "b", 1))
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
