// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const priceList = `{
	"source": "our contract", "date": "2026-01-31",
	"prices": [
		{"provider": "openai", "model": "gpt-4o*", "input": 2.50, "output": 10, "cache_read": 1.25, "max_input": 128000},
		{"provider": "anthropic", "model": "claude", "input": 3, "output": 15, "cache_read": 0.3, "cache_creation": 3.75, "cache_creation_1h": 6},
		{"model": "thinker", "input": 1, "output": 2, "reasoning": 4},
		{"models": ["local", "near"], "input": 0, "output": 0}
	]
}
`

func TestLoadPrices(t *testing.T) {
	tests := []struct {
		reason, provider, model string
		usage                   Usage
		want                    string
	}{
		{"a pattern", "openai", "gpt-4o-mini", Usage{Input: 1000, CacheRead: 500, Output: 100}, "0.002875"},
		{"unset is as input", "openai", "gpt-4o", Usage{Input: 1000, CacheCreation: 1000}, "0.0025"},
		{"all parts", "anthropic", "claude", Usage{Input: 1000, CacheRead: 600, CacheCreation: 300, CacheCreation1h: 100, Output: 100}, "0.00333"},
		{"any provider", "x", "thinker", Usage{Output: 100, Reasoning: 50}, "0.0003"},
		{"free altogether", "x", "local", Usage{Input: 10, Output: 10}, "0"},
		{"several models", "x", "near", Usage{Input: 10, Output: 10}, "0"},
	}
	p, err := LoadPrices(strings.NewReader(priceList))
	require.NoError(t, err)
	for _, tt := range tests {
		c, ok := p.Amount(tt.provider, tt.model, tt.usage)
		assert.True(t, ok, tt.reason)
		assert.Equal(t, tt.want, c.String(), tt.reason)
	}
	_, ok := p.Amount("openai", "gpt-4o", Usage{Input: 128_001})
	assert.False(t, ok, "too long")
}

func TestLoadPricesErrors(t *testing.T) {
	entry := func(fields string) string {
		return `{"prices": [{"model": "good", "input": 1, "output": 1}, {` + fields + `}]}`
	}
	tests := []struct {
		reason, text, want string
		nothing            bool // of the list is valid
	}{
		{"nothing", "", "metrics: prices: the file is empty", true},
		{"YAML", "prices:\n- {model: m, input: 1, output: 1}\n", "invalid character 'p'", true},
		{"cut off", `{"prices": [`, "unexpected EOF", true},
		{"a list", `[{"model": "m"}]`, "cannot unmarshal array", true},
		{"another list", `{"price": []}`, `unknown field "price"`, true},
		{"no list", `{}`, `there is no list "prices"`, true},
		{"two values", `{"prices": []} {"prices": []}`, "more than one JSON value", true},
		{"unknown field", entry(`"model": "m", "input": 1, "output": 1, "cached": 1`), `unknown field "cached"`, true},
		{"a text", entry(`"model": "m", "input": "$2", "output": 1`), "input of type float64", true},
		{"length with a fraction", entry(`"model": "m", "input": 1, "output": 1, "max_input": 1.5`), "max_input of type int", true},
		{"no model", entry(`"provider": "p", "input": 1, "output": 1`), `model "" of provider "p" has no model`, false},
		{"no input", entry(`"model": "m", "output": 1`), `the price of model "m" of provider "" has no input or no output: write 0 for what is free`, false},
		{"no output", entry(`"models": ["m", "n"], "input": 1`), `model "m, n" of provider "" has no input or no output`, false},
		{"negative", entry(`"model": "m", "input": -1, "output": 1`), "has input -1", false},
		{"seven decimals", entry(`"model": "m", "input": 0.0000001, "output": 1`), "has input 1e-07", false},
		{"too much", entry(`"model": "m", "input": 1000000001, "output": 1`), "to a billion", false},
		{"negative length", entry(`"model": "m", "input": 1, "output": 1, "max_input": -1`), "has max_input -1", false},
		{"listed twice", entry(`"model": "good", "input": 2, "output": 1`), "is listed twice", false},
	}
	for _, tt := range tests {
		p, err := LoadPrices(strings.NewReader(tt.text))
		require.ErrorContains(t, err, tt.want, "reason: %s", tt.reason)
		require.NotNil(t, p, tt.reason)
		_, ok := p.Cost("", "good", Usage{Input: 1})
		assert.Equal(t, !tt.nothing, ok, "reason: %s", tt.reason)
		_, ok = p.Cost("", "m", Usage{Input: 1, Output: 1})
		assert.False(t, ok, "reason: %s", tt.reason)
	}
}

func TestLoadPricesTellsEverythingAtOnce(t *testing.T) {
	_, err := LoadPrices(strings.NewReader(`{"prices": [{"model": "a", "input": -1, "output": 1e12}, {"model": "b", "output": 1}]}`))
	for _, want := range []string{`"a" of provider "" has input -1`, "has output 1e+12", `"b" of provider "" has no input`} {
		assert.ErrorContains(t, err, want)
	}
}

func TestLoadPricesReader(t *testing.T) {
	broken := errors.New("disk on fire")
	_, err := LoadPrices(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
}

func FuzzLoadPrices(f *testing.F) {
	f.Add([]byte(priceList))
	f.Add([]byte(`{"prices": [[[[`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := LoadPrices(bytes.NewReader(text))
		if p == nil {
			t.Fatal("no list")
		}
		for provider, m := range p.byProvider {
			for model, rates := range m.exact {
				c, ok := p.Amount(provider, model, Usage{Input: 3, Output: 5, CacheRead: 1, CacheCreation: 1, Reasoning: 1})
				if ok && c < 0 || !ok && rates[0].maxInput == 0 {
					t.Fatalf("%q %q: %v %t, error %v", provider, model, c, ok, err)
				}
			}
		}
	})
}
