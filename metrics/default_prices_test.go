// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"bytes"
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
		{"openai", "gpt-3.5-turbo", Usage{Input: 1000, Output: 500}, "0.00125"},
		{"openai", "gpt-3.5-turbo-0125", Usage{Input: 7}, "0.0000035"},
		{"openai", "gpt-3.5-turbo-1106", Usage{Input: M, Output: M}, "3"},
		{"openai", "gpt-3.5-turbo-16k-0613", Usage{Input: M, Output: M}, "7"},
		{"openai", "gpt-4", Usage{Input: 100, Output: 10}, "0.0036"},
		{"openai", "gpt-4-turbo-2024-04-09", Usage{Input: 100, Output: 10}, "0.0013"},
		{"openai", "gpt-4o", Usage{Input: 1200, Output: 300, CacheRead: 1000}, "0.00475"},
		{"openai", "gpt-4o-2024-08-06", Usage{Input: M, Output: M}, "12.5"},
		{"openai", "gpt-4o-2024-11-20", Usage{Input: M, CacheRead: M}, "1.25"},
		{"openai", "gpt-4o-2024-05-13", Usage{Input: M, Output: M}, "20"},
		{"openai", "gpt-4o-mini", Usage{Input: 1, Output: 1}, "0.00000075"},
		{"openai", "gpt-4o-mini-2024-07-18", Usage{Input: 2000, CacheRead: 1000, Output: 10}, "0.000231"},
		{"openai", "gpt-4.1", Usage{Input: 3000, Output: 1000}, "0.014"},
		{"openai", "gpt-4.1-nano-2025-04-14", Usage{Input: M, CacheRead: M / 2, Output: M}, "0.4625"},
		{"openai", "gpt-5", Usage{Input: 1000, Output: 2000, Reasoning: 1900}, "0.02125"},
		{"openai", "gpt-5-mini-2025-08-07", Usage{Input: 1000, Output: 1000}, "0.00225"},
		{"openai", "o1-2024-12-17", Usage{Input: 1000, Output: 1000, Reasoning: 1000}, "0.075"},
		{"openai", "o3-mini", Usage{Input: 10, CacheRead: 10}, "0.0000055"},
		{"openai", "o4-mini", Usage{Input: M, CacheRead: M, Output: M}, "4.675"},
		{"openai", "text-embedding-3-small", Usage{Input: 7}, "0.00000014"},
		{"openai", "text-embedding-ada-002-v2", Usage{Input: M}, "0.1"},
		{"anthropic", "claude-3-haiku-20240307", Usage{Input: M, Output: M}, "1.5"},
		{"anthropic", "claude-3-5-haiku-20241022", Usage{Input: 1000, CacheRead: 500, Output: 100}, "0.00084"},
		{"anthropic", "claude-3-5-sonnet-20240620", Usage{Input: 1000, CacheRead: 600, CacheCreation: 300, Output: 100}, "0.003105"},
		{"anthropic", "claude-3-5-sonnet-latest", Usage{Input: M, CacheCreation: M}, "3.75"},
		{"anthropic", "claude-3-opus-20240229", Usage{Input: 100, Output: 100}, "0.009"},
		{"anthropic", "claude-sonnet-4-5-20250929", Usage{Input: 200_000, Output: 1000}, "0.615"},
		{"anthropic", "claude-sonnet-4-5-20250929", Usage{Input: 200_001, Output: 1000}, "1.222506"},
		{"anthropic", "claude-haiku-4-5-20251001", Usage{Input: 1000, CacheRead: 1000, Output: 1}, "0.000105"},
		{"anthropic", "claude-opus-4-5", Usage{Input: 1000, Output: 1000}, "0.03"},
		{"gcp.gemini", "gemini-1.5-flash", Usage{Input: 128_000, Output: 1000}, "0.0099"},
		{"gcp.gemini", "gemini-1.5-flash-002", Usage{Input: 129_000, Output: 1000}, "0.01995"},
		{"gcp.gemini", "gemini-1.5-flash-8b-001", Usage{Input: M / 10, Output: M / 10}, "0.01875"},
		{"gcp.gemini", "gemini-1.5-pro-002", Usage{Input: 200_000, CacheRead: 100_000, Output: 100}, "0.3135"},
		{"gcp.gemini", "gemini-2.0-flash", Usage{Input: 8, CacheRead: 4}, "0.0000005"},
		{"gcp.gemini", "gemini-2.5-pro", Usage{Input: 1000, Output: 1000, Reasoning: 900}, "0.01125"},
		{"mistral_ai", "open-mistral-7b", Usage{Input: 4, Output: 4}, "0.000002"},
		{"mistral_ai", "mistral-large-2411", Usage{Input: 1000, Output: 1000}, "0.008"},
		{"cohere", "command-r-plus-08-2024", Usage{Input: 1000, Output: 1000}, "0.0125"},
		{"cohere", "command-r7b-12-2024", Usage{Input: 1, Output: 1}, "0.0000001875"},
		{"deepseek", "deepseek-chat", Usage{Input: 1000, CacheRead: 900, Output: 100}, "0.0000952"},
		{"groq", "llama-3.3-70b-versatile", Usage{Input: 1000, Output: 1000}, "0.00138"},
		{"groq", "llama-3.1-8b-instant", Usage{Input: 1, Output: 1}, "0.00000013"},
		{"azure.ai.openai", "gpt-4o-2024-08-06", Usage{Input: 1200, Output: 300, CacheRead: 1000}, "0.00475"},
		{"azure.ai.openai", "gpt-4o-mini-2024-07-18", Usage{Input: 1000, Output: 1000}, "0.00075"},
		{"azure.ai.openai", "gpt-35-turbo-0125", Usage{Input: 1000, Output: 500}, "0.00125"},
		{"azure.ai.openai", "text-embedding-ada-002", Usage{Input: M}, "0.1"},
		{"aws.bedrock", "us.amazon.nova-micro-v1:0", Usage{Input: 1000, Output: 1000}, "0.000175"},
		{"aws.bedrock", "anthropic.claude-3-haiku-20240307-v1:0", Usage{Input: M, Output: M}, "1.5"},
		{"aws.bedrock", "us.anthropic.claude-3-5-sonnet-20241022-v2:0", Usage{Input: 1000, CacheRead: 600, CacheCreation: 300, Output: 100}, "0.003105"},
		{"aws.bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", Usage{Input: 1000, Output: 1000}, "0.0198"},
		{"aws.bedrock", "global.anthropic.claude-sonnet-4-5-20250929-v1:0", Usage{Input: 200_001, Output: 1000}, "1.222506"},
		{"aws.bedrock", "meta.llama3-70b-instruct-v1:0", Usage{Input: 1000, Output: 1000}, "0.00615"},
		{"aws.bedrock", "cohere.command-text-v14", Usage{Input: 1000, Output: 1000}, "0.0035"},
		{"aws.bedrock", "amazon.titan-embed-text-v2:0", Usage{Input: M}, "0.02"},
	}
	for _, tt := range tests {
		c, ok := DefaultPrices().Amount(tt.provider, tt.model, tt.usage)
		assert.True(t, ok, "%s %s has no price", tt.provider, tt.model)
		assert.Equal(t, tt.want, c.String(), "%s %s %+v", tt.provider, tt.model, tt.usage)
	}
}

func TestDefaultPricesGuessNothing(t *testing.T) {
	for _, m := range [][2]string{
		{"openai", "gpt-6"},
		{"openai", "gpt-4o-audio-preview"},
		{"openai", "gpt-4o-mini-tts"},
		{"openai", "ft:gpt-4o-2024-08-06:org::id"},
		{"openai", ""},
		{"azure.ai.openai", "gpt-4o"}, // a deployment
		{"azure.ai.openai", "gpt-4o-audio-preview-2024-12-17"},
		{"aws.bedrock", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"},
		{"aws.bedrock", "amazon.titan-text-express-v1"},
		{"aws.bedrock", "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/x"},
		{"openrouter", "openai/gpt-4o"},
		{"mistral_ai", "mistral-large-latest"},
		{"ollama", "llama3"},
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
	assert.Contains(t, string(defaultPrices), "as of "+DefaultPricesDate)
}
