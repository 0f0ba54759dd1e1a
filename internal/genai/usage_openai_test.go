// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/tmc/langchaingo/llms"
)

// One unknown key makes a map take the slow path.
func TestReadOpenAIEqualsReadAny(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	read := func(info map[string]any) (g generationInfo) {
		g.read(&llms.ContentResponse{Choices: []*llms.ContentChoice{{GenerationInfo: info}}})
		return g
	}
	counts := append([]string{
		"PromptTokens", "CompletionTokens", "TotalTokens", "PromptCachedTokens", "ReasoningTokens", "ThinkingTokens", "CompletionReasoningTokens",
	}, openAIDetails[:]...)
	values := []any{0, 1, 7, 180, -3, 1 << 40, int32(5), "12", nil, 3.0}
	fast := 0
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
		if new(generationInfo).readOpenAI(info) {
			fast++
		}
		slow := maps.Clone(info)
		slow["no key of anybody"] = true
		assert.Equal(t, read(slow), read(info), info)
	}
	assert.Greater(t, fast, 2000, "else nothing is compared")
}
