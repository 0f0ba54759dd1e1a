// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/tmc/langchaingo/llms"
)

// The short way tells what the long one does: one more key makes it take that.
func TestUsualIsTheSame(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	tell := func(info map[string]any) (t told) {
		t.by(&llms.ContentResponse{Choices: []*llms.ContentChoice{{GenerationInfo: info}}})
		return t
	}
	counts := append([]string{
		"PromptTokens", "CompletionTokens", "TotalTokens", "PromptCachedTokens", "ReasoningTokens", "ThinkingTokens", "CompletionReasoningTokens",
	}, noUsage[:]...)
	values := []any{0, 1, 7, 180, -3, 1 << 40, int32(5), "12", nil, 3.0}
	short := 0
	for range 20_000 {
		info := map[string]any{}
		for _, k := range counts {
			if random.IntN(3) > 0 {
				info[k] = values[random.IntN(4+random.IntN(len(values)-3))]
			}
		}
		for _, k := range []string{"model", "id", "ThinkingContent", "CachedTokens"} {
			if random.IntN(4) == 0 {
				info[k] = []any{"x", "", 5, nil}[random.IntN(4)]
			}
		}
		if new(told).usual(info) {
			short++
		}
		long := maps.Clone(info)
		long["no key of anybody"] = true
		assert.Equal(t, tell(long), tell(info), info)
	}
	assert.Greater(t, short, 2000, "else nothing is compared")
}
