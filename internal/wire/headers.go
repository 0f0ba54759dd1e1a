// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/privacy"
)

// Usage returns the token counts that Bedrock has in headers, for bodies that
// have none.
func Usage(h http.Header) metrics.Usage {
	count := func(name string) int {
		return max(0, whole([]byte(strings.TrimSpace(h.Get("X-Amzn-Bedrock-"+name+"-Token-Count")))))
	}
	u := metrics.Usage{
		Input:         count("Input"),
		Output:        count("Output"),
		CacheRead:     count("Cache-Read-Input"),
		CacheCreation: count("Cache-Write-Input"),
	}
	u.Input += u.CacheRead + u.CacheCreation // which Bedrock counts apart
	return u
}

const (
	maxHeaders     = 24
	maxHeaderName  = 64
	maxHeaderValue = 128
)

// Interesting returns the headers that help to tell what went wrong: request
// ids, rate limits, how long to wait. Names are in lower case and in order. At
// most 24 are returned, and none with a value that is longer than 128 bytes or
// has a character such values do not need.
func Interesting(h http.Header) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		var keys []string
		for key, values := range h {
			if len(values) > 0 && isSafe(values[0]) && isInteresting(strings.ToLower(key)) {
				keys = append(keys, key)
			}
		}
		slices.Sort(keys)
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

var interesting = []string{
	"apim-request-id", // Azure
	"cf-ray",
	"request-id", // Anthropic
	"retry-after",
	"retry-after-ms", // OpenAI, Azure
	"x-amzn-requestid",
	"x-debug-trace-id",       // Cohere
	"x-inference-request-id", // Hugging Face
	"x-request-id",
}

var interestingPrefixes = []string{
	"anthropic-ratelimit-",
	"ratelimit", // the IETF's draft, and Mistral's ratelimitbysize
	"x-ratelimit",
	"x-trial-endpoint-call-", // Cohere
}

func isInteresting(name string) bool {
	if slices.Contains(interesting, name) {
		return true
	}
	return len(name) <= maxHeaderName && !strings.ContainsFunc(name, unsafeRune) &&
		slices.ContainsFunc(interestingPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

func isSafe(value string) bool {
	return value != "" && len(value) <= maxHeaderValue && !strings.ContainsFunc(value, unsafeRune) &&
		!hasWords(value) && privacy.RedactName(value) == value
}

// hasWords reports whether a value is a text: dates and units have short words only.
func hasWords(value string) bool {
	if !strings.Contains(value, " ") {
		return false
	}
	letters := 0
	for _, r := range value {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			letters++
		} else {
			letters = 0
		}
		if letters > 3 {
			return true
		}
	}
	return false
}

func unsafeRune(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(" :.,-_+/=", r)
}
