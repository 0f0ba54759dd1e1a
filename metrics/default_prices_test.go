// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The expected costs are worked out by hand from the providers' lists, in
// dollars.
func TestDefaultPrices(t *testing.T) {
	const M = 1_000_000
	tests := []struct {
		provider, model string
		usage           Usage
		want            string
	}{
		{"openai", "gpt-3.5-turbo", Usage{Input: 1000, Output: 100}, "0.00065"},
		{"openai", "gpt-4", Usage{Input: 100, Output: 10}, "0.0036"},
		{"openai", "gpt-4-turbo-2024-04-09", Usage{Input: 100, Output: 10}, "0.0013"},
		{"openai", "gpt-4o", Usage{Input: 1200, Output: 300, CacheRead: 1000}, "0.00475"},
		{"openai", "gpt-4o-2024-05-13", Usage{Input: M, Output: M}, "20"},
		{"openai", "gpt-4o-mini", Usage{Input: 1, Output: 1}, "0.00000075"},
		{"openai", "gpt-4.1-nano-2025-04-14", Usage{Input: M, CacheRead: M / 2, Output: M}, "0.4625"},
		{"openai", "gpt-5", Usage{Input: 1000, Output: 2000, Reasoning: 1900}, "0.02125"},
		{"openai", "gpt-5.4", Usage{Input: 272_000, Output: 1000}, "0.695"},
		{"openai", "gpt-5.4", Usage{Input: 273_000, Output: 1000}, "1.3875"},
		{"openai", "o1-2024-12-17", Usage{Input: 1000, Output: 1000, Reasoning: 1000}, "0.075"},
		{"openai", "ft:gpt-3.5-turbo-0125:org::id", Usage{Input: M, Output: M}, "9"},
		{"openai", "text-embedding-3-small", Usage{Input: 7}, "0.00000014"},
		{"openai", "text-embedding-ada-002", Usage{Input: M}, "0.1"},
		{"anthropic", "claude-sonnet-4-5-20250929", Usage{Input: 1000, CacheRead: 600, CacheCreation: 300, Output: 100}, "0.003105"},
		{"anthropic", "claude-sonnet-4-5-20250929", Usage{Input: 100_000, CacheCreation: 100_000}, "0.375"},
		{"anthropic", "claude-sonnet-4-5-20250929", Usage{Input: 100_000, CacheCreation: 100_000, CacheCreation1h: 100_000}, "0.6"},
		{"anthropic", "claude-haiku-4-5-20251001", Usage{Input: 1000, CacheRead: 1000, Output: 1}, "0.000105"},
		{"anthropic", "claude-opus-4-5", Usage{Input: 1000, Output: 1000}, "0.03"},
		{"gcp.gemini", "gemini-2.5-pro", Usage{Input: 1000, Output: 1000, Reasoning: 900}, "0.01125"},
		{"gcp.gemini", "gemini-2.5-pro", Usage{Input: 200_001, Output: 0}, "0.5000025"},
		{"gcp.vertex_ai", "gemini-2.5-pro", Usage{Input: 1000, Output: 1000}, "0.01125"},
		{"mistral_ai", "mistral-large-latest", Usage{Input: 1000, Output: 1000}, "0.002"},
		{"cohere", "command-r7b-12-2024", Usage{Input: 1, Output: 1}, "0.0000001875"},
		{"deepseek", "deepseek-chat", Usage{Input: 1000, CacheRead: 900, Output: 100}, "0.0000952"},
		{"azure.ai.openai", "gpt-4o-2024-08-06", Usage{Input: 1200, Output: 300, CacheRead: 1000}, "0.00475"},
		{"azure.ai.openai", "gpt-35-turbo", Usage{Input: 1000, Output: 500}, "0.00125"},
		{"aws.bedrock", "us.amazon.nova-micro-v1:0", Usage{Input: 1000, Output: 1000}, "0.000175"},
		{"aws.bedrock", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", Usage{Input: 1000, Output: 1000}, "0.0198"},
		{"aws.bedrock", "global.anthropic.claude-sonnet-4-5-20250929-v1:0", Usage{Input: 200_001, Output: 1000}, "1.222506"},
		{"aws.bedrock", "amazon.titan-embed-text-v2:0", Usage{Input: M}, "0.02"},
		{"ollama", "llama3", Usage{Input: 5, Output: 5}, "0"},
	}
	for _, tt := range tests {
		c, ok := DefaultPrices().Amount(tt.provider, tt.model, tt.usage)
		assert.True(t, ok, "%s %s has no price", tt.provider, tt.model)
		assert.Equal(t, tt.want, c.String(), "%s %s %+v", tt.provider, tt.model, tt.usage)
	}
}

func TestDefaultPricesGuessNothing(t *testing.T) {
	for _, m := range [][2]string{
		{"openai", "gpt-99"},
		{"openai", "gpt-4o-audio-preview"},
		{"openai", "gpt-4o-mini-tts"},
		{"openai", ""},
		{"azure.ai.openai", "our-deployment"},
		{"azure.ai.openai", "gpt-4o-audio-preview-2024-12-17"},
		{"aws.bedrock", "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/x"},
		{"cohere", "embed-multilingual-light-v3.0"}, // 100 dollars in the source
		{"gcp.gemini", "gemma-3-27b-it"},            // free in the source, as an experiment
		{"openrouter", "openai/gpt-4o"},
		{"unknown", "gpt-4o"},
	} {
		_, ok := DefaultPrices().Cost(m[0], m[1], Usage{Input: 1})
		assert.False(t, ok, "%s %s", m[0], m[1])
	}
}

func TestDefaultPricesFile(t *testing.T) {
	_, err := LoadPrices(bytes.NewReader(defaultPrices))
	require.NoError(t, err)
	_, err = time.Parse(time.DateOnly, DefaultPricesDate)
	require.NoError(t, err)
	var file priceFile
	require.NoError(t, json.Unmarshal(defaultPrices, &file))
	assert.Equal(t, DefaultPricesDate, file.Date)
	assert.Contains(t, file.Source, "MIT")
	assert.Less(t, len(defaultPrices), 60_000, "it is in every program that uses the library")
}

func BenchmarkDefaultPrices(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = LoadPrices(bytes.NewReader(defaultPrices))
	}
}
