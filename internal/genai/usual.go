// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"cmp"

	"github.com/spanloom/spanloom/internal/quirks"
)

// usual reads a GenerationInfo in the shape of OpenAI's client, which most
// clients have, and is false for one with anything else in it. It asks for each
// key: to go through a map takes twice the time, since the order is made anew
// each time, and no branch of what follows can be foreseen.
func (t *told) usual(info map[string]any) bool {
	k := keys{info: info}
	input, output, total := k.count("PromptTokens"), k.count("CompletionTokens"), k.count("TotalTokens")
	cached, reasoning := k.count("PromptCachedTokens"), k.count("ReasoningTokens")
	if k.seen == 0 {
		return false
	}
	model, id := k.text("model"), k.text("id")
	if k.seen < len(info) {
		reasoning = cmp.Or(reasoning, k.count("ThinkingTokens"), k.count("CompletionReasoningTokens"))
		for _, key := range noUsage {
			k.count(key)
		}
		if k.text("ThinkingContent"); k.seen < len(info) {
			return false
		}
	}
	if t.usage.IsZero() {
		u := &t.usage
		u.Input, u.CacheRead, u.Reasoning = input, cached, reasoning
		u.Output = quirks.OutputTokens(input, output, reasoning, total)
	}
	t.model, t.id = cmp.Or(t.model, model), cmp.Or(t.id, id)
	return true
}

// noUsage are counts that are parts of others, and have no place in a Usage.
var noUsage = [...]string{
	"PromptAudioTokens", "CompletionAudioTokens", "CompletionAcceptedPredictionTokens", "CompletionRejectedPredictionTokens",
}

// keys counts the keys of info that were asked for and are what they should be.
type keys struct {
	info map[string]any
	seen int
}

func (k *keys) count(key string) int {
	n, ok := k.info[key].(int)
	if ok {
		k.seen++
	}
	if n < 0 || n > quirks.MaxTokens {
		return 0
	}
	return n
}

func (k *keys) text(key string) string {
	s, ok := k.info[key].(string)
	if ok {
		k.seen++
	}
	return s
}
