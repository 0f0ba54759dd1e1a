// SPDX-License-Identifier: Apache-2.0

package providers

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEndpointOf(t *testing.T) {
	for raw, want := range map[string]Endpoint{
		"https://api.openai.com/v1/chat/completions":                                                             {Provider: "openai"},
		"https://api.openai.com/v1/responses":                                                                    {Provider: "openai"},
		"https://api.openai.com/v1/responses/resp_1":                                                             {},
		"https://api.openai.com/v1/embeddings":                                                                   {Provider: "openai", Embeds: true},
		"https://api.groq.com/openai/v1/chat/completions":                                                        {Provider: "groq"},
		"https://openrouter.ai/api/v1/chat/completions":                                                          {Provider: "openrouter"},
		"https://api.deepseek.com/chat/completions":                                                              {Provider: "deepseek"},
		"https://api.mistral.ai/v1/chat/completions":                                                             {Provider: "mistral_ai"},
		"http://vllm.internal:8000/v1/chat/completions":                                                          {Provider: "openai"},
		"https://me.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2024-10-21":            {Provider: "azure.ai.openai", Model: "mine"},
		"https://api.anthropic.com/v1/messages":                                                                  {Provider: "anthropic"},
		"https://api.anthropic.com/v1/messages/batches":                                                          {},
		"https://api.openai.com/v1/threads/thread_1/messages":                                                    {},
		"http://127.0.0.1:11434/api/chat":                                                                        {Provider: "ollama", Streams: true},
		"http://127.0.0.1:11434/api/embed":                                                                       {Provider: "ollama", Embeds: true},
		"http://127.0.0.1:11434/api/tags":                                                                        {},
		"https://api.cohere.com/v2/chat":                                                                         {Provider: "cohere"},
		"https://api.cohere.com/v2/embed":                                                                        {Provider: "cohere", Embeds: true},
		"https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse": {Provider: "gcp.gemini", Model: "gemini-2.5-flash", Streams: true},
		"https://europe-west1-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-flash:generateContent": {Provider: "gcp.vertex_ai", Model: "gemini-2.5-flash"},
	} {
		u, err := url.Parse(raw)
		require.NoError(t, err)
		got, ok := EndpointOf(u)
		got.Suffix = ""
		assert.Equal(t, want, got, raw)
		assert.Equal(t, want.Provider != "", ok, raw)
	}
}
