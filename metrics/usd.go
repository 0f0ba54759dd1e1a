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

const (
	// Dollar is one US dollar.
	Dollar USD = 1e12

	dollarDigits = 12
)

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
	dollars, fraction := abs/uint64(Dollar), abs%uint64(Dollar)
	if fraction == 0 {
		return sign + strconv.FormatUint(dollars, 10)
	}
	decimals := strconv.FormatUint(uint64(Dollar)+fraction, 10)[1:] // keeps leading zeros
	return sign + strconv.FormatUint(dollars, 10) + "." + strings.TrimRight(decimals, "0")
}

// ParseUSD parses the format of String: an optional minus sign, digits, and up to
// twelve decimals. Currency signs, exponents and thousands separators are errors.
func ParseUSD(s string) (USD, error) {
	abs, negative := strings.CutPrefix(s, "-")
	n, ok := decimal(abs, dollarDigits)
	if !ok {
		return 0, fmt.Errorf("metrics: %q is not a decimal number of US dollars such as 0.00475, of up to twelve decimals and below 9223372", s)
	}
	if negative {
		n = -n
	}
	return USD(n), nil
}

// MarshalText returns the format of String, since JSON numbers are not exact.
func (u USD) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText parses the format of String, see [ParseUSD].
func (u *USD) UnmarshalText(text []byte) error {
	v, err := ParseUSD(string(text))
	if err == nil {
		*u = v
	}
	return err
}

// decimal parses a plain decimal number as a multiple of 10^-digits. It rejects
// exponents, signs and separators, which in a price are likely a mistake.
func decimal(s string, digits int) (int64, bool) {
	integer, fraction, point := strings.Cut(s, ".")
	if integer == "" || point && fraction == "" || len(fraction) > digits {
		return 0, false
	}
	n := int64(0)
	for _, c := range []byte(integer + fraction + strings.Repeat("0", digits-len(fraction))) {
		if c < '0' || c > '9' || n > (math.MaxInt64-int64(c-'0'))/10 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
