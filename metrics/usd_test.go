// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUSDAsText(t *testing.T) {
	tests := []struct {
		amount USD
		text   string
	}{
		{0, "0"},
		{1, "0.000000000001"},
		{4_750_000_000, "0.00475"},
		{Dollar, "1"},
		{100 * Dollar, "100"},
		{Dollar + 1, "1.000000000001"},
		{-Dollar / 2, "-0.5"},
		{math.MaxInt64, "9223372.036854775807"},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.text, tt.amount.String())
		var back USD
		require.NoError(t, back.UnmarshalText([]byte(tt.text)))
		assert.Equal(t, tt.amount, back)
	}
	assert.Equal(t, "-9223372.036854775808", USD(math.MinInt64).String())
}

func TestUnmarshalTextIsStrict(t *testing.T) {
	for _, s := range []string{
		"", ".5", "$5", "5 ", "1e3", "1,5", "1_000", "--5", "0x1", "NaN", "Inf", "1.2.3", "1.-5", "٥",
		"0.0000000000001", "9223372.036854775808", "10000000", "99999999999999999999",
	} {
		u := Dollar
		require.ErrorContains(t, u.UnmarshalText([]byte(s)), "is not a number of US dollars", s)
		assert.Equal(t, Dollar, u)
	}
}

func TestUSDInJSON(t *testing.T) {
	in := map[string]USD{"gpt-4o": 4_750_000_000}
	text, err := json.Marshal(in)
	require.NoError(t, err)
	assert.JSONEq(t, `{"gpt-4o":"0.00475"}`, string(text))
	var out map[string]USD
	require.NoError(t, json.Unmarshal(text, &out))
	assert.Equal(t, in, out)
}

func TestUSDAddStopsAtTheEnds(t *testing.T) {
	const top, bottom = USD(math.MaxInt64), USD(math.MinInt64)
	assert.Equal(t, top, top.Add(1))
	assert.Equal(t, top, USD(1).Add(top))
	assert.Equal(t, bottom, bottom.Add(-1))
	assert.Equal(t, USD(-1), top.Add(bottom))
	assert.Equal(t, USD(-1), bottom.Add(top))
	assert.Equal(t, top-1, top.Add(-1))
	assert.Equal(t, 0.5, (Dollar / 2).Float64())
}
