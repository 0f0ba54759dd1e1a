// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"context"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/embeddings/jina"
	"github.com/tmc/langchaingo/embeddings/voyageai"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/anthropic"
	"github.com/tmc/langchaingo/llms/cloudflare"
	"github.com/tmc/langchaingo/llms/fake"
	"github.com/tmc/langchaingo/llms/huggingface"
	"github.com/tmc/langchaingo/llms/llamafile"
	"github.com/tmc/langchaingo/llms/maritaca"
	"github.com/tmc/langchaingo/llms/mistral"
	"github.com/tmc/langchaingo/llms/ollama"
	"github.com/tmc/langchaingo/llms/openai"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/internal/providers"
)

type userModel struct{ llms.Model }

type userStore struct {
	vectorstores.VectorStore
}

func must[T any](v T, err error) func(*testing.T) any {
	return func(t *testing.T) any {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}

func openAI(opts ...openai.Option) func(*testing.T) any {
	return must(openai.New(append([]openai.Option{openai.WithToken("t"), openai.WithModel("gpt-4o")}, opts...)...))
}

func target(provider, model, address string, port int, option providers.ModelOption) Target {
	return Target{Provider: provider, Model: model, ServerAddress: address, ServerPort: port, ModelOption: option}
}

func TestModelTarget(t *testing.T) {
	t.Setenv("OLLAMA_HOST", "") // read when the client is made, below
	t.Setenv("LLAMAFILE_HOST", "")
	tests := []struct {
		name, reason string
		model        func(*testing.T) any
		want         Target
	}{
		{"openai", "the default URL is the client's own", openAI(), target("openai", "gpt-4o", "api.openai.com", 443, 0)},
		{"groq", "the same client at another address", openAI(openai.WithBaseURL("https://api.groq.com/openai/v1")), target("groq", "gpt-4o", "api.groq.com", 443, 0)},
		{"deepseek", "", openAI(openai.WithBaseURL("https://api.deepseek.com/")), target("deepseek", "gpt-4o", "api.deepseek.com", 443, 0)},
		{"a server of one's own", "what speaks OpenAI's protocol and is nobody's is called openai", openAI(openai.WithBaseURL("http://127.0.0.1:8000/v1")), target("openai", "gpt-4o", "127.0.0.1", 8000, 0)},
		{"azure", "by its host", openAI(openai.WithBaseURL("https://x.openai.azure.com")), target("azure.ai.openai", "gpt-4o", "x.openai.azure.com", 443, 0)},
		{"azure behind a gateway", "by the type of the API", openAI(openai.WithBaseURL("http://gateway"), openai.WithAPIType(openai.APITypeAzureAD), openai.WithEmbeddingModel("e")), target("azure.ai.openai", "gpt-4o", "gateway", 80, 0)},
		{"anthropic", "", must(anthropic.New(anthropic.WithToken("t"), anthropic.WithModel("claude"))), target("anthropic", "claude", "api.anthropic.com", 443, 0)},
		{"anthropic without model", "what its client sends then is a constant of the client's", must(anthropic.New(anthropic.WithToken("t"))), target("anthropic", "claude-3-5-sonnet-20240620", "api.anthropic.com", 443, 0)},
		{"ollama", "the address is a *url.URL in an unexported field", must(ollama.New(ollama.WithModel("llama3"), ollama.WithServerURL("http://127.0.0.1:11434"))), target("ollama", "llama3", "127.0.0.1", 11434, 0)},
		{"ollama, IPv6", "", must(ollama.New(ollama.WithModel("llama3"), ollama.WithServerURL("http://[::1]:11434"))), target("ollama", "llama3", "::1", 11434, 0)},
		{"huggingface", "", must(huggingface.New(huggingface.WithToken("t"), huggingface.WithModel("m"))), target("huggingface", "m", "api-inference.huggingface.co", 443, providers.ModelOptionIgnored)},
		{"cloudflare", "", must(cloudflare.New(cloudflare.WithModel("m"), cloudflare.WithServerURL("http://models.internal"))), target("cloudflare", "m", "models.internal", 80, providers.ModelOptionIgnored)},
		{"cloudflare without URL", "an empty URL is no address", must(cloudflare.New(cloudflare.WithModel("m"))), target("cloudflare", "m", "", 0, providers.ModelOptionIgnored)},
		{"maritaca", "", must(maritaca.New(maritaca.WithModel("m"))), target("maritaca", "m", "chat.maritaca.ai", 443, 0)},
		{"llamafile", "it has no model", must(llamafile.New()), target("llamafile", "", "127.0.0.1", 8080, 0)},
		{"fake", "", must(fake.NewFakeLLM([]string{"x"}), nil), Target{Provider: "fake"}},
		{"nil pointer", "a typed nil still names its package", must((*openai.LLM)(nil), nil), Target{Provider: "openai"}},
		{"user's type", "", must(userModel{}, nil), Target{Provider: Unknown}},
		{"pointer to a user's type", "", must(&userModel{}, nil), Target{Provider: Unknown}},
		{"nothing", "", must[any](nil, nil), Target{Provider: Unknown}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ModelTarget(tt.model(t))
			got.truncation = 0
			assert.Equal(t, tt.want, got, "reason: %s", tt.reason)
		})
	}
}

func TestEmbedderTarget(t *testing.T) {
	embedder := func(client func(*testing.T) any) func(*testing.T) any {
		return func(t *testing.T) any {
			t.Helper()
			e, err := embeddings.NewEmbedder(client(t).(embeddings.EmbedderClient))
			require.NoError(t, err)
			return e
		}
	}
	function := embeddings.EmbedderClientFunc(func(context.Context, []string) ([][]float32, error) { return nil, nil })
	tests := []struct {
		name, reason string
		embedder     func(*testing.T) any
		want         Target
	}{
		{"openai", "not the chat model", embedder(openAI(openai.WithEmbeddingModel("text-embedding-3-small"))), target("openai", "text-embedding-3-small", "api.openai.com", 443, 0)},
		{"openai's client itself", "", openAI(openai.WithEmbeddingModel("e")), target("openai", "e", "api.openai.com", 443, 0)},
		{"openai without model", "what its client sends then is a constant of the client's", embedder(openAI()), target("openai", "text-embedding-ada-002", "api.openai.com", 443, 0)},
		{"a server that speaks OpenAI's protocol", "the client sends the same", embedder(openAI(openai.WithBaseURL("http://127.0.0.1:8000/v1"))), target("openai", "text-embedding-ada-002", "127.0.0.1", 8000, 0)},
		{"azure", "a deployment may be of any model", embedder(openAI(openai.WithBaseURL("https://x.openai.azure.com"))), target("azure.ai.openai", "", "x.openai.azure.com", 443, 0)},
		{"nil pointer", "it says nothing of a model", must((*openai.LLM)(nil), nil), Target{Provider: "openai"}},
		{"mistral", "its client sends one model, whatever the chat's is", must(mistral.New(mistral.WithAPIKey("k"), mistral.WithModel("open-mistral-7b"))), target("mistral_ai", "mistral-embed", "api.mistral.ai", 443, 0)},
		{"ollama", "it has one model for both", embedder(must(ollama.New(ollama.WithModel("nomic"), ollama.WithServerURL("http://127.0.0.1:1")))), target("ollama", "nomic", "127.0.0.1", 1, 0)},
		{"jina", "", must(jina.NewJina(jina.WithAPIKey("k"), jina.WithAPIBaseURL("https://jina.example/v1"), jina.WithModel("m"))), target("jina", "m", "jina.example", 443, 0)},
		{"voyageai", "", must(voyageai.NewVoyageAI(voyageai.WithToken("t"), voyageai.WithModel("voyage-2"))), target("voyageai", "voyage-2", "api.voyageai.com", 443, 0)},
		{"function", "langchaingo's adapter of a user's function", embedder(must(function, nil)), Target{Provider: Unknown}},
		{"empty", "", must(&embeddings.EmbedderImpl{}, nil), Target{Provider: Unknown}},
		{"nothing", "", must[any](nil, nil), Target{Provider: Unknown}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, EmbedderTarget(tt.embedder(t)), "reason: %s", tt.reason)
		})
	}
}

func TestFuncTarget(t *testing.T) {
	tests := []struct{ function, want, reason string }{
		{"github.com/tmc/langchaingo/llms/openai.(*LLM).GenerateContent", "openai", ""},
		{"github.com/tmc/langchaingo/llms/googleai/vertex.(*Vertex).GenerateContent", "gcp.vertex_ai", "the last two folders decide"},
		{"github.com/tmc/langchaingo/llms/anthropic.generateMessagesContent", "anthropic", "a plain function"},
		{"github.com/tmc/langchaingo/chains.Call", Unknown, ""},
		{"example.com/llms/openai.New", Unknown, "another module's package of the same name"},
		{"main.main", Unknown, ""},
		{"github.com/tmc/langchaingo/llms/openai", Unknown, "no function"},
		{"", Unknown, ""},
	}
	for _, tt := range tests {
		assert.Equal(t, Target{Provider: tt.want}, FuncTarget(tt.function), "%s, reason: %s", tt.function, tt.reason)
	}
}

type generic[T any] struct{ _ T }

func TestTypeName(t *testing.T) {
	p := &userStore{}
	assert.Equal(t, "userStore", TypeName(&p), "through pointers")
	assert.Equal(t, "generic", TypeName(generic[int]{}), "the type arguments would be a long path")
	assert.Empty(t, TypeName(nil))
	assert.Empty(t, TypeName(func() {}))
}

func TestCallIsGenerate(t *testing.T) {
	assert.True(t, CallIsGenerate(openAI()(t)))
	assert.False(t, CallIsGenerate(&userModel{}), "nobody knows what a user's Call does")
	assert.False(t, CallIsGenerate(fake.NewFakeLLM(nil)), "a test that counts calls would count others")
	assert.False(t, CallIsGenerate(nil))
}

func TestPortOf(t *testing.T) {
	for raw, want := range map[string]int{"http://h": 80, "https://h": 443, "http://h:8080/v1": 8080, "https://[::1]:1": 1} {
		u, err := url.Parse(raw)
		require.NoError(t, err)
		assert.Equal(t, want, PortOf(u), raw)
	}
}
