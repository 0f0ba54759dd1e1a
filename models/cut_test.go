// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/anthropic"
	"github.com/tmc/langchaingo/llms/ollama"
	"github.com/tmc/langchaingo/llms/openai"

	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/models"
)

// streamingClients are clients with the first events of what their servers stream.
var streamingClients = []struct {
	name, contentType, firstEvents string
	at                             func(url string, client *http.Client) (llms.Model, error)
}{
	{
		"openai", "text/event-stream", `data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"h"}}]}` + "\n\n",
		func(url string, client *http.Client) (llms.Model, error) {
			return openai.New(openai.WithToken("key"), openai.WithModel("m"), openai.WithBaseURL(url), openai.WithHTTPClient(client))
		},
	},
	{
		"ollama", "application/x-ndjson", `{"model":"m","message":{"role":"assistant","content":"h"},"done":false}` + "\n",
		func(url string, client *http.Client) (llms.Model, error) {
			return ollama.New(ollama.WithServerURL(url), ollama.WithModel("m"), ollama.WithHTTPClient(client))
		},
	},
	{
		"anthropic", "text/event-stream", `data: {"type":"message_start","message":{"id":"i","model":"m","role":"assistant","usage":{"input_tokens":9,"output_tokens":1}}}

data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"h"}}

`,
		func(url string, client *http.Client) (llms.Model, error) {
			return anthropic.New(anthropic.WithToken("key"), anthropic.WithModel("m"), anthropic.WithBaseURL(url), anthropic.WithHTTPClient(client))
		},
	},
}

// A stream that its context cut off is that error, with every client: OpenAI's and
// Ollama's call it a success. What Anthropic counts at the start is no count.
func TestStreamCutByItsContext(t *testing.T) {
	for _, c := range streamingClients {
		for name, transport := range map[string]http.RoundTripper{"plain": http.DefaultTransport, "ours": models.NewTransport(nil)} {
			for _, want := range []string{"canceled", "timeout"} {
				t.Run(c.name+" "+name+" "+want, func(t *testing.T) {
					server := serve(t, func(w http.ResponseWriter, r *http.Request) {
						w.Header().Set("Content-Type", c.contentType)
						_, _ = io.WriteString(w, c.firstEvents)
						w.(http.Flusher).Flush()
						<-r.Context().Done()
					})
					k := oteltest.New(t)
					client, err := c.at(server.URL, &http.Client{Transport: transport})
					require.NoError(t, err)
					ctx, cancel := context.WithCancel(t.Context())
					if want == "timeout" {
						ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
					}
					defer cancel()
					_, _ = models.Wrap(client, k.Handler).GenerateContent(ctx, prompt, llms.WithStreamingFunc(func(context.Context, []byte) error {
						if want == "canceled" {
							cancel()
						}
						return nil
					}))
					span := k.Span(t, "chat m")
					assert.Equal(t, want, oteltest.Value(span, semconv.ErrorType))
					if name == "ours" {
						assert.Equal(t, "true", oteltest.Value(span, semconv.Incomplete))
					}
					assert.Empty(t, oteltest.Value(span, semconv.UsageOutputTokens))
				})
			}
		}
	}
}

// Anthropic's client passes on nothing of an answer that is nothing but tool calls. Its
// time to the first chunk is that of the first event, and that of the text where text comes.
func TestTimeToFirstChunkOfToolCalls(t *testing.T) {
	const begin = `data: {"type":"message_start","message":{"id":"i","model":"m","role":"assistant","usage":{"input_tokens":9}}}`
	const end = `data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}` + "\n\n" + `data: {"type":"message_stop"}`
	for want, events := range map[string][]string{
		"0.04": {
			begin, `data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}`,
			`data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}}`, end,
		},
		"0.12": {
			begin, `data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`,
			`data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"h"}}`, end,
		},
	} {
		t.Run(want, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := oteltest.New(t)
				client, err := anthropic.New(anthropic.WithToken("key"), anthropic.WithModel("m"), anthropic.WithHTTPClient(&http.Client{
					Transport: models.NewTransport(roundTripper(func(*http.Request) (*http.Response, error) {
						body, w := io.Pipe()
						go func() {
							for _, event := range events {
								time.Sleep(40 * time.Millisecond) // of fake time
								_, _ = io.WriteString(w, event+"\n\n")
							}
							_ = w.Close()
						}()
						return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: body}, nil
					})),
				}))
				require.NoError(t, err)
				_, _ = models.Wrap(client, k.Handler).GenerateContent(t.Context(), prompt, llms.WithStreamingFunc(func(context.Context, []byte) error { return nil }))
				assert.Equal(t, want, oteltest.Value(k.Span(t, "chat m"), semconv.TimeToFirstChunk))
				_, measured := k.Metrics(t)["gen_ai.client.operation.time_to_first_chunk"]
				assert.True(t, measured)
			})
		})
	}
}

func TestErrorIsNoFirstChunk(t *testing.T) {
	k := oteltest.New(t)
	res, span := exchange(t, k, http.Header{"Content-Type": {"text/event-stream"}}, strings.NewReader(`data: {"error":{"code":429}}`+"\n\n"))
	_, err := io.Copy(io.Discard, res.Body)
	require.NoError(t, err)
	span.End(nil)
	assert.Empty(t, oteltest.Value(k.Span(t, "chat m"), semconv.TimeToFirstChunk))
}
