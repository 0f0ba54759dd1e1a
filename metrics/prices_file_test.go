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

const yamlPrices = `
prices:
  - provider: openai
    model: gpt-4o*
    input: 2.50
    output: "10"
    cache_read: 1.25
    max_input: 128000
  - {provider: anthropic, model: claude, input: 3, output: 15, cache_read: 0.3, cache_creation: 3.75}
  - {model: thinker, input: 1, output: 2, reasoning: 4, cache_read: 0}
  - {model: local, input: 0, output: 0}
`

// The tabs are what json.MarshalIndent writes for those who ask for them.
const jsonPrices = "{\n\t\"prices\": [\n" +
	"\t\t{\"provider\": \"openai\", \"model\": \"gpt-4o*\", \"input\": 2.50, \"output\": \"10\", \"cache_read\": 1.25, \"max_input\": 128000},\n" +
	"\t\t{\"provider\": \"anthropic\", \"model\": \"claude\", \"input\": 3, \"output\": 15, \"cache_read\": 0.3, \"cache_creation\": 3.75},\n" +
	"\t\t{\"model\": \"thinker\", \"input\": 1, \"output\": 2, \"reasoning\": 4, \"cache_read\": 0},\n" +
	"\t\t{\"model\": \"local\", \"input\": 0, \"output\": 0}\n\t]\n}\n"

func TestLoadPrices(t *testing.T) {
	tests := []struct {
		reason, provider, model string
		usage                   Usage
		want                    string
	}{
		{"a pattern", "openai", "gpt-4o-mini", Usage{Input: 1000, CacheRead: 500, Output: 100}, "0.002875"},
		{"unset is as input", "openai", "gpt-4o", Usage{Input: 1000, CacheCreation: 1000}, "0.0025"},
		{"all parts", "anthropic", "claude", Usage{Input: 1000, CacheRead: 600, CacheCreation: 300, Output: 100}, "0.003105"},
		{"any provider", "x", "thinker", Usage{Output: 100, Reasoning: 50}, "0.0003"},
		{"0 is free, and not unset", "x", "thinker", Usage{Input: 10, CacheRead: 10}, "0"},
		{"free altogether", "x", "local", Usage{Input: 10, Output: 10}, "0"},
	}
	for format, text := range map[string]string{"yaml": yamlPrices, "json": jsonPrices} {
		p, err := LoadPrices(strings.NewReader(text))
		require.NoError(t, err, format)
		for _, tt := range tests {
			c, ok := p.Amount(tt.provider, tt.model, tt.usage)
			assert.True(t, ok, "%s: %s", format, tt.reason)
			assert.Equal(t, tt.want, c.String(), "%s: %s", format, tt.reason)
		}
		_, ok := p.Amount("openai", "gpt-4o", Usage{Input: 128_001})
		assert.False(t, ok, "%s: too long", format)
	}
}

func TestLoadPricesErrors(t *testing.T) {
	entry := func(fields string) string {
		return "prices:\n- {model: good, input: 1, output: 1}\n- {" + fields + "}\n"
	}
	tests := []struct{ reason, text, want string }{
		{"nothing", "", `metrics: prices: the file is empty`},
		{"only a comment", "# later\n", `the file is empty`},
		{"no syntax", "prices: [", "metrics: prices: yaml: "},
		{"a list", "- {model: m}", `line 1: the file must be an object with a list "prices"`},
		{"another list", "price:\n- {model: m}", `line 1: unknown field "price"`},
		{"no list", "{}", `there is no list "prices"`},
		{"twice", "prices: []\nprices: []\n", `line 2: "prices" stands twice`},
		{"an object", "prices: {a: b}", `"prices" is not a list`},
		{"no object", "prices: [gpt-4o]", "line 1: a price must be an object"},
		{"two documents", "prices: []\n---\nprices: []\n", "more than one document"},
		{"unknown field", entry("provider: p, model: m, input: 1, output: 1, cached: 1"), `metrics: prices: line 3: p m: unknown field "cached"`},
		{"field twice", entry("model: m, input: 1, input: 2, output: 1"), "m: input stands twice"},
		{"no model", entry("provider: p, input: 1, output: 1"), "line 3: p (no model): has no model"},
		{"no input", entry("model: m, output: 1"), "line 3: m: has no input: write 0 for what is free"},
		{"no output", entry("model: m, input: 1"), "m: has no output"},
		{"negative", entry("model: m, input: -1, output: 1"), "m: input is negative: -1"},
		{"exponent", entry("model: m, input: 1e3, output: 1"), `m: input is not a decimal number of up to six decimals such as 2.50: "1e3"`},
		{"hexadecimal", entry("model: m, input: 0x10, output: 1"), `"0x10"`},
		{"separator", entry("model: m, input: 1_000, output: 1"), `"1_000"`},
		{"decimal comma", entry(`model: m, input: "2,50", output: 1`), `"2,50"`},
		{"currency", entry("model: m, input: $2, output: 1"), `"$2"`},
		{"infinite", entry("model: m, input: .inf, output: 1"), `".inf"`},
		{"not a number", entry("model: m, input: .nan, output: 1"), `".nan"`},
		{"null", entry("model: m, input: , output: 1"), "m: input has no value"},
		{"no provider after all", entry("provider: , model: m, input: 1, output: 1"), "m: provider has no value"},
		{"length null", entry("model: m, input: 1, output: 1, max_input: null"), "m: max_input has no value"},
		{"seven decimals", entry("model: m, input: 0.0000001, output: 1"), `"0.0000001"`},
		{"too much", entry("model: m, input: 1000000001, output: 1"), "m: input is more than a billion dollars"},
		{"far too much", entry("model: m, input: 99999999999999999999, output: 1"), "m: input is not a decimal"},
		{"a list of numbers", entry("model: m, input: [1], output: 1"), "m: input is not a single value"},
		{"length 0", entry("model: m, input: 1, output: 1, max_input: 0"), `m: max_input is not a number of tokens above 0: "0"`},
		{"length with a fraction", entry("model: m, input: 1, output: 1, max_input: 1.5"), `"1.5"`},
		{"listed twice", entry("model: good, input: 2, output: 1"), "line 3: good: is listed twice"},
		{"an anchor's alias", "prices:\n- &a {model: good, input: 1, output: 1}\n- *a\n", "line 3: a price must be an object"},
		{"an alias as a value", "prices:\n- {model: good, input: &n 1, output: *n}\n", "good: output is not a single value"},
	}
	for _, tt := range tests {
		p, err := LoadPrices(strings.NewReader(tt.text))
		require.ErrorContains(t, err, tt.want, "reason: %s", tt.reason)
		require.NotNil(t, p, tt.reason)
		if _, ok := p.Cost("", "good", Usage{Input: 1}); strings.Contains(tt.text, "- {model: good, input: 1, output: 1}") {
			assert.True(t, ok, "the valid entries hold; reason: %s", tt.reason)
		}
		_, ok := p.Cost("", "m", Usage{Input: 1, Output: 1})
		assert.False(t, ok, "reason: %s", tt.reason)
	}
}

func TestLoadPricesTellsEverythingAtOnce(t *testing.T) {
	_, err := LoadPrices(strings.NewReader("prices:\n- {model: a, input: -1, output: x}\n- {model: b, output: 1}\n"))
	require.Error(t, err)
	assert.Equal(t, "metrics: prices: line 2: a: input is negative: -1\n"+
		"metrics: prices: line 2: a: output is not a decimal number of up to six decimals such as 2.50: \"x\"\n"+
		"metrics: prices: line 3: b: has no input: write 0 for what is free", err.Error())
}

func TestLoadPricesReader(t *testing.T) {
	broken := errors.New("disk on fire")
	_, err := LoadPrices(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
	_, err = LoadPrices(bytes.NewReader(bytes.Repeat([]byte("# more\n"), maxPriceFile)))
	assert.ErrorContains(t, err, "larger than 1048576 bytes")
}

func FuzzLoadPrices(f *testing.F) {
	f.Add([]byte(yamlPrices))
	f.Add([]byte(jsonPrices))
	f.Add([]byte("prices:\n- {model: m, input: 1e3, output: .inf, x: y}\n- *a\n"))
	f.Add([]byte("prices: [[[["))
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
