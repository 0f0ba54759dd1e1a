// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter bounds nonsensical values. It is longer than any client waits.
const maxRetryAfter = 24 * time.Hour

// RetryAfter returns how long the server asks to wait before the next attempt, at most
// 24 hours. It reads Retry-After, in seconds or as a date, and OpenAI's Retry-After-Ms.
// It reports false if there is neither.
func RetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	if d, ok := delay(h.Get("Retry-After-Ms"), time.Millisecond); ok {
		return d, true
	}
	v := h.Get("Retry-After")
	if d, ok := delay(v, time.Second); ok {
		return d, true
	}
	at, err := http.ParseTime(strings.TrimSpace(v))
	if err != nil {
		return 0, false
	}
	return min(max(0, at.Sub(now)), maxRetryAfter), true
}

func delay(v string, unit time.Duration) (time.Duration, bool) {
	v = strings.TrimSpace(v)
	// ParseFloat also accepts Inf, hexadecimal numbers and underscores.
	if strings.Trim(v, "0123456789.") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil {
		return 0, false
	}
	return time.Duration(min(f*float64(unit), float64(maxRetryAfter))), true
}
