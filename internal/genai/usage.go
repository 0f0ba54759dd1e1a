// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"cmp"
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
		if g.readOpenAI(c.GenerationInfo) {
			continue
		}
		counts := g.readAny(c.GenerationInfo)
		if known {
			continue
		}
		providers.AdjustInfo(&counts, c.GenerationInfo)
		g.usage = counts.Usage()
		if len(res.Choices) > 1 && !g.usage.IsZero() {
			g.sumOutputs(res)
		}
	}
}

// readAny reads a map of any shape. It takes model and id unless they are known,
// and returns the counts. A client that has a count under several names gives
// them the same value, so the largest is taken.
func (g *generationInfo) readAny(info map[string]any) (c providers.Counts) {
	var usage any
	var model, id string
	for key, v := range info {
		switch v := v.(type) {
		case int:
			if v > 0 && v <= providers.MaxTokens {
				addCount(&c, key, v)
			}
		case string:
			switch providers.Known.Info[key] {
			case providers.Model:
				model = v
			case providers.ID:
				id = cmp.Or(id, v)
			}
		default:
			if n := tokenCount(v); n > 0 {
				addCount(&c, key, n)
			} else if key == "usage" {
				usage = v
			}
		}
	}
	g.model, g.id = cmp.Or(g.model, model), cmp.Or(g.id, id)
	if usage != nil {
		addNested(&c, usage)
	}
	return c
}

func addCount(c *providers.Counts, key string, n int) {
	if f := providers.Known.Info[key]; f >= providers.Input {
		c[f] = max(c[f], n)
	}
}

// addNested adds the counts of a usage value that is a map, or a struct of an SDK
// that is not imported, such as Mistral's.
func addNested(c *providers.Counts, usage any) {
	if m, ok := usage.(map[string]any); ok {
		for key, v := range m {
			addCount(c, key, tokenCount(v))
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
			addCount(c, sf.Name, tokenCount(f.Interface()))
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
	switch n := v.(type) {
	case nil:
		return 0
	case int:
		if n < 0 || n > providers.MaxTokens {
			return 0
		}
		return n
	case json.Number:
		f, err := n.Float64()
		if err != nil {
			return 0
		}
		return integer(f)
	}
	rv := reflect.ValueOf(v)
	switch {
	case rv.CanInt():
		return integer(float64(rv.Int()))
	case rv.CanUint():
		return integer(float64(rv.Uint()))
	case rv.CanFloat():
		return integer(rv.Float())
	}
	return 0
}

func integer(f float64) int {
	if !(f > 0) || f > providers.MaxTokens || f != math.Trunc(f) {
		return 0
	}
	return int(f)
}
