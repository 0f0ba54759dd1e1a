// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/spanloom/spanloom/internal/providers"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/privacy"
)

// Usage returns the token counts in a response's headers, which Bedrock has for
// bodies without any, and the cost that a LiteLLM proxy states.
func Usage(h http.Header) metrics.Usage {
	var counts providers.Counts
	for name, field := range providers.BedrockTokenCounts {
		counts[field] = max(0, parseCount([]byte(strings.TrimSpace(h.Get(name)))))
	}
	u := counts.Usage()
	u.Cost = parseCost([]byte(strings.TrimSpace(h.Get(providers.LiteLLMCost))))
	return u
}

const (
	maxHeaders     = 24
	maxHeaderName  = 64
	maxHeaderValue = 128
)

// Interesting yields the headers that help to find out what went wrong: request
// ids, rate limits, how long to wait. Names are in lower case and in order. At
// most 24 are yielded. A value that is longer than 128 bytes, or has a character
// that such values do not need, is left out.
func Interesting(h http.Header) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		keys := slices.DeleteFunc(slices.Sorted(maps.Keys(h)), func(key string) bool {
			return len(h[key]) == 0 || !isInteresting(strings.ToLower(key)) || !isSafe(h[key][0])
		})
		slices.SortStableFunc(keys, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
		// A map that was not filled by net/http may have a name in two spellings.
		keys = slices.CompactFunc(keys, strings.EqualFold)
		for _, key := range keys[:min(len(keys), maxHeaders)] {
			if !yield(strings.ToLower(key), h[key][0]) {
				return
			}
		}
	}
}

func isInteresting(name string) bool {
	return len(name) <= maxHeaderName && !strings.ContainsFunc(name, unsafeRune) &&
		slices.ContainsFunc(providers.Known.Headers, func(known string) bool {
			prefix, isPrefix := strings.CutSuffix(known, "*")
			return name == known || isPrefix && strings.HasPrefix(name, prefix)
		})
}

func isSafe(value string) bool {
	return value != "" && len(value) <= maxHeaderValue && !strings.ContainsFunc(value, unsafeRune) &&
		!hasWords(value) && privacy.RedactName(value) == value
}

// hasWords reports whether a value is a text: dates and units have short words only.
func hasWords(value string) bool {
	words := func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }
	return strings.Contains(value, " ") &&
		slices.ContainsFunc(strings.FieldsFunc(value, words), func(word string) bool { return len(word) > 3 })
}

func unsafeRune(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(" :.,-_+/=", r)
}
