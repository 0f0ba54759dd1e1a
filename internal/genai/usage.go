// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"encoding/json"
	"math"
	"reflect"

	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/metrics"
)

// Spellings of the token counts in GenerationInfo, by provider family.
var (
	inputKeys         = []string{"PromptTokens", "InputTokens", "input_tokens", "prompt_tokens"}
	outputKeys        = []string{"CompletionTokens", "OutputTokens", "output_tokens", "completion_tokens"}
	cacheReadKeys     = []string{"CacheReadInputTokens", "PromptCachedTokens", "CachedTokens", "cache_read_input_tokens"}
	cacheCreationKeys = []string{"CacheCreationInputTokens", "cache_creation_input_tokens"}
	reasoningKeys     = []string{"ReasoningTokens", "ThinkingTokens", "CompletionReasoningTokens"}
)

// UsageOf returns the token counts of a response. Providers repeat the usage of
// the whole request in every choice (Anthropic has a choice per content block),
// so the first choice that has any is taken and nothing is summed.
func UsageOf(res *llms.ContentResponse) metrics.Usage {
	if res == nil {
		return metrics.Usage{}
	}
	for _, c := range res.Choices {
		if c == nil || len(c.GenerationInfo) == 0 {
			continue
		}
		if u := usageOf(c.GenerationInfo); !u.IsZero() {
			return withTitanOutputs(u, res)
		}
	}
	return metrics.Usage{}
}

// usageOf reads one GenerationInfo map.
func usageOf(info map[string]any) metrics.Usage {
	inside := info["usage"]
	lookup := func(keys []string) int {
		for _, k := range keys {
			if n := tokenCount(info[k]); n > 0 {
				return n
			}
		}
		return nested(inside, keys)
	}
	u := metrics.Usage{
		Input:         lookup(inputKeys),
		Output:        lookup(outputKeys),
		CacheRead:     lookup(cacheReadKeys),
		CacheCreation: lookup(cacheCreationKeys),
		Reasoning:     lookup(reasoningKeys),
	}
	// Anthropic reports cached tokens apart from InputTokens; the convention
	// counts them in.
	if isAnthropic(info) {
		u.Input += u.CacheRead + u.CacheCreation
	}
	return u
}

// withTitanOutputs adds up what really is per choice: Bedrock's Titan and AI21
// repeat the input count but split the outputs. They are known by the mixture:
// several choices, snake-case ints, an equal input and no total.
func withTitanOutputs(u metrics.Usage, res *llms.ContentResponse) metrics.Usage {
	if len(res.Choices) < 2 {
		return u
	}
	total, distinct := 0, false
	for _, c := range res.Choices {
		if c == nil {
			return u
		}
		in, okIn := c.GenerationInfo["input_tokens"].(int)
		out, okOut := c.GenerationInfo["output_tokens"].(int)
		_, hasTotal := c.GenerationInfo["total_tokens"]
		if !okIn || !okOut || hasTotal || in != u.Input || out < 0 {
			return u
		}
		distinct = distinct || out != u.Output
		total = min(maxTokens, total+tokenCount(out))
	}
	// Nova has the same shape but repeats one total: only outputs that differ
	// can be told to be per choice.
	if distinct {
		u.Output = total
	}
	return u
}

// nested reads a usage value that is a struct (mistral.UsageInfo) or a map,
// without importing the provider's SDK.
func nested(v any, keys []string) int {
	if v == nil {
		return 0
	}
	if m, ok := v.(map[string]any); ok {
		for _, k := range keys {
			if n := tokenCount(m[k]); n > 0 {
				return n
			}
		}
		return 0
	}
	rv := reflect.Indirect(reflect.ValueOf(v))
	if rv.Kind() != reflect.Struct {
		return 0
	}
	for _, k := range keys {
		sf, ok := rv.Type().FieldByName(k)
		if !ok || !sf.IsExported() {
			continue
		}
		// FieldByName on the value would panic at an embedded nil pointer.
		f, err := rv.FieldByIndexErr(sf.Index)
		if err != nil || !f.CanInterface() {
			continue
		}
		if n := tokenCount(f.Interface()); n > 0 {
			return n
		}
	}
	return 0
}

// maxTokens is more than any model can take, and little enough that sums and
// costs of counts up to it cannot overflow.
const maxTokens = 1 << 29

// tokenCount accepts every number type a provider uses; what is negative, not
// whole or too large to be a count is unknown.
func tokenCount(v any) int {
	if v == nil {
		return 0
	}
	if n, ok := v.(json.Number); ok {
		f, err := n.Float64()
		if err != nil {
			return 0
		}
		return wholeCount(f)
	}
	rv := reflect.ValueOf(v)
	switch {
	case rv.CanInt():
		return wholeCount(float64(rv.Int()))
	case rv.CanUint():
		return wholeCount(float64(rv.Uint()))
	case rv.CanFloat():
		return wholeCount(rv.Float())
	}
	return 0
}

func wholeCount(f float64) int {
	if !(f > 0) || f > maxTokens || f != math.Trunc(f) {
		return 0
	}
	return int(f)
}
