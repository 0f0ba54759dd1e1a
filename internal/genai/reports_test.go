// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/spanloom/spanloom/metrics"
)

// What people reported of other libraries, with what langchaingo's clients make of
// such answers. docs/reports.md lists all reports.
func TestPublicReports(t *testing.T) {
	for _, tt := range []struct {
		report, kind string
		info         info
		want         metrics.Usage
	}{
		{
			"braintrustdata/braintrust-sdk-python#445", "OpenAI's cached tokens are in the input already",
			info{"PromptTokens": 2006, "CompletionTokens": 300, "TotalTokens": 2306, "PromptCachedTokens": 1920},
			metrics.Usage{Input: 2006, Output: 300, CacheRead: 1920},
		},
		{
			"PostHog/posthog#39901", "Anthropic's are not, and are added once",
			info{"InputTokens": 3, "OutputTokens": 550, "CacheReadInputTokens": 9842, "CacheCreationInputTokens": 12304},
			metrics.Usage{Input: 22149, Output: 550, CacheRead: 9842, CacheCreation: 12304},
		},
		{
			"langchain-ai/langchainjs#10440", "Gemini's prompt includes what was cached of it",
			info{"PromptTokens": int32(5000), "CompletionTokens": int32(10), "TotalTokens": int32(5010), "CachedTokens": int32(4096), "CacheReadInputTokens": int32(4096)},
			metrics.Usage{Input: 5000, Output: 10, CacheRead: 4096},
		},
		{
			"confident-ai/deepeval#2943", "Gemini's thoughts are output, though the client has no field for them",
			info{"input_tokens": int32(8), "output_tokens": int32(1), "total_tokens": int32(107)},
			metrics.Usage{Input: 8, Output: 99, Reasoning: 98},
		},
	} {
		_, got := ReadResponse(nil, response(tt.info))
		assert.Equal(t, tt.want, got, "%s: %s", tt.report, tt.kind)
	}
}
