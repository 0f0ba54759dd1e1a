// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"encoding/json"
	"maps"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/internal/providers"
	"github.com/spanloom/spanloom/metrics"
)

type info = map[string]any

func response(choices ...info) *llms.ContentResponse {
	res := &llms.ContentResponse{}
	for _, c := range choices {
		res.Choices = append(res.Choices, &llms.ContentChoice{GenerationInfo: c})
	}
	return res
}

// sdkUsage has the shape of mistral-go's UsageInfo.
type sdkUsage struct{ PromptTokens, TotalTokens, CompletionTokens int }

// detailedUsage has the shape of OpenAI's own SDK.
type detailedUsage struct {
	PromptTokens, CompletionTokens int
	PromptTokensDetails            *details
}

type details struct{ CachedTokens, CacheWriteTokens int64 }

type brokenUsage struct {
	*sdkUsage
	hidden int
}

func TestUsage(t *testing.T) {
	openAI := func(in, out, cached, reasoning int) info {
		return info{
			"PromptTokens": in, "CompletionTokens": out, "TotalTokens": in + out, "PromptCachedTokens": cached,
			"ReasoningTokens": reasoning, "ThinkingTokens": reasoning, "CompletionReasoningTokens": reasoning,
			"PromptAudioTokens": 3, "CompletionAudioTokens": 4, "ThinkingContent": "",
		}
	}
	anthropic := func(in, out, created, read int) info {
		return info{"InputTokens": in, "OutputTokens": out, "CacheCreationInputTokens": created, "CacheReadInputTokens": read}
	}
	gemini := info{
		"PromptTokens": int32(8), "CompletionTokens": int32(578), "TotalTokens": int32(586),
		"input_tokens": int32(8), "output_tokens": int32(578), "total_tokens": int32(586),
		"CachedTokens": int32(5), "CacheReadInputTokens": int32(5), "NonCachedInputTokens": int32(3), "ThinkingTokens": 0,
	}
	bedrock := func(in, out int) info { return info{"input_tokens": in, "output_tokens": out} }

	tests := []struct {
		name, upstream, reason string
		res                    *llms.ContentResponse
		want                   metrics.Usage
	}{
		{
			"openai", "llms/openai/openaillm.go:341", "details are parts of the counts, not additions",
			response(openAI(100, 50, 40, 30)),
			metrics.Usage{Input: 100, Output: 50, CacheRead: 40, Reasoning: 30},
		},
		{
			"openai, n=3", "llms/openai/openaillm.go:336", "the whole request's usage is repeated in every choice",
			response(openAI(9, 5, 0, 0), openAI(9, 5, 0, 0), openAI(9, 5, 0, 0)),
			metrics.Usage{Input: 9, Output: 5},
		},
		{
			"openai, stream without usage", "llms/openai/internal/openaiclient/chat.go:465", "zeros mean that the server sent no usage",
			response(openAI(0, 0, 0, 0)),
			metrics.Usage{},
		},
		{
			"anthropic", "llms/anthropic/anthropicllm.go:188", "InputTokens excludes cached tokens, the convention includes them",
			response(anthropic(10, 7, 20, 300)),
			metrics.Usage{Input: 330, Output: 7, CacheRead: 300, CacheCreation: 20},
		},
		{
			"anthropic, everything cached", "llms/anthropic/anthropicllm.go:188", "zero uncached tokens is not unknown when there are cached ones",
			response(anthropic(0, 7, 0, 300)),
			metrics.Usage{Input: 300, Output: 7, CacheRead: 300},
		},
		{
			"anthropic, three blocks", "llms/anthropic/anthropicllm.go:233", "one choice per content block, each with the usage of all",
			response(anthropic(10, 7, 0, 0), anthropic(10, 7, 0, 0), anthropic(10, 7, 0, 0)),
			metrics.Usage{Input: 10, Output: 7},
		},
		{"anthropic, legacy completions", "llms/anthropic/anthropicllm.go:129", "there is no GenerationInfo", response(nil), metrics.Usage{}},
		{
			"ollama", "llms/ollama/ollamallm.go:209", "plain ints, reasoning always zero",
			response(info{"PromptTokens": 26, "CompletionTokens": 290, "TotalTokens": 316, "ThinkingTokens": 0, "ThinkingContent": ""}),
			metrics.Usage{Input: 26, Output: 290},
		},
		{
			"ollama, context cache hit", "llms/ollama/ollamallm.go:222", "cached tokens are known only with WithContextCache",
			response(info{"PromptTokens": 26, "CompletionTokens": 2, "CachedTokens": 20, "CacheHit": true}),
			metrics.Usage{Input: 26, Output: 2, CacheRead: 20},
		},
		{
			"ollama, truncated stream", "llms/ollama/ollamallm.go:209", "zeros mean that no final chunk came",
			response(info{"PromptTokens": 0, "CompletionTokens": 0, "TotalTokens": 0}),
			metrics.Usage{},
		},
		{
			"googleai", "llms/googleai/googleai.go:174", "int32 in two spellings; the prompt's count includes the cached tokens",
			response(gemini),
			metrics.Usage{Input: 8, Output: 578, CacheRead: 5},
		},
		{
			"googleai, two candidates", "llms/googleai/googleai.go:202", "usage is repeated per candidate",
			response(gemini, gemini),
			metrics.Usage{Input: 8, Output: 578, CacheRead: 5},
		},
		{
			"googleai, stream", "llms/googleai/googleai.go:394", "the SDK keeps the first chunk's usage: no output is unknown, not zero",
			response(info{"PromptTokens": int32(8), "CompletionTokens": int32(0), "TotalTokens": int32(9)}),
			metrics.Usage{Input: 8},
		},
		{
			"googleai, thinking", "llms/googleai/googleai.go:174", "the client has no field for thoughts; the total counts them",
			response(info{
				"PromptTokens": int32(8), "CompletionTokens": int32(10), "TotalTokens": int32(518), "input_tokens": int32(8), "output_tokens": int32(10),
				"total_tokens": int32(518), "ThinkingTokens": 0,
			}),
			metrics.Usage{Input: 8, Output: 510, Reasoning: 500},
		},
		{
			"vertex, nothing but thoughts", "llms/googleai/vertex/vertex.go:165", "cut off while it was thinking",
			response(info{"input_tokens": int32(8), "output_tokens": int32(0), "total_tokens": int32(108)}),
			metrics.Usage{Input: 8, Output: 100, Reasoning: 100},
		},
		{
			"xai", "docs.x.ai/docs/guides/reasoning", "completion_tokens leaves reasoning out, the total does not",
			response(info{
				"PromptTokens": 32, "CompletionTokens": 9, "TotalTokens": 135, "ReasoningTokens": 94, "ThinkingTokens": 94, "CompletionReasoningTokens": 94, "PromptCachedTokens": 6,
			}),
			metrics.Usage{Input: 32, Output: 103, CacheRead: 6, Reasoning: 94},
		},
		{
			"a total of somebody else's", "", "whatever else a server counts in, only Gemini's is known",
			response(info{"PromptTokens": 8, "CompletionTokens": 10, "TotalTokens": 518}),
			metrics.Usage{Input: 8, Output: 10},
		},
		{
			"vertex", "llms/googleai/vertex/vertex.go:165", "only the snake case spelling",
			response(info{"input_tokens": int32(8), "output_tokens": int32(3), "total_tokens": int32(11)}),
			metrics.Usage{Input: 8, Output: 3},
		},
		{
			"vertex, two candidates", "llms/googleai/vertex/vertex.go:174", "snake case with a total is repeated, not split",
			response(info{"input_tokens": 8, "output_tokens": 3, "total_tokens": 11}, info{"input_tokens": 8, "output_tokens": 4, "total_tokens": 12}),
			metrics.Usage{Input: 8, Output: 3},
		},
		{
			"bedrock anthropic", "llms/bedrock/internal/bedrockclient/provider_anthropic.go:226", "ints, no total",
			response(bedrock(11, 6)),
			metrics.Usage{Input: 11, Output: 6},
		},
		{
			"bedrock anthropic, stream", "llms/bedrock/internal/bedrockclient/provider_anthropic.go:325", "input comes with the first event, output with the last",
			response(info{"input_tokens": 11}),
			metrics.Usage{Input: 11},
		},
		{
			"bedrock nova", "llms/bedrock/internal/bedrockclient/provider_nova.go:194", "one choice per content item, usage repeated",
			response(bedrock(11, 6), bedrock(11, 6)),
			metrics.Usage{Input: 11, Output: 6},
		},
		{
			"bedrock titan", "llms/bedrock/internal/bedrockclient/provider_amazon.go:109", "the one that splits outputs over choices",
			response(bedrock(11, 6), bedrock(11, 9)),
			metrics.Usage{Input: 11, Output: 15},
		},
		{
			"bedrock ai21", "llms/bedrock/internal/bedrockclient/provider_ai21.go:126", "splits outputs, too, beside an id",
			response(info{"id": "x", "input_tokens": 4, "output_tokens": 1}, info{"id": "x", "input_tokens": 4, "output_tokens": 2}),
			metrics.Usage{Input: 4, Output: 3},
		},
		{"bedrock meta", "llms/bedrock/internal/bedrockclient/provider_meta.go:91", "ints, one choice", response(bedrock(2, 3)), metrics.Usage{Input: 2, Output: 3}},
		{
			"bedrock cohere", "llms/bedrock/internal/bedrockclient/provider_cohere.go:111", "an index is not a count",
			response(info{"generation_id": "g", "index": 7}),
			metrics.Usage{},
		},
		{
			"mistral", "llms/mistral/mistralmodel.go:166", "a struct of the SDK, read without importing it",
			response(info{"usage": sdkUsage{12, 20, 8}, "model": "m", "created": 1}, info{"usage": sdkUsage{12, 20, 8}}),
			metrics.Usage{Input: 12, Output: 8},
		},
		{"mistral, pointer", "llms/mistral/mistralmodel.go:210", "a pointer to it must not be lost either", response(info{"usage": &sdkUsage{12, 20, 8}}), metrics.Usage{Input: 12, Output: 8}},
		{"mistral, nil pointer", "llms/mistral/mistralmodel.go:210", "reflection panics on it when asked for a field", response(info{"usage": (*sdkUsage)(nil)}), metrics.Usage{}},
		{"embedded nil pointer", "none", "FieldByName panics on a promoted field", response(info{"usage": brokenUsage{hidden: 1}}), metrics.Usage{}},
		{
			"usage as a map", "none", "what a user's own client would pass on from JSON",
			response(info{"usage": info{"prompt_tokens": json.Number("3"), "completion_tokens": 4.0}}),
			metrics.Usage{Input: 3, Output: 4},
		},
		{
			"cache writes beside OpenAI's counts", "none", "a user's own client; the input includes them",
			response(info{"PromptTokens": 25612, "CompletionTokens": 14, "TotalTokens": 25626, "CacheWriteTokens": 25600}),
			metrics.Usage{Input: 25612, Output: 14, CacheCreation: 25600},
		},
		{
			"usage of OpenAI's body as a map", "none", "the details are a map of their own",
			response(info{"usage": info{"prompt_tokens": 25612.0, "completion_tokens": 14.0, "prompt_tokens_details": info{"cached_tokens": 12.0, "cache_write_tokens": 25600.0}}}),
			metrics.Usage{Input: 25612, Output: 14, CacheRead: 12, CacheCreation: 25600},
		},
		{
			"usage of the Responses API as a map", "none", "its input includes the cache",
			response(info{"usage": info{"input_tokens": 2600, "output_tokens": 5, "input_tokens_details": info{"cached_tokens": 2000, "cache_write_tokens": 400}}}),
			metrics.Usage{Input: 2600, Output: 5, CacheRead: 2000, CacheCreation: 400},
		},
		{
			"usage of Anthropic's body as a map", "none", "its input is without the cache",
			response(info{"usage": info{"input_tokens": 12, "output_tokens": 5, "cache_creation_input_tokens": 25600, "cache_creation": info{"ephemeral_1h_input_tokens": 600}}}),
			metrics.Usage{Input: 25612, Output: 5, CacheCreation: 25600, CacheCreation1h: 600},
		},
		{
			"usage of an SDK with details", "none", "a struct in the struct",
			response(info{"usage": detailedUsage{25612, 14, &details{0, 25600}}}),
			metrics.Usage{Input: 25612, Output: 14, CacheCreation: 25600},
		},
		{"usage of an SDK without details", "none", "the pointer is nil", response(info{"usage": detailedUsage{25612, 14, nil}}), metrics.Usage{Input: 25612, Output: 14}},
		{"usage of Cohere's body as a map", "none", "what is billed counts", response(info{"usage": info{"billed_units": info{"input_tokens": 5}, "tokens": info{"input_tokens": 72}}}), metrics.Usage{Input: 5}},
		{"maritaca", "llms/maritaca/maritacallm.go:191", "OpenAI's spelling", response(info{"PromptTokens": 5, "CompletionTokens": 6, "TotalTokens": 11}), metrics.Usage{Input: 5, Output: 6}},
		{"maritaca, stream", "llms/maritaca/maritacallm.go:191", "zeros in streaming", response(info{"PromptTokens": 0, "CompletionTokens": 0}), metrics.Usage{}},
		{"cohere, cloudflare, llamafile, huggingface, watsonx, ernie, palm, local, fake", "llms/cohere/coherellm.go:66", "no GenerationInfo at all", response(nil), metrics.Usage{}},

		{"no response", "llms/mistral/mistralmodel.go:148", "End(nil) comes before the real end", nil, metrics.Usage{}},
		{"nil choice", "none", "a user's model may return one", &llms.ContentResponse{Choices: []*llms.ContentChoice{nil, {GenerationInfo: bedrock(1, 2)}}}, metrics.Usage{Input: 1, Output: 2}},
		{"empty first choice", "none", "the first choice that has usage counts", response(info{"ThinkingContent": "x"}, bedrock(1, 2)), metrics.Usage{Input: 1, Output: 2}},
		{"negative", "none", "no counter takes it", response(info{"PromptTokens": -1, "CompletionTokens": int64(-5)}), metrics.Usage{}},
		{"negative titan output", "none", "a sum must not turn negative", response(bedrock(11, 6), bedrock(11, -90)), metrics.Usage{Input: 11, Output: 6}},
		{
			"no counts", "none", "strings, NaN and fractions are not counts",
			response(info{"PromptTokens": "12", "CompletionTokens": math.NaN(), "ReasoningTokens": 1.5}),
			metrics.Usage{},
		},
		{"overflow", "none", "cached tokens are added to the input", response(anthropic(math.MaxInt, 1, math.MaxInt, math.MaxInt)), metrics.Usage{Output: 1}},
		{"uint8", "none", "every integer type is accepted", response(info{"prompt_tokens": uint8(200), "completion_tokens": uint64(7)}), metrics.Usage{Input: 200, Output: 7}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, got := ReadResponse(nil, tt.res)
			assert.Equal(t, tt.want, got, "reason: %s (%s)", tt.reason, tt.upstream)
		})
	}
}

// FuzzUsage builds responses from pairs of bytes: which key, and which value.
func FuzzUsage(f *testing.F) {
	f.Add([]byte{0, 1, 1, 2}, uint8(2), int64(7))
	f.Add([]byte{4, 0, 5, 3, 6, 4, 7, 5}, uint8(3), int64(math.MinInt64))
	f.Add([]byte{2, 6, 3, 7, 13, 8}, uint8(255), int64(math.MaxInt64))
	keys := []string{
		"PromptTokens", "CompletionTokens", "input_tokens", "output_tokens", "InputTokens", "OutputTokens",
		"CacheReadInputTokens", "CacheCreationInputTokens", "PromptCachedTokens", "ReasoningTokens", "total_tokens",
		"prompt_tokens", "completion_tokens", "usage",
	}
	f.Fuzz(func(t *testing.T, picks []byte, choices uint8, n int64) {
		values := []any{
			int(n), n, int32(n), uint64(n), math.Float64frombits(uint64(n)), float32(n), json.Number("1e400"), "12", nil,
			sdkUsage{PromptTokens: int(n)},
			(*sdkUsage)(nil),
			brokenUsage{},
			info{"prompt_tokens": n},
			info{"input_tokens": n, "cache_creation_input_tokens": n, "prompt_tokens_details": info{"cache_write_tokens": n}},
			[]int{1},
		}
		res := &llms.ContentResponse{}
		for c := range int(choices) {
			m := info{}
			for i := 0; i+1 < len(picks); i += 2 {
				m[keys[int(picks[i])%len(keys)]] = values[(int(picks[i+1])+c%3)%len(values)]
			}
			res.Choices = append(res.Choices, &llms.ContentChoice{GenerationInfo: m})
		}
		_, u := ReadResponse(nil, res)
		for _, v := range []int{u.Input, u.Output, u.CacheRead, u.CacheCreation, u.Reasoning} {
			assert.GreaterOrEqual(t, v, 0, "%+v", u)
			assert.LessOrEqual(t, v, 3*providers.MaxTokens, "%+v", u)
		}
	})
}

// One unknown key makes it range over the map.
func TestAskingForKeysEqualsRanging(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	read := func(info map[string]any) (g generationInfo) {
		g.read(&llms.ContentResponse{Choices: []*llms.ContentChoice{{GenerationInfo: info}}})
		return g
	}
	var counts []string
	for _, key := range openAIKeys {
		if key.field == 0 || key.field >= providers.Input {
			counts = append(counts, key.name)
		}
	}
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
		if _, other := info["CachedTokens"]; !other {
			fast++
		}
		slow := maps.Clone(info)
		slow["no key of anybody"] = true
		assert.Equal(t, read(slow), read(info), info)
	}
	assert.Greater(t, fast, 2000, "else nothing is compared")
}
