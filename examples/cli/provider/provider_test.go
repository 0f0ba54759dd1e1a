// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
)

// gemini answers as the OpenAI-compatible address does.
type gemini struct{ asked []string }

func (g *gemini) RoundTrip(r *http.Request) (*http.Response, error) {
	g.asked = append(g.asked, r.URL.String()+" "+r.Header.Get("Authorization"))
	body := `{"object":"chat.completion","model":"gemini-2.0-flash","choices":[{"index":0,"finish_reason":"stop",
		"message":{"role":"assistant","content":"hello"}}],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}}`
	if strings.HasSuffix(r.URL.Path, "/embeddings") {
		body = `{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"model":"gemini-embedding-001"}`
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func TestGeminiByItsOpenAICompatibleAddress(t *testing.T) {
	k := oteltest.New(t)
	server := &gemini{}
	getenv := func(name string) string { return map[string]string{"GOOGLE_API_KEY": "k"}[name] }
	set, err := New(Config{Name: "googleai", Getenv: getenv, Transport: server}, k.Handler)
	require.NoError(t, err)
	answer, err := llms.GenerateFromSinglePrompt(t.Context(), set.LLM, "hi")
	require.NoError(t, err)
	assert.Equal(t, "hello", answer)
	vector, err := set.Embedder.EmbedQuery(t.Context(), "hi")
	require.NoError(t, err)
	assert.Equal(t, []float32{0.5}, vector)

	const address = "https://generativelanguage.googleapis.com/v1beta/openai"
	assert.Equal(t, []string{address + "/chat/completions Bearer k", address + "/embeddings Bearer k"}, server.asked)
	for _, name := range []string{"chat gemini-2.0-flash", "embeddings gemini-embedding-001"} {
		assert.Equal(t, "gcp.gemini", oteltest.Value(k.Span(t, name), semconv.ProviderName))
		assert.Equal(t, "generativelanguage.googleapis.com", oteltest.Value(k.Span(t, name), semconv.ServerAddress))
	}
	assert.Equal(t, "2", oteltest.Value(k.Span(t, "chat gemini-2.0-flash"), semconv.UsageInputTokens))
}
