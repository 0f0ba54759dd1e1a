// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// USD is an exact amount in 1e-12 US dollars: a price per million tokens with
// six decimals is a whole number of them per token, so that costs add up without
// the error of a float. The largest amount, 9223372 dollars, is where sums stop
// rather than turn negative.
type USD int64

const (
	// Dollar is one US dollar.
	Dollar USD = 1e12

	dollarDigits = 12
)

// Add returns the sum of both, or the nearest amount that there is.
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
		sign, abs = "-", -abs // right for the smallest one, too
	}
	whole, part := abs/uint64(Dollar), abs%uint64(Dollar)
	if part == 0 {
		return sign + strconv.FormatUint(whole, 10)
	}
	decimals := strconv.FormatUint(uint64(Dollar)+part, 10)[1:] // keeps leading zeros
	return sign + strconv.FormatUint(whole, 10) + "." + strings.TrimRight(decimals, "0")
}

// ParseUSD reads what String writes: digits, perhaps a minus sign, and up to
// twelve decimals. Signs such as "$", exponents and separators of thousands are
// errors.
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

// MarshalText writes the decimal number of String: JSON has no exact numbers.
func (u USD) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (u *USD) UnmarshalText(text []byte) error {
	v, err := ParseUSD(string(text))
	if err == nil {
		*u = v
	}
	return err
}

// decimal reads a plain decimal number as a multiple of 10^-digits. It is
// strict: a price with an exponent, a sign or a separator is more likely a
// mistake than meant.
func decimal(s string, digits int) (int64, bool) {
	whole, part, point := strings.Cut(s, ".")
	if whole == "" || point && part == "" || len(part) > digits {
		return 0, false
	}
	n := int64(0)
	for _, c := range []byte(whole + part + strings.Repeat("0", digits-len(part))) {
		if c < '0' || c > '9' || n > (math.MaxInt64-int64(c-'0'))/10 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
