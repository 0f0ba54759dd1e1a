// SPDX-License-Identifier: Apache-2.0

package pricing

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/metrics"
)

func parsed(t *testing.T, args ...string) *Flags {
	t.Helper()
	var f Flags
	fs := flag.NewFlagSet("x", flag.ContinueOnError)
	f.Register(fs)
	require.NoError(t, fs.Parse(args))
	return &f
}

func TestPrices(t *testing.T) {
	million := metrics.Usage{Input: 1_000_000}
	file := filepath.Join(t.TempDir(), "prices.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"prices": [{"model": "gpt-4o-mini", "input": 7, "output": 1}]}`), 0o600))

	for _, tc := range []struct {
		reason, provider, model, asked string
		args                           []string
		want                           float64
	}{
		{"the list that comes along", "openai", "", "gpt-4o-mini", nil, 0.15},
		{"a file corrects the list", "openai", "", "gpt-4o-mini", []string{"-prices", file}, 7},
		{"what the file has not stays", "openai", "", "gpt-4o", []string{"-prices", file}, 2.5},
		{"the flag corrects both", "openai", "gpt-4o-mini", "gpt-4o-mini", []string{"-prices", file, "-price", "3,4"}, 3},
		{"offline, as if it cost something", "offline", "", "offline-extractive", []string{"-price", "3,4"}, 3},
		{"offline, under both names", "offline", "", "offline-extractive-high", []string{"-price", "3,4"}, 3},
	} {
		p, err := parsed(t, tc.args...).Prices(tc.provider, tc.model)
		require.NoError(t, err, tc.reason)
		usd, ok := p.Cost(tc.provider, tc.asked, million)
		assert.True(t, ok, tc.reason)
		assert.InDelta(t, tc.want, usd, 1e-12, tc.reason)
	}
	p, err := parsed(t).Prices("offline", "")
	require.NoError(t, err)
	assert.Nil(t, p, "nothing is said of models that are on no list")
}

func TestPricesErrors(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.json")
	require.NoError(t, os.WriteFile(bad, []byte(`{"prices": [{"model": "m", "input": "free"}]}`), 0o600))
	for want, args := range map[string][]string{
		"0.15,0.60":    {"-price", "cheap"},
		"needs -model": {"-price", "1,2"},
		"no such file": {"-prices", "nowhere.json"},
		"bad.json":     {"-prices", bad},
	} {
		_, err := parsed(t, args...).Prices("openai", "")
		assert.ErrorContains(t, err, want)
	}
}
