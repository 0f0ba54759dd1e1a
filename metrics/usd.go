// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// USD is an exact amount in 1e-12 US dollars. A price per million tokens with six
// decimals is an integer of these per token, so costs add up without rounding. Sums
// saturate at the largest amount, 9223372 dollars.
type USD int64

// Dollar is one US dollar.
const Dollar USD = 1e12

// Add returns the sum, or the nearest amount that a USD can be.
func (u USD) Add(v USD) USD {
	switch {
	case v > 0 && u > math.MaxInt64-v:
		return math.MaxInt64
	case v < 0 && u < math.MinInt64-v:
		return math.MinInt64
	}
	return u + v
}

// Float64 returns the amount in dollars, rounded to the nearest float.
func (u USD) Float64() float64 { return float64(u) / float64(Dollar) }

// String returns the amount in dollars as an exact decimal number without
// trailing zeros, such as "0.00475".
func (u USD) String() string {
	sign, abs := "", uint64(u)
	if u < 0 {
		sign, abs = "-", -abs // also right for math.MinInt64
	}
	s := fmt.Sprintf("%s%d.%012d", sign, abs/uint64(Dollar), abs%uint64(Dollar))
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// MarshalText returns the format of String, since JSON numbers are not exact.
func (u USD) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads the format of String.
func (u *USD) UnmarshalText(text []byte) error {
	const decimals = 12
	dollars, fraction, _ := strings.Cut(string(text), ".")
	n, err := strconv.ParseInt(dollars+fraction+strings.Repeat("0", max(0, decimals-len(fraction))), 10, 64)
	if err != nil || dollars == "" || len(fraction) > decimals {
		return fmt.Errorf("metrics: %q is not a number of US dollars such as 0.00475, of up to twelve decimals and below 9223372", text)
	}
	*u = USD(n)
	return nil
}
