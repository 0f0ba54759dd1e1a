// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/spanloom/spanloom/metrics"
)

func TestUsage(t *testing.T) {
	h := http.Header{}
	h.Set("X-Amzn-Bedrock-Input-Token-Count", "18")
	h.Set("X-Amzn-Bedrock-Output-Token-Count", " 503 ")
	assert.Equal(t, metrics.Usage{Input: 18, Output: 503}, Usage(h))
	h.Set("X-Amzn-Bedrock-Cache-Read-Input-Token-Count", "7502")
	h.Set("X-Amzn-Bedrock-Cache-Write-Input-Token-Count", "0")
	assert.Equal(t, metrics.Usage{Input: 7520, Output: 503, CacheRead: 7502}, Usage(h), "the cache is counted apart")
	h.Set("X-Amzn-Bedrock-Output-Token-Count", "-3")
	h.Set("X-Amzn-Bedrock-Input-Token-Count", "many")
	assert.Equal(t, metrics.Usage{Input: 7502, CacheRead: 7502}, Usage(h))
	assert.Zero(t, Usage(nil))

	for value, want := range map[string]metrics.USD{
		"0.00012": 120_000_000, "1.5e-07": 150_000, "0.0": 0, "None": 0, "-1": 0, "NaN": 0, "Inf": 0, "1e9": 0, "": 0,
	} {
		assert.Equal(t, metrics.Usage{Cost: want}, Usage(http.Header{"X-Litellm-Response-Cost": {value}}), value)
	}
}

func TestInteresting(t *testing.T) {
	// From recorded traffic in langchaingo, Anthropic's and Azure's from their
	// documentation.
	h := http.Header{
		"Anthropic-Organization-Id":              {"2277c511-5523-4a62-83bd-b847b0c4b121"},
		"Anthropic-Ratelimit-Requests-Remaining": {"49"},
		"Anthropic-Ratelimit-Tokens-Reset":       {"2026-11-22T12:00:00Z"},
		"Apim-Request-Id":                        {"0f5e1c2d"},
		"Cf-Ray":                                 {"971234567890abcd-VIE"},
		"Content-Length":                         {"536"},
		"Openai-Organization":                    {"lcgo-tst"},
		"Openai-Processing-Ms":                   {"376"},
		"Request-Id":                             {"req_011CSFCDzbeWe2qGKAeNMhfZ"},
		"Retry-After":                            {"Wed, 21 Oct 2026 07:28:00 GMT", "20"},
		"Set-Cookie":                             {"__cf_bm=secret"},
		"X-Amzn-Requestid":                       {"63e33e55-4ca9-49ef-9744-86ae82e7fb7e"},
		"X-Ratelimit-Limit-Tokens":               {"50000000"},
		"X-Ratelimit-Reset-Requests":             {"6ms"},
		"X-Request-Id":                           {"Root=1-68a31e4f-780072141deebdec43d640b2"},
		"X-Trial-Endpoint-Call-Limit":            {"40"},
	}
	assert.Equal(t, []string{
		"anthropic-ratelimit-requests-remaining: 49",
		"anthropic-ratelimit-tokens-reset: 2026-11-22T12:00:00Z",
		"apim-request-id: 0f5e1c2d",
		"cf-ray: 971234567890abcd-VIE",
		"request-id: req_011CSFCDzbeWe2qGKAeNMhfZ",
		"retry-after: Wed, 21 Oct 2026 07:28:00 GMT",
		"x-amzn-requestid: 63e33e55-4ca9-49ef-9744-86ae82e7fb7e",
		"x-ratelimit-limit-tokens: 50000000",
		"x-ratelimit-reset-requests: 6ms",
		"x-request-id: Root=1-68a31e4f-780072141deebdec43d640b2",
		"x-trial-endpoint-call-limit: 40",
	}, list(h))
	for range Interesting(h) {
		break
	}
}

func TestInterestingIsSafe(t *testing.T) {
	long := strings.Repeat("x", 128)
	h := http.Header{
		"X-Ratelimit-A":                          {long},
		"X-Ratelimit-B":                          {long + "x"},
		"X-Ratelimit-C":                          {"<script>"},
		"X-Ratelimit-D":                          {"a\nb"},
		"X-Ratelimit-E":                          {"é"},
		"X-Ratelimit-F":                          {},
		"X-Ratelimit-G":                          {""},
		"X-Ratelimit-\"":                         {"1"},
		"X-Ratelimit-" + strings.Repeat("h", 64): {"1"},
		"cf-ray":                                 {"2"},
		"CF-RAY":                                 {"1"},
	}
	assert.Equal(t, []string{"cf-ray: 1", "x-ratelimit-a: " + long}, list(h))

	h = http.Header{}
	for i := range 100 {
		h.Set(fmt.Sprintf("X-Ratelimit-%02d", i), "1")
	}
	got := list(h)
	assert.Len(t, got, 24)
	assert.Equal(t, "x-ratelimit-23: 1", got[23], "the first by name, every time")
}

func list(h http.Header) []string {
	var out []string
	for name, value := range Interesting(h) {
		out = append(out, name+": "+value)
	}
	return out
}

func FuzzHeaders(f *testing.F) {
	f.Add("X-Ratelimit-Limit-Tokens", "50000000", int64(0))
	f.Add("retry-after-ms", "1.5", int64(1))
	f.Add("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT", int64(1<<40))
	f.Add("Retry-After", strings.Repeat("9", 300), int64(-1<<62))
	f.Add("X-Amzn-Bedrock-Input-Token-Count", "1e9", int64(0))
	f.Fuzz(func(t *testing.T, name, value string, now int64) {
		for _, h := range []http.Header{{name: {value}}, {http.CanonicalHeaderKey(name): {value}}} {
			d, ok := RetryAfter(h, time.Unix(now, 0))
			if d < 0 || d > maxRetryAfter || !ok && d != 0 {
				t.Errorf("wait %s", d)
			}
			for _, n := range []int{Usage(h).Input, Usage(h).Output, Usage(h).CacheRead, Usage(h).CacheCreation} {
				if n < 0 || n > maxTokens {
					t.Errorf("usage %v", Usage(h))
				}
			}
			m := maps.Collect(Interesting(h))
			for name, value := range m {
				if len(name) > maxHeaderName || value == "" || len(value) > maxHeaderValue || name != strings.ToLower(name) {
					t.Errorf("%q: %q", name, value)
				}
				for _, c := range []byte(name + value) {
					if c < ' ' || c > '~' || slices.Contains([]byte(`"<>\;{}`), c) {
						t.Errorf("%q: %q", name, value)
					}
				}
			}
		}
	})
}
