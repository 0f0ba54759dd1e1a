// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"cmp"
	"encoding/json"
	"math"
	"reflect"

	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/internal/quirks"
	"github.com/spanloom/spanloom/metrics"
)

// count is one number of a metrics.Usage.
type count uint8

const (
	input count = iota
	output
	cacheRead
	cacheCreation
	reasoning
	total
	numFields
)

// spelling tells which count a key of a GenerationInfo is, and which of several
// spellings goes first where a provider uses more than one.
func spelling(key string) (f count, rank uint8, ok bool) {
	switch key {
	case "PromptTokens":
		return input, 4, true
	case "InputTokens":
		return input, 3, true
	case "input_tokens":
		return input, 2, true
	case "prompt_tokens":
		return input, 1, true
	case "CompletionTokens":
		return output, 4, true
	case "OutputTokens":
		return output, 3, true
	case "output_tokens":
		return output, 2, true
	case "completion_tokens":
		return output, 1, true
	case "CacheReadInputTokens":
		return cacheRead, 4, true
	case "PromptCachedTokens":
		return cacheRead, 3, true
	case "CachedTokens":
		return cacheRead, 2, true
	case "cache_read_input_tokens":
		return cacheRead, 1, true
	case "CacheCreationInputTokens":
		return cacheCreation, 2, true
	case "cache_creation_input_tokens":
		return cacheCreation, 1, true
	case "ReasoningTokens":
		return reasoning, 3, true
	case "ThinkingTokens":
		return reasoning, 2, true
	case "CompletionReasoningTokens":
		return reasoning, 1, true
	case "TotalTokens":
		return total, 2, true
	case "total_tokens":
		return total, 1, true
	}
	return 0, 0, false
}

// counts gathers what is known of a usage, by spelling.
type counts struct {
	n    [numFields]int
	rank [numFields]uint8
}

func (c *counts) add(key string, v any) {
	if n := tokenCount(v); n > 0 {
		c.set(key, n)
	}
}

func (c *counts) set(key string, n int) {
	if f, rank, ok := spelling(key); ok && rank > c.rank[f] {
		c.n[f], c.rank[f] = n, rank
	}
}

// told is what the GenerationInfo of a response tells.
type told struct {
	usage metrics.Usage
	// model and id are those of the response.
	model, id string
}

// by takes each part from the first choice that has it. Providers repeat the
// usage of the whole request in every choice (Anthropic has a choice per content
// block), so nothing is summed.
func (t *told) by(res *llms.ContentResponse) {
	if res == nil {
		return
	}
	for _, c := range res.Choices {
		if c == nil || len(c.GenerationInfo) == 0 {
			continue
		}
		known := !t.usage.IsZero()
		if known && t.model != "" && t.id != "" {
			return
		}
		if t.usual(c.GenerationInfo) {
			continue
		}
		n := t.read(c.GenerationInfo)
		if known {
			continue
		}
		n.usage(&t.usage, c.GenerationInfo)
		if len(res.Choices) > 1 && !t.usage.IsZero() {
			t.usage = withTitanOutputs(t.usage, res)
		}
	}
}

// read reads one GenerationInfo map of any shape: model and id, unless they are
// known, and the counts, which it returns. One pass over the map costs less than
// looking for each of so many spellings, and most of what is in it is text, or a
// count of nothing.
func (t *told) read(info map[string]any) (c counts) {
	var usage any
	var model, id, generation string
	for key, v := range info {
		switch n := v.(type) {
		case int:
			if n > 0 && n <= quirks.MaxTokens {
				c.set(key, n)
			}
		case string:
			switch key {
			case "model":
				model = n
			case "id":
				id = n
			case "generation_id":
				generation = n
			}
		default:
			if c.add(key, v); key == "usage" {
				usage = v
			}
		}
	}
	t.model, t.id = cmp.Or(t.model, model), cmp.Or(t.id, id, generation)
	if usage != nil {
		var inside counts
		inside.nested(usage)
		for f := range c.n {
			if c.n[f] == 0 {
				c.n[f] = inside.n[f]
			}
		}
	}
	return c
}

// usage sets u to what the counts come to.
func (c *counts) usage(u *metrics.Usage, info map[string]any) {
	u.Input, u.Output, u.CacheRead, u.CacheCreation, u.Reasoning = c.n[input], c.n[output], c.n[cacheRead], c.n[cacheCreation], c.n[reasoning]
	// Anthropic reports cached tokens apart from InputTokens; the convention
	// counts them in.
	if cached := u.CacheRead + u.CacheCreation; cached > 0 && isAnthropic(info) {
		u.Input += cached
	}
	u.Output = quirks.OutputTokens(u.Input, u.Output, u.Reasoning, c.n[total])
	// Gemini's total counts the thoughts, which its client has no field for: with
	// the tools that the client can ask for, nothing else is in the difference.
	if thoughts := c.n[total] - u.Input - u.Output; thoughts > 0 && u.Input > 0 && u.Reasoning == 0 && isGoogle(info) {
		u.Output, u.Reasoning = u.Output+thoughts, thoughts
	}
}

// isGoogle knows Google's two clients by their type of numbers, which no other
// has.
func isGoogle(info map[string]any) bool {
	_, ok := info["total_tokens"].(int32)
	return ok
}

// withTitanOutputs adds up what really is per choice: Bedrock's Titan and AI21
// repeat the input count but split the outputs. They are known by the mixture:
// several choices, snake-case ints, an equal input and no total.
func withTitanOutputs(u metrics.Usage, res *llms.ContentResponse) metrics.Usage {
	sum, distinct := 0, false
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
		sum = min(quirks.MaxTokens, sum+tokenCount(out))
	}
	// Nova has the same shape but repeats one total: only outputs that differ
	// can be told to be per choice.
	if distinct {
		u.Output = sum
	}
	return u
}

// nested reads a usage value that is a struct (mistral.UsageInfo) or a map,
// without importing the provider's SDK.
func (c *counts) nested(v any) {
	if m, ok := v.(map[string]any); ok {
		for key, v := range m {
			c.add(key, v)
		}
		return
	}
	rv := reflect.Indirect(reflect.ValueOf(v))
	if rv.Kind() != reflect.Struct {
		return
	}
	for _, sf := range reflect.VisibleFields(rv.Type()) {
		if _, _, ok := spelling(sf.Name); !ok || !sf.IsExported() {
			continue
		}
		// An embedded nil pointer on the way makes an error of it, not a panic.
		if f, err := rv.FieldByIndexErr(sf.Index); err == nil && f.CanInterface() {
			c.add(sf.Name, f.Interface())
		}
	}
}

// tokenCount accepts every number type a provider uses; what is negative, not
// whole or too large to be a count is unknown.
func tokenCount(v any) int {
	switch n := v.(type) {
	case nil:
		return 0
	case int: // most of them
		if n < 0 || n > quirks.MaxTokens {
			return 0
		}
		return n
	case json.Number:
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
	if !(f > 0) || f > quirks.MaxTokens || f != math.Trunc(f) {
		return 0
	}
	return int(f)
}
