// SPDX-License-Identifier: Apache-2.0

package sdks_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	ollama "github.com/ollama/ollama/api"
	"google.golang.org/genai"
)

const claude, gemini, llama = "claude-sonnet-4-5-20250929", "gemini-2.5-flash", "llama3.2"

func newAnthropic(url string, hc *http.Client) anthropic.Client {
	return anthropic.NewClient(anthropicoption.WithBaseURL(url), anthropicoption.WithAPIKey("k"), anthropicoption.WithHTTPClient(hc), anthropicoption.WithMaxRetries(0))
}

var anthropicParams = anthropic.MessageNewParams{
	Model: claude, MaxTokens: 100, Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(question))},
}

func anthropicChat(ctx context.Context, url string, hc *http.Client) (string, error) {
	client := newAnthropic(url, hc)
	res, err := client.Messages.New(ctx, anthropicParams)
	if err != nil {
		return "", err
	}
	return res.RawJSON(), nil
}

func anthropicTools(ctx context.Context, url string, hc *http.Client) (string, error) {
	client := newAnthropic(url, hc)
	params := anthropicParams
	params.Tools = []anthropic.ToolUnionParam{{OfTool: &anthropic.ToolParam{Name: "lookup"}}}
	res, err := client.Messages.New(ctx, params)
	if err != nil {
		return "", err
	}
	return res.RawJSON(), nil
}

func anthropicStream(ctx context.Context, url string, hc *http.Client) (text string, err error) {
	client := newAnthropic(url, hc)
	stream := client.Messages.NewStreaming(ctx, anthropicParams)
	for stream.Next() {
		event := stream.Current()
		text += event.RawJSON()
	}
	return text, stream.Err()
}

func anthropicFacts() facts {
	f := chatFacts()
	f.span, f.model, f.id, f.answeredBy = "chat "+claude, claude, "msg_1", claude
	return f
}

var messageStream = events(true,
	`{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[],"stop_reason":null,"usage":{"input_tokens":12,"output_tokens":1}}}`,
	`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`,
	`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Two "}}`,
	`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"years."}}`,
	`{"type":"content_block_stop","index":0}`,
	`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}}`,
	`{"type":"message_stop"}`)

var anthropicGo = sdk{name: "anthropic-sdk-go", provider: "anthropic", cells: []cell{
	{name: "plain", call: anthropicChat, want: anthropicFacts(), reply: reply{body: `{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[{"type":"text","text":"Two years."}],"stop_reason":"end_turn","usage":{"input_tokens":12,"output_tokens":3}}`}},
	{name: "stream", call: anthropicStream, want: anthropicFacts().streamed(), reply: messageStream},
	{name: "tools", call: anthropicTools, want: anthropicFacts().calledTools(), reply: reply{body: `{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[{"type":"tool_use","id":"tu_1","name":"lookup","input":{"q":"warranty"}}],"stop_reason":"tool_use","usage":{"input_tokens":12,"output_tokens":3}}`}},
	{name: "error", call: anthropicChat, want: onlyAsked(claude).failedWith("400"), fails: true, reply: reply{status: 400, body: `{"type":"error","error":{"type":"invalid_request_error","message":"no such thing"}}`}},
	{name: "error in a 200", call: anthropicStream, want: func() facts {
		f := anthropicFacts().failedWith("overloaded_error")
		f.finish, f.output, f.out, f.incomplete = "", "", 0, true
		return f
	}(), fails: true, reply: events(true,
		`{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[],"usage":{"input_tokens":12,"output_tokens":1}}}`,
		`{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`)},
	{name: "cut stream", call: anthropicStream, want: func() facts {
		f := anthropicFacts().cutOff()
		f.in, f.cost = 12, true
		return f
	}(), fails: true, reply: messageStream.cutShort("years.")},
}}

func newGemini(ctx context.Context, url string, hc *http.Client) *genai.Client {
	c, err := genai.NewClient(ctx, &genai.ClientConfig{APIKey: "k", Backend: genai.BackendGeminiAPI, HTTPClient: hc, HTTPOptions: genai.HTTPOptions{BaseURL: url}})
	if err != nil {
		panic(err)
	}
	return c
}

func asJSON(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

func geminiCall(config *genai.GenerateContentConfig) func(context.Context, string, *http.Client) (string, error) {
	return func(ctx context.Context, url string, hc *http.Client) (string, error) {
		res, err := newGemini(ctx, url, hc).Models.GenerateContent(ctx, gemini, genai.Text(question), config)
		if err != nil {
			return "", err
		}
		return asJSON(res.Candidates), nil
	}
}

func geminiStream(ctx context.Context, url string, hc *http.Client) (text string, err error) {
	for res, err := range newGemini(ctx, url, hc).Models.GenerateContentStream(ctx, gemini, genai.Text(question), nil) {
		if err != nil {
			return text, err
		}
		text += res.Text()
	}
	return text, nil
}

func geminiEmbed(ctx context.Context, url string, hc *http.Client) (string, error) {
	res, err := newGemini(ctx, url, hc).Models.EmbedContent(ctx, "gemini-embedding-001", genai.Text(question), nil)
	if err != nil {
		return "", err
	}
	return asJSON(res.Embeddings), nil
}

func geminiFacts() facts {
	f := chatFacts()
	f.span, f.model, f.id, f.answeredBy = "chat "+gemini, gemini, "r1", gemini
	return f
}

var (
	lookupTool   = &genai.GenerateContentConfig{Tools: []*genai.Tool{{FunctionDeclarations: []*genai.FunctionDeclaration{{Name: "lookup"}}}}}
	geminiChunks = events(false,
		`{"responseId":"r1","modelVersion":"gemini-2.5-flash","candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"Two "}]}}]}`,
		`{"responseId":"r1","modelVersion":"gemini-2.5-flash","candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"years."}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":3,"totalTokenCount":15}}`)
)

var genaiGo = sdk{name: "genai", provider: "gcp.gemini", cells: []cell{
	{name: "plain", call: geminiCall(nil), want: geminiFacts(), reply: reply{body: `{"responseId":"r1","modelVersion":"gemini-2.5-flash","candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"Two years."}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":3,"totalTokenCount":15}}`}},
	{name: "stream", call: geminiStream, want: geminiFacts().streamed(), reply: geminiChunks},
	{name: "tools", call: geminiCall(lookupTool), want: func() facts {
		f := geminiFacts().calledTools()
		f.finish = "stop"
		return f
	}(), reply: reply{body: `{"responseId":"r1","modelVersion":"gemini-2.5-flash","candidates":[{"index":0,"content":{"role":"model","parts":[{"functionCall":{"name":"lookup","args":{"q":"warranty"}}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":3,"totalTokenCount":15}}`}},
	{name: "error", call: geminiCall(nil), want: onlyAsked(gemini).failedWith("400"), fails: true, reply: reply{status: 400, body: `{"error":{"code":400,"message":"no such thing","status":"INVALID_ARGUMENT"}}`}},
	{name: "error in a 200", call: geminiCall(nil), want: onlyAsked(gemini).failedWith("503"), reply: reply{body: `{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}`}},
	{name: "cut stream", call: geminiStream, want: func() facts {
		f := geminiFacts().cutOff()
		return f
	}(), fails: true, reply: geminiChunks.cutShort(`years."}]`)},
	{name: "embeddings", call: geminiEmbed, want: facts{span: "embeddings gemini-embedding-001", model: "gemini-embedding-001"}, reply: reply{body: `{"embeddings":[{"values":[0.1,0.2]}]}`}},
}}

func newOllama(base string, hc *http.Client) *ollama.Client {
	u, err := url.Parse(base)
	if err != nil {
		panic(err)
	}
	return ollama.NewClient(u, hc)
}

func ollamaCall(stream bool, tools ...ollama.Tool) func(context.Context, string, *http.Client) (string, error) {
	return func(ctx context.Context, url string, hc *http.Client) (text string, err error) {
		req := &ollama.ChatRequest{Model: llama, Messages: []ollama.Message{{Role: "user", Content: question}}, Tools: tools, Stream: &stream}
		err = newOllama(url, hc).Chat(ctx, req, func(res ollama.ChatResponse) error {
			text += asJSON(res)
			return nil
		})
		return text, err
	}
}

func ollamaEmbed(ctx context.Context, url string, hc *http.Client) (string, error) {
	res, err := newOllama(url, hc).Embed(ctx, &ollama.EmbedRequest{Model: "nomic-embed-text", Input: question})
	return asJSON(res), err
}

func ollamaFacts() facts {
	f := chatFacts()
	f.span, f.model, f.id, f.answeredBy, f.cost = "chat "+llama, llama, "", llama, false
	return f
}

var ollamaLines = lines(
	`{"model":"llama3.2","created_at":"2025-01-01T00:00:00Z","message":{"role":"assistant","content":"Two "},"done":false}`,
	`{"model":"llama3.2","created_at":"2025-01-01T00:00:00Z","message":{"role":"assistant","content":"years."},"done":false}`,
	`{"model":"llama3.2","created_at":"2025-01-01T00:00:00Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":12,"eval_count":3}`)

var ollamaGo = sdk{name: "ollama/api", provider: "ollama", cells: []cell{
	{name: "plain", call: ollamaCall(false), want: ollamaFacts(), reply: reply{body: `{"model":"llama3.2","created_at":"2025-01-01T00:00:00Z","message":{"role":"assistant","content":"Two years."},"done":true,"done_reason":"stop","prompt_eval_count":12,"eval_count":3}`}},
	{name: "stream", call: ollamaCall(true), want: ollamaFacts().streamed(), reply: ollamaLines},
	{name: "tools", call: ollamaCall(false, ollama.Tool{Type: "function", Function: ollama.ToolFunction{Name: "lookup"}}), want: func() facts {
		f := ollamaFacts().calledTools()
		f.finish = "stop"
		return f
	}(), reply: reply{body: `{"model":"llama3.2","created_at":"2025-01-01T00:00:00Z","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"lookup","arguments":{"q":"warranty"}}}]},"done":true,"done_reason":"stop","prompt_eval_count":12,"eval_count":3}`}},
	{name: "error", call: ollamaCall(false), want: onlyAsked(llama).failedWith("404"), fails: true, reply: reply{status: 404, body: `{"error":"model not found"}`}},
	{name: "error in a 200", call: ollamaCall(true), want: func() facts {
		f := ollamaFacts().failedWith("_OTHER")
		f.finish, f.in, f.out, f.chunk, f.incomplete, f.output = "", 0, 0, true, true, `"content":"Two "`
		return f
	}(), fails: true, reply: lines(
		`{"model":"llama3.2","created_at":"2025-01-01T00:00:00Z","message":{"role":"assistant","content":"Two "},"done":false}`,
		`{"error":"the runner stopped"}`)},
	{name: "cut stream", call: ollamaCall(true), want: ollamaFacts().cutOff(), fails: true, reply: ollamaLines.cutShort(`years.`)},
	{name: "embeddings", call: ollamaEmbed, want: facts{span: "embeddings nomic-embed-text", model: "nomic-embed-text", answeredBy: "nomic-embed-text", in: 4}, reply: reply{body: `{"model":"nomic-embed-text","embeddings":[[0.1,0.2]],"prompt_eval_count":4}`}},
}}
