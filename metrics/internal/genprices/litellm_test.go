// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanloom/spanloom/metrics"
)

const list = `{
	"sample_spec": {"mode": "one of: chat, embedding", "max_tokens": "a number", "litellm_provider": "openai", "input_cost_per_token": 0.0},
	"gpt-4o": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 1.25e-06,
		"input_cost_per_token_batches": 1e-06, "output_cost_per_reasoning_token": 1e-05},
	"gpt-4o-2024-11-20": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 1.25e-06},
	"ft:gpt-4o": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 3e-06, "output_cost_per_token": 1.2e-05},
	"gpt-audio": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2.5e-06, "output_cost_per_audio_token": 8e-05},
	"dall-e": {"litellm_provider": "openai", "mode": "image_generation", "input_cost_per_token": 1e-06},
	"claude": {"litellm_provider": "anthropic", "mode": "chat", "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
		"cache_creation_input_token_cost": 3.75e-06, "cache_creation_input_token_cost_above_1hr": 6e-06,
		"input_cost_per_token_above_200k_tokens": 6e-06, "output_cost_per_token_above_200k_tokens": 2.25e-05,
		"cache_creation_input_token_cost_above_1hr_above_200k_tokens": 1.2e-05, "input_cost_per_token_above_200k_tokens_batches": 1},
	"gemini/flash": {"litellm_provider": "gemini", "mode": "chat", "input_cost_per_token": 1e-07, "output_cost_per_token": 4e-07},
	"gemini/experiment": {"litellm_provider": "gemini", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0},
	"us.meta.llama": {"litellm_provider": "bedrock_converse", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06},
	"bedrock/us-east-1/meta.llama": {"litellm_provider": "bedrock", "mode": "chat", "input_cost_per_token": 9e-06, "output_cost_per_token": 1e-06},
	"qwen.coder": {"litellm_provider": "bedrock", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06},
	"groq/meta-llama/llama": {"litellm_provider": "groq", "mode": "chat", "input_cost_per_token": 1e-07, "output_cost_per_token": 1e-07},
	"embed": {"litellm_provider": "cohere", "mode": "embedding", "input_cost_per_token": 1e-07},
	"embed-light": {"litellm_provider": "cohere", "mode": "embedding", "input_cost_per_token": 1e-04},
	"elsewhere/m": {"litellm_provider": "elsewhere", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06}
}`

func TestConvert(t *testing.T) {
	groups, err := convert([]byte(list))
	require.NoError(t, err)
	free := price{}
	assert.Equal(t, []group{
		{"anthropic", []string{"claude"}, price{Input: 6, Output: 22.5, CacheCreation: 3.75, CacheCreation1h: 12}},
		{"anthropic", []string{"claude"}, price{Input: 3, Output: 15, CacheCreation: 3.75, CacheCreation1h: 6, MaxInput: 200_000}},
		{"aws.bedrock", []string{"us.meta.llama"}, price{Input: 1, Output: 1}},
		{"cohere", []string{"embed"}, price{Input: 0.1}},
		{"gcp.gemini", []string{"flash"}, price{Input: 0.1, Output: 0.4}},
		{"groq", []string{"meta-llama/llama"}, price{Input: 0.1, Output: 0.1}},
		{"llamafile", []string{"*"}, free},
		{"local", []string{"*"}, free},
		{"ollama", []string{"*"}, free},
		{"openai", []string{"ft:gpt-4o:*"}, price{Input: 3, Output: 12}},
		{"openai", []string{"gpt-4o", "gpt-4o-2024-11-20"}, price{Input: 2.5, Output: 10, CacheRead: 1.25}},
	}, groups)
}

func TestOneModelAtTwoPricesIsAnError(t *testing.T) {
	_, err := convert([]byte(`{
		"m": {"litellm_provider": "gemini", "mode": "chat", "input_cost_per_token": 1e-06},
		"gemini/m": {"litellm_provider": "gemini", "mode": "chat", "input_cost_per_token": 2e-06}
	}`))
	assert.ErrorContains(t, err, "m of gcp.gemini has two prices")
}

func TestRunWritesAListFromAFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "list.json")
	require.NoError(t, os.WriteFile(file, []byte(list), 0o600))
	require.NoError(t, run(dir, "v1.2.3", "2026-11-28", file))
	text, err := os.ReadFile(filepath.Join(dir, "prices.json"))
	require.NoError(t, err)
	assert.Contains(t, string(text), `"source": "LiteLLM v1.2.3, `)
	p, err := metrics.LoadPrices(bytes.NewReader(text))
	require.NoError(t, err)
	c, _ := p.Amount("anthropic", "claude", metrics.Usage{Input: 100_000, CacheCreation: 100_000, CacheCreation1h: 100_000})
	assert.Equal(t, "0.6", c.String())
	date, err := os.ReadFile(filepath.Join(dir, "prices_date.go"))
	require.NoError(t, err)
	assert.Contains(t, string(date), `DefaultPricesDate = "2026-11-28"`)
}
