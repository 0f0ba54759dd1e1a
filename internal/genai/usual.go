// SPDX-License-Identifier: Apache-2.0

package genai

import "github.com/spanloom/spanloom/internal/quirks"

// usualKeys are those of OpenAI's client, whose shape most responses have. A key
// that has no rank is there and tells nothing.
var usualKeys = [...]struct {
	key  string
	is   count
	rank uint8
}{
	{"PromptTokens", input, 1},
	{"CompletionTokens", output, 1},
	{"TotalTokens", total, 1},
	{"PromptCachedTokens", cacheRead, 1},
	{"ReasoningTokens", reasoning, 3},
	{"ThinkingTokens", reasoning, 2},
	{"CompletionReasoningTokens", reasoning, 1},
	{"PromptAudioTokens", 0, 0},
	{"CompletionAudioTokens", 0, 0},
	{"CompletionAcceptedPredictionTokens", 0, 0},
	{"CompletionRejectedPredictionTokens", 0, 0},
	{"ThinkingContent", 0, 0},
}

// readUsual reads a GenerationInfo of that shape, and is false for one with
// anything else in it. Asking for each key takes half the time of going through
// the map.
func readUsual(info map[string]any) (c counts, model, id string, ok bool) {
	if _, ok := info[usualKeys[0].key].(int); !ok {
		return c, "", "", false
	}
	seen := 0
	for i := range usualKeys {
		k := &usualKeys[i]
		v, there := info[k.key]
		if !there {
			continue
		}
		if seen++; k.rank == 0 {
			continue
		}
		n, isInt := v.(int)
		if !isInt {
			return c, "", "", false
		}
		if n > 0 && n <= quirks.MaxTokens && k.rank > c.rank[k.is] {
			c.n[k.is], c.rank[k.is] = n, k.rank
		}
		if seen == len(info) {
			return c, "", "", true
		}
	}
	for _, text := range [...]struct {
		key string
		to  *string
	}{{"model", &model}, {"id", &id}} {
		if v, there := info[text.key]; there {
			if *text.to, ok = v.(string); !ok {
				return c, "", "", false
			}
			seen++
		}
	}
	return c, model, id, seen == len(info)
}
