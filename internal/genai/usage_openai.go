// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"cmp"

	"github.com/spanloom/spanloom/internal/providers"
)

// readOpenAI reads a GenerationInfo in the shape of OpenAI's client, which most
// clients have. It returns false for one with any other key. It is the fast path
// of readAny: asking for each key takes half the time of ranging over the map.
func (g *generationInfo) readOpenAI(info map[string]any) bool {
	k := keyReader{info: info}
	input, output, total := k.count("PromptTokens"), k.count("CompletionTokens"), k.count("TotalTokens")
	cached, reasoning := k.count("PromptCachedTokens"), k.count("ReasoningTokens")
	if k.seen == 0 {
		return false
	}
	model, id := k.text("model"), k.text("id")
	if k.seen < len(info) {
		reasoning = max(reasoning, k.count("ThinkingTokens"), k.count("CompletionReasoningTokens"))
		for _, key := range openAIDetails {
			k.count(key)
		}
		if k.text("ThinkingContent"); k.seen < len(info) {
			return false
		}
	}
	if g.usage.IsZero() {
		u := &g.usage
		u.Input, u.CacheRead, u.Reasoning = input, cached, reasoning
		u.Output = providers.OutputTokens(input, output, reasoning, total)
	}
	g.model, g.id = cmp.Or(g.model, model), cmp.Or(g.id, id)
	return true
}

// openAIDetails are parts of other counts that a metrics.Usage does not have.
var openAIDetails = [...]string{
	"PromptAudioTokens", "CompletionAudioTokens", "CompletionAcceptedPredictionTokens", "CompletionRejectedPredictionTokens",
}

// keyReader counts the keys of info that were read and had the expected type.
type keyReader struct {
	info map[string]any
	seen int
}

func (k *keyReader) count(key string) int {
	n, ok := k.info[key].(int)
	if ok {
		k.seen++
	}
	if n < 0 || n > providers.MaxTokens {
		return 0
	}
	return n
}

func (k *keyReader) text(key string) string {
	s, ok := k.info[key].(string)
	if ok {
		k.seen++
	}
	return s
}
