// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/privacy"
)

const (
	chatURL  = "https://api.openai.com/v1/chat/completions"
	chatBody = `{"messages":[{"role":"user","content":"the secret question"}],"temperature":0,"stop":["halt"],"model":"gpt-4o-mini"}`
	chatJSON = `{"id":"c1","model":"gpt-4o-mini-2024","choices":[{"message":{"content":"the secret answer"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}`
)

// client answers every request with body, and keeps the bodies it was sent.
type client struct {
	sent    []string
	headers []http.Header
	body    io.Reader
	status  int
	err     error
}

func (c *client) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		b, _ := io.ReadAll(r.Body)
		c.sent = append(c.sent, string(b))
	}
	c.headers = append(c.headers, r.Header)
	if c.err != nil {
		return nil, c.err
	}
	return &http.Response{
		StatusCode: max(c.status, 200), Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(c.body), Request: r,
	}, nil
}

func post(t *testing.T, ctx context.Context, rt http.RoundTripper, url, body string) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	res, err := rt.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer func() { require.NoError(t, res.Body.Close()) }()
	b, err := io.ReadAll(res.Body)
	return string(b), err
}

// Ollama's chats and Gemini's streamed calls are streams although the body does not say so.
func TestSpansRequestStream(t *testing.T) {
	for _, c := range []struct{ url, body, want string }{
		{"http://localhost:11434/api/chat", `{"model":"m","messages":[{"role":"user","content":"q"}]}`, "true"},
		{"http://localhost:11434/api/chat", `{"model":"m","messages":[{"role":"user","content":"q"}],"stream":true}`, "true"},
		{"http://localhost:11434/api/chat", `{"model":"m","messages":[{"role":"user","content":"q"}],"stream":false}`, ""},
		{"http://localhost:11434/api/generate", `{"model":"m","prompt":"q"}`, "true"},
		{"https://g/v1beta/models/m:streamGenerateContent", `{"contents":[{"parts":[{"text":"q"}]}]}`, "true"},
		{"https://g/v1beta/models/m:generateContent", `{"contents":[{"parts":[{"text":"q"}]}]}`, ""},
		{chatURL, chatBody, ""},
	} {
		k := oteltest.New(t)
		_, err := post(t, t.Context(), models.NewTransport(&client{body: strings.NewReader(`{}`)}, models.WithSpans(k.Handler)), c.url, c.body)
		require.NoError(t, err)
		require.Len(t, k.Spans.Spans(), 1)
		assert.Equal(t, c.want, oteltest.Value(k.Spans.Spans()[0], semconv.RequestStream), "%s %s", c.url, c.body)
	}
}

func TestSpansAttributes(t *testing.T) {
	k := oteltest.New(t)
	c := &client{body: strings.NewReader(chatJSON)}
	got, err := post(t, t.Context(), models.NewTransport(c, models.WithSpans(k.Handler), models.WithTraceContext("*.corp")), chatURL, chatBody)
	require.NoError(t, err)
	assert.Equal(t, chatJSON, got) //nolint:testifylint // byte by byte
	assert.Equal(t, []string{chatBody}, c.sent)
	assert.Empty(t, c.headers[0], "no provider learns the trace's ids")
	span := k.Spans.Spans()[0]
	assert.Equal(t, "chat gpt-4o-mini", span.Name())
	assert.Contains(t, span.Attributes(), semconv.RequestTemperature.Float64(0))
	assert.Contains(t, span.Attributes(), semconv.ServerAddress.String("api.openai.com"))
	for _, kv := range span.Attributes() {
		assert.NotContains(t, kv.Value.String(), "secret")
		assert.NotContains(t, kv.Value.String(), "halt")
	}
}

func TestSpansContentPasses(t *testing.T) {
	k := oteltest.New(t, callbacks.WithContent(privacy.Verbatim))
	_, err := post(t, t.Context(), models.NewTransport(&client{body: strings.NewReader(chatJSON)}, models.WithSpans(k.Handler)), chatURL, chatBody)
	require.NoError(t, err)
	all := k.Spans.Spans()[0].Attributes()
	assert.Contains(t, all, semconv.InputMessages.String(`[{"role":"user","parts":[{"type":"text","content":"the secret question"}]}]`))
	assert.Contains(t, all, semconv.OutputMessages.String(`[{"role":"assistant","parts":[{"type":"text","content":"the secret answer"}],"finish_reason":"stop"}]`))
	assert.Contains(t, all, semconv.RequestStopSequences.StringSlice([]string{"halt"}))
}

// What is no model call passes untouched: the very request, and no span.
func TestSpansLeaveOthersAlone(t *testing.T) {
	k := oteltest.New(t)
	for _, r := range []struct{ method, url, body string }{
		{http.MethodGet, chatURL, ""},
		{http.MethodPost, "https://api.openai.com/v1/files", chatBody},
		{http.MethodPost, "https://api.openai.com/v1/threads/t1/messages", chatBody},
		{http.MethodPost, "https://api.anthropic.com/v1/messages/count_tokens", chatBody},
		{http.MethodPost, "https://example.com/responses", `{"model":"survey"}`},
		{http.MethodPost, chatURL, `not JSON`},
		{http.MethodPost, chatURL, `{"messages":[{"role":"user","content":"no model"}]}`},
	} {
		var got *http.Request
		base := roundTripperFunc(func(req *http.Request) (*http.Response, error) {
			got = req
			return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
		})
		req, err := http.NewRequestWithContext(t.Context(), r.method, r.url, strings.NewReader(r.body))
		require.NoError(t, err)
		_, err = models.NewTransport(base, models.WithSpans(k.Handler)).RoundTrip(req)
		require.NoError(t, err)
		assert.Same(t, req, got, r.url)
	}
	assert.Empty(t, k.Spans.Spans())
}

type roundTripperFunc func(*http.Request) (*http.Response, error)

func (f roundTripperFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A body that cannot be copied is sent on byte by byte, also what fails in it.
func TestSpansOfBodiesWithoutCopy(t *testing.T) {
	k := oteltest.New(t)
	c := &client{body: strings.NewReader(chatJSON)}
	long := chatBody[:len(chatBody)-1] + `,"user":"` + strings.Repeat("x", 3<<20) + `"}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, chatURL, io.MultiReader(strings.NewReader(long)))
	require.NoError(t, err)
	res, err := models.NewTransport(c, models.WithSpans(k.Handler)).RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.True(t, c.sent[0] == long) //nolint:testifylint // megabytes are not to be printed
	assert.Equal(t, "chat gpt-4o-mini", k.Spans.Spans()[0].Name())
}

// The model stands behind an image of many megabytes, of which little is kept.
func TestSpansOfLargeImages(t *testing.T) {
	k := oteltest.New(t, callbacks.WithContent(privacy.Verbatim))
	body := `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,` + strings.Repeat("AAAA", 2<<20) + `"}},{"type":"text","text":"what?"}]}],"model":"gpt-4o-mini"}`
	c := &client{body: strings.NewReader(chatJSON)}
	_, err := post(t, t.Context(), models.NewTransport(c, models.WithSpans(k.Handler)), chatURL, body)
	require.NoError(t, err)
	assert.True(t, c.sent[0] == body) //nolint:testifylint // megabytes are not to be printed
	assert.Equal(t, "chat gpt-4o-mini", k.Spans.Spans()[0].Name())
	assert.Contains(t, k.Spans.Spans()[0].Attributes(), semconv.InputMessages.String(
		`[{"role":"user","parts":[{"type":"text","content":"[image]"},{"type":"text","content":"what?"}]}]`))
}

// Inside a span of Wrap, of Handler.Start or of an event the request is part of that one.
func TestSpansInsideAModelSpan(t *testing.T) {
	k := oteltest.New(t)
	rt := models.NewTransport(&client{body: strings.NewReader(chatJSON), status: 503}, models.WithSpans(k.Handler))
	ctx, span := k.Handler.Start(t.Context(), callbacks.KindChat, "gpt-4o-mini")
	for range 3 { // an SDK's own retries
		_, err := post(t, ctx, rt, chatURL, chatBody)
		require.NoError(t, err)
	}
	span.End(nil)
	require.Len(t, k.Spans.Spans(), 1)
	assert.Contains(t, k.Spans.Spans()[0].Attributes(), semconv.HTTPAttempts.Int(3))

	k = oteltest.New(t)
	rt = models.NewTransport(&client{body: strings.NewReader(chatJSON)}, models.WithSpans(k.Handler))
	k.Handler.HandleLLMGenerateContentStart(t.Context(), nil)
	_, err := post(t, t.Context(), rt, chatURL, chatBody)
	require.NoError(t, err)
	k.Handler.HandleLLMGenerateContentEnd(t.Context(), &llms.ContentResponse{})
	require.Len(t, k.Spans.Spans(), 1)
	assert.Contains(t, k.Spans.Spans()[0].Attributes(), semconv.RequestModel.String("gpt-4o-mini"))
}

func TestSpansOfFailures(t *testing.T) {
	for _, c := range []struct {
		name      string
		client    client
		errorType string
	}{
		{"no response", client{err: context.DeadlineExceeded}, "timeout"},
		{"status", client{status: 429, body: strings.NewReader(`{"error":{"code":"rate_limit_exceeded","message":"the secret"}}`)}, "429"},
		{"body fails", client{body: io.MultiReader(strings.NewReader(`{"id":"c1",`), failingBody{})}, "connection_reset"},
	} {
		k := oteltest.New(t)
		_, _ = post(t, t.Context(), models.NewTransport(&c.client, models.WithSpans(k.Handler)), chatURL, chatBody)
		require.Len(t, k.Spans.Spans(), 1, c.name)
		span := k.Spans.Spans()[0]
		assert.Contains(t, span.Attributes(), semconv.ErrorType.String(c.errorType), c.name)
		assert.NotContains(t, span.Status().Description, "secret")
	}

	k := oteltest.New(t)
	panics := roundTripperFunc(func(*http.Request) (*http.Response, error) { panic("base") })
	assert.Panics(t, func() {
		_, _ = post(t, t.Context(), models.NewTransport(panics, models.WithSpans(k.Handler)), chatURL, chatBody)
	})
	assert.Contains(t, k.Spans.Spans()[0].Attributes(), semconv.ErrorType.String("panic"))
}

type failingBody struct{}

func (failingBody) Read([]byte) (int, error) { return 0, resetError{} }

type resetError struct{}

func (resetError) Error() string     { return "reset" }
func (resetError) ErrorType() string { return "connection_reset" }

// Without a handler, and in a suppressed context, nothing is read and nothing recorded.
func TestSpansSwitchedOff(t *testing.T) {
	k := oteltest.New(t)
	for _, rt := range []http.RoundTripper{
		models.NewTransport(&client{body: strings.NewReader(chatJSON)}, models.WithSpans(nil)),
		models.NewTransport(&client{body: strings.NewReader(chatJSON)}, models.WithSpans(k.Handler)),
	} {
		_, err := post(t, callbacks.ContextWithSuppression(t.Context()), rt, chatURL, chatBody)
		require.NoError(t, err)
	}
	assert.Empty(t, k.Spans.Spans())
}

// A span of another kind around the request is the parent.
func TestSpansBelowATool(t *testing.T) {
	k := oteltest.New(t)
	ctx, tool := k.Handler.Start(t.Context(), callbacks.KindTool, "lookup")
	_, err := post(t, ctx, models.NewTransport(&client{body: strings.NewReader(`{"data":[{"embedding":[1]}],"usage":{"prompt_tokens":2}}`)}, models.WithSpans(k.Handler)),
		"https://x.openai.azure.com/openai/deployments/mine/embeddings?api-version=1", `{"input":["a","b"]}`)
	require.NoError(t, err)
	tool.End(nil)
	spans := k.Spans.Spans()
	require.Len(t, spans, 2)
	embed, parent := spans[0], spans[1]
	if embed.Name() != "embeddings mine" {
		embed, parent = parent, embed
	}
	assert.Equal(t, "embeddings mine", embed.Name())
	assert.Equal(t, parent.SpanContext().SpanID(), embed.Parent().SpanID())
	assert.Contains(t, embed.Attributes(), attribute.Int("spanloom.embeddings.batch_size", 2))
	assert.Contains(t, embed.Attributes(), semconv.ProviderName.String("azure.ai.openai"))
}
