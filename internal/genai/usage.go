// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"encoding/json"
	"math"
	"reflect"

	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/internal/providers"
	"github.com/spanloom/spanloom/metrics"
)

// generationInfo is what the GenerationInfo maps of a response hold.
type generationInfo struct {
	usage metrics.Usage
	// model and id are those of the response.
	model, id string
}

// read takes each part from the first choice that has it. Providers repeat the
// usage of the request in every choice, so nothing is summed.
func (g *generationInfo) read(res *llms.ContentResponse) {
	if res == nil {
		return
	}
	for _, c := range res.Choices {
		if c == nil || len(c.GenerationInfo) == 0 {
			continue
		}
		known := !g.usage.IsZero()
		if known && g.model != "" && g.id != "" {
			return
		}
		counts := g.counts(c.GenerationInfo)
		if known {
			continue
		}
		g.usage = counts.Usage()
		if len(res.Choices) > 1 && !g.usage.IsZero() {
			g.sumOutputs(res)
		}
	}
}

// openAIKeys are the keys of OpenAI's client, which most clients have, the common
// ones first.
var openAIKeys = func() (keys []infoKey) {
	for _, name := range []string{
		"PromptTokens", "CompletionTokens", "TotalTokens", "PromptCachedTokens", "ReasoningTokens", "model", "id",
		"ThinkingTokens", "CompletionReasoningTokens", "ThinkingContent", "PromptAudioTokens", "CompletionAudioTokens",
		"CompletionAcceptedPredictionTokens", "CompletionRejectedPredictionTokens",
	} {
		keys = append(keys, infoKey{name, providers.Known.Info[name]})
	}
	return keys
}()

// commonKeys is how many of openAIKeys are asked for before a map counts as another
// client's.
const commonKeys = 5

type infoKey struct {
	name  string
	field providers.Field
}

// counts reads a map of any shape. It takes model and id unless they are known,
// and returns the counts. A client that has a count under several names gives
// them the same value, so the largest is taken.
func (g *generationInfo) counts(info map[string]any) (c providers.Counts) {
	// Asking for each key takes half the time of ranging over the map.
	seen := 0
	for i, key := range openAIKeys {
		if seen == len(info) || seen == 0 && i == commonKeys {
			break
		}
		if v, ok := info[key.name]; ok {
			seen++
			g.take(&c, key.field, v)
		}
	}
	if seen == len(info) {
		return c
	}
	return g.countsOfAll(info)
}

func (g *generationInfo) countsOfAll(info map[string]any) (c providers.Counts) {
	for name, v := range info {
		g.take(&c, providers.Known.Info[name], v)
		if name == "usage" {
			g.addNested(&c, v)
		}
	}
	providers.AdjustInfo(&c, info)
	return c
}

// take takes a value of a GenerationInfo for what its key stands for.
func (g *generationInfo) take(c *providers.Counts, f providers.Field, v any) {
	switch {
	case f >= providers.Input:
		c[f] = max(c[f], tokenCount(v))
	case f == providers.Model && g.model == "":
		g.model, _ = v.(string)
	case f == providers.ID && g.id == "":
		g.id, _ = v.(string)
	}
}

// addNested adds the counts of a usage value that is a map, or a struct of an SDK
// that is not imported, such as Mistral's.
func (g *generationInfo) addNested(c *providers.Counts, usage any) {
	if m, ok := usage.(map[string]any); ok {
		for key, v := range m {
			g.take(c, providers.Known.Info[key], v)
		}
		return
	}
	rv := reflect.Indirect(reflect.ValueOf(usage))
	if rv.Kind() != reflect.Struct {
		return
	}
	for _, sf := range reflect.VisibleFields(rv.Type()) {
		if providers.Known.Info[sf.Name] == 0 || !sf.IsExported() {
			continue
		}
		// An embedded nil pointer on the way gives an error here. FieldByName would
		// panic.
		if f, err := rv.FieldByIndexErr(sf.Index); err == nil && f.CanInterface() {
			g.take(c, providers.Known.Info[sf.Name], f.Interface())
		}
	}
}

// sumOutputs adds the output tokens of all choices up where a client splits them
// over the choices. Outputs that are all equal may be one total that is repeated,
// and are not added.
func (g *generationInfo) sumOutputs(res *llms.ContentResponse) {
	sum, distinct := 0, false
	for _, c := range res.Choices {
		if c == nil {
			return
		}
		in, out, ok := providers.ChoiceCounts(c.GenerationInfo)
		if !ok || in != g.usage.Input || out < 0 {
			return
		}
		distinct = distinct || out != g.usage.Output
		sum = min(providers.MaxTokens, sum+tokenCount(out))
	}
	if distinct {
		g.usage.Output = sum
	}
}

// tokenCount accepts every type of number. One that is negative, a fraction or
// too large to be a count is unknown, which is 0.
func tokenCount(v any) int {
	var f float64
	switch n := v.(type) {
	case int:
		if n < 0 || n > providers.MaxTokens {
			return 0
		}
		return n
	case json.Number:
		f, _ = n.Float64() // infinite if it is too large
	default:
		switch rv := reflect.ValueOf(v); {
		case rv.CanInt():
			f = float64(rv.Int())
		case rv.CanUint():
			f = float64(rv.Uint())
		case rv.CanFloat():
			f = rv.Float()
		}
	}
	if !(f > 0) || f > providers.MaxTokens || f != math.Trunc(f) {
		return 0
	}
	return int(f)
}
