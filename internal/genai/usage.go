// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"cmp"
	"encoding/json"
	"math"
	"reflect"
	"strings"

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
			g.addNested(&c, "", v)
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

// addNested adds the counts of a usage value that is a map as in a body, or a
// struct of an SDK that is not imported, such as Mistral's. Path leads to the value.
func (g *generationInfo) addNested(c *providers.Counts, path string, usage any) {
	if m, ok := usage.(map[string]any); ok {
		for key, v := range m {
			if _, isMap := v.(map[string]any); isMap && strings.Count(path, ".") < maxNesting {
				g.addNested(c, path+key+".", v)
			} else if f := cmp.Or(providers.Known.Usage[path+key], providers.Known.Info[key]); f&providers.Fallback == 0 {
				g.take(c, f, v)
			}
		}
		return
	}
	rv := reflect.Indirect(reflect.ValueOf(usage))
	if rv.Kind() != reflect.Struct {
		return
	}
	for _, sf := range reflect.VisibleFields(rv.Type()) {
		known := providers.Known.Info[sf.Name] != 0
		isDetails := path == "" && strings.HasSuffix(sf.Name, "Details")
		if !known && !isDetails || !sf.IsExported() {
			continue
		}
		// An embedded nil pointer on the way gives an error here. FieldByName would
		// panic.
		f, err := rv.FieldByIndexErr(sf.Index)
		switch {
		case err != nil || !f.CanInterface():
		case known:
			g.take(c, providers.Known.Info[sf.Name], f.Interface())
		default:
			g.addNested(c, sf.Name, f.Interface())
		}
	}
}

// maxNesting is the number of maps around a count that is read.
const maxNesting = 3

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
