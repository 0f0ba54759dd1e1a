// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// providers maps LiteLLM's names of the providers that langchaingo speaks to to
// gen_ai.provider.name.
var providers = map[string]string{
	"anthropic": "anthropic", "azure": "azure.ai.openai", "bedrock": "aws.bedrock", "bedrock_converse": "aws.bedrock",
	"cloudflare": "cloudflare", "cohere": "cohere", "cohere_chat": "cohere", "deepseek": "deepseek", "gemini": "gcp.gemini",
	"groq": "groq", "mistral": "mistral_ai", "moonshot": "moonshot_ai", "openai": "openai", "perplexity": "perplexity",
	"text-completion-openai": "openai", "vertex_ai-embedding-models": "gcp.vertex_ai", "vertex_ai-language-models": "gcp.vertex_ai",
	"voyage": "voyageai", "watsonx": "ibm.watsonx.ai", "xai": "x_ai",
}

// local are the providers that run on the program's own machine, which cost nothing.
var local = []string{"llamafile", "local", "ollama"}

// namesWithSlash are the providers whose names of models have a slash. Elsewhere it
// stands for a region or a size of LiteLLM's own.
var namesWithSlash = []string{"cloudflare", "groq", "ibm.watsonx.ai"}

// bedrock matches the models of those makers that langchaingo's client of Bedrock knows.
var bedrock = regexp.MustCompile(`^([a-z-]+\.)?(ai21|amazon|anthropic|cohere|meta)\.`)

// maxEmbedding, in dollars per million tokens, is more than any provider asks. The list
// has an embedding model of Cohere at 100.
const maxEmbedding = 5

// price is the price of a group in US dollars per million tokens.
type price struct {
	Input           float64 `json:"input"`
	Output          float64 `json:"output"`
	CacheRead       float64 `json:"cache_read,omitempty"`
	CacheCreation   float64 `json:"cache_creation,omitempty"`
	CacheCreation1h float64 `json:"cache_creation_1h,omitempty"`
	Reasoning       float64 `json:"reasoning,omitempty"`
	MaxInput        int     `json:"max_input,omitempty"`
}

// group has the models of a provider that cost the same.
type group struct {
	Provider string   `json:"provider"`
	Models   []string `json:"models"`
	price
}

// convert returns the groups in order.
func convert(text []byte) ([]group, error) {
	var list map[string]map[string]any
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, err
	}
	// The prices of a model by length, as a text that can be compared.
	models := map[[2]string][]price{}
	for _, key := range slices.Sorted(maps.Keys(list)) {
		provider, model, ok := identify(key, list[key])
		if !ok {
			continue
		}
		tiers := tiersOf(list[key])
		id := [2]string{provider, model}
		if old, ok := models[id]; ok && !slices.Equal(old, tiers) {
			return nil, fmt.Errorf("%s of %s has two prices: %v and %v", model, provider, old, tiers)
		}
		models[id] = tiers
	}
	type groupKey struct {
		provider string
		price
	}
	members := map[groupKey][]string{}
	for id, tiers := range models {
		for _, p := range tiers {
			k := groupKey{id[0], p}
			members[k] = append(members[k], id[1])
		}
	}
	for _, provider := range local {
		members[groupKey{provider: provider}] = []string{"*"}
	}
	var groups []group
	for k, names := range members {
		slices.Sort(names)
		groups = append(groups, group{k.provider, names, k.price})
	}
	slices.SortFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), slices.Compare(a.Models, b.Models), cmp.Compare(a.MaxInput, b.MaxInput))
	})
	return groups, nil
}

// identify returns the provider and the model of an entry. ok is false for what is no
// text model with a price.
func identify(key string, entry map[string]any) (provider, model string, ok bool) {
	name, _ := entry["litellm_provider"].(string)
	provider = providers[name]
	switch entry["mode"] {
	case "chat", "completion", "embedding", "responses":
	default:
		return "", "", false
	}
	// Free models are experiments: their price is not known. Output of other kinds than
	// text has prices of its own, and usage does not tell it apart.
	input := perMillion(entry, "input_cost_per_token")
	if provider == "" || input == 0 || hasOtherOutput(entry) || entry["mode"] == "embedding" && input > maxEmbedding {
		return "", "", false
	}
	model = strings.TrimPrefix(key, name+"/")
	if strings.HasPrefix(model, "ft:") {
		model += ":*" // OpenAI adds the organization and an id
	}
	if provider == "aws.bedrock" && !bedrock.MatchString(model) {
		return "", "", false
	}
	return provider, model, !strings.Contains(model, "/") || slices.Contains(namesWithSlash, provider)
}

func hasOtherOutput(entry map[string]any) bool {
	for _, key := range []string{"output_cost_per_audio_token", "output_cost_per_image_token", "output_cost_per_image"} {
		if entry[key] != nil {
			return true
		}
	}
	return false
}

var lengthTier = regexp.MustCompile(`^(?:input|output)_cost_per_token_above_(\d+)k_tokens$`)

// tiersOf returns the prices of an entry by length. A field that a longer length does
// not have is the one of the next shorter length.
func tiersOf(entry map[string]any) []price {
	limits := []int{}
	for key := range entry {
		if m := lengthTier.FindStringSubmatch(key); m != nil {
			n, _ := strconv.Atoi(m[1]) // digits
			limits = append(limits, n)
		}
	}
	slices.Sort(limits)
	limits = slices.Compact(limits)
	p := priceOf(entry, "", price{})
	tiers := []price{p}
	for _, limit := range limits {
		tiers[len(tiers)-1].MaxInput = limit * 1000
		p = priceOf(entry, fmt.Sprintf("_above_%dk_tokens", limit), p)
		tiers = append(tiers, p)
	}
	for i := range tiers {
		tiers[i].simplify()
	}
	return tiers
}

func priceOf(entry map[string]any, suffix string, shorter price) price {
	return price{
		Input:           cmp.Or(perMillion(entry, "input_cost_per_token"+suffix), shorter.Input),
		Output:          cmp.Or(perMillion(entry, "output_cost_per_token"+suffix), shorter.Output),
		CacheRead:       cmp.Or(perMillion(entry, "cache_read_input_token_cost"+suffix), shorter.CacheRead),
		CacheCreation:   cmp.Or(perMillion(entry, "cache_creation_input_token_cost"+suffix), shorter.CacheCreation),
		CacheCreation1h: cmp.Or(perMillion(entry, "cache_creation_input_token_cost_above_1hr"+suffix), shorter.CacheCreation1h),
		Reasoning:       cmp.Or(perMillion(entry, "output_cost_per_reasoning_token"+suffix), shorter.Reasoning),
	}
}

// simplify leaves out what is the default.
func (p *price) simplify() {
	if p.CacheCreation1h == cmp.Or(p.CacheCreation, p.Input) {
		p.CacheCreation1h = 0
	}
	if p.CacheRead == p.Input {
		p.CacheRead = 0
	}
	if p.CacheCreation == p.Input {
		p.CacheCreation = 0
	}
	if p.Reasoning == p.Output {
		p.Reasoning = 0
	}
}

// perMillion returns a price per token as one per million, of six decimals, or 0.
func perMillion(entry map[string]any, key string) float64 {
	v, _ := entry[key].(float64)
	return math.Round(v*1e12) / 1e6
}
