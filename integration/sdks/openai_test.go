// SPDX-License-Identifier: Apache-2.0

package sdks_test

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"
	old "github.com/sashabaranov/go-openai"
)

const (
	question = "How long is the warranty?"
	gpt      = "gpt-4o-mini"
	answered = "gpt-4o-mini-2024-07-18"
)

var (
	chatDocument = reply{body: `{"id":"chatcmpl-1","object":"chat.completion","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":{"role":"assistant","content":"Two years."},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}}`}
	chatTools    = reply{body: `{"id":"chatcmpl-1","object":"chat.completion","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"lookup","arguments":"{\"q\":\"warranty\"}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}}`}
	chatStream   = events(false,
		`{"id":"chatcmpl-1","object":"chat.completion.chunk","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}`,
		`{"id":"chatcmpl-1","object":"chat.completion.chunk","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"content":"Two "}}]}`,
		`{"id":"chatcmpl-1","object":"chat.completion.chunk","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"content":"years."}}]}`,
		`{"id":"chatcmpl-1","object":"chat.completion.chunk","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`,
		`{"id":"chatcmpl-1","object":"chat.completion.chunk","model":"gpt-4o-mini-2024-07-18","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}}`,
		`[DONE]`)
	embedded = reply{body: `{"object":"list","model":"text-embedding-3-small","data":[{"object":"embedding","index":0,"embedding":[0.1,0.2]}],"usage":{"prompt_tokens":4,"total_tokens":4}}`}
	refused  = reply{status: 400, body: `{"error":{"message":"no such thing","type":"invalid_request_error","code":"invalid_value"}}`}
	failed   = reply{body: `{"error":{"message":"overloaded","type":"server_error","code":"overloaded"}}`}
)

func chatFacts() facts {
	return facts{span: "chat " + gpt, model: gpt, id: "chatcmpl-1", answeredBy: answered, finish: "stop", in: 12, out: 3, cost: true, output: `"content":"Two years."`}
}

func (f facts) streamed() facts { f.chunk = true; return f }

func (f facts) calledTools() facts { f.finish, f.output = "tool_call", `"name":"lookup"`; return f }

func onlyAsked(model string) facts { return facts{span: "chat " + model, model: model} }

func (f facts) failedWith(errorType string) facts { f.errorType = errorType; return f }

// cutOff is what a stream tells that broke off after its first text.
func (f facts) cutOff() facts {
	f.chunk, f.incomplete, f.finish, f.cost, f.in, f.out = true, true, "", false, 0, 0
	f.errorType, f.output = "_OTHER", `"content":"Two`
	return f
}

var embedFacts = facts{span: "embeddings text-embedding-3-small", model: "text-embedding-3-small", answeredBy: "text-embedding-3-small", in: 4, cost: true}

func newOpenAI(url string, hc *http.Client) openai.Client {
	return openai.NewClient(option.WithBaseURL(url+"/v1"), option.WithAPIKey("k"), option.WithHTTPClient(hc), option.WithMaxRetries(0))
}

var chatParams = openai.ChatCompletionNewParams{
	Model: gpt, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)},
}

func openaiChat(ctx context.Context, url string, hc *http.Client) (string, error) {
	client := newOpenAI(url, hc)
	res, err := client.Chat.Completions.New(ctx, chatParams)
	if err != nil {
		return "", err
	}
	return res.RawJSON(), nil
}

func openaiTools(ctx context.Context, url string, hc *http.Client) (string, error) {
	client := newOpenAI(url, hc)
	params := chatParams
	params.Tools = []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
		Name: "lookup", Parameters: shared.FunctionParameters{"type": "object"},
	})}
	res, err := client.Chat.Completions.New(ctx, params)
	if err != nil {
		return "", err
	}
	return res.RawJSON(), nil
}

// openaiStream does not close the stream, which many programs do not.
func openaiStream(ctx context.Context, url string, hc *http.Client) (text string, err error) {
	client := newOpenAI(url, hc)
	params := chatParams
	params.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)}
	stream := client.Chat.Completions.NewStreaming(ctx, params)
	for stream.Next() {
		text += stream.Current().RawJSON()
	}
	return text, stream.Err()
}

func openaiEmbed(ctx context.Context, url string, hc *http.Client) (string, error) {
	client := newOpenAI(url, hc)
	res, err := client.Embeddings.New(ctx, openai.EmbeddingNewParams{
		Model: "text-embedding-3-small", Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{question}},
	})
	if err != nil {
		return "", err
	}
	return res.RawJSON(), nil
}

var openaiGo = sdk{name: "openai-go", provider: "openai", cells: []cell{
	{name: "plain", call: openaiChat, reply: chatDocument, want: chatFacts()},
	{name: "stream", call: openaiStream, reply: chatStream, want: chatFacts().streamed()},
	{name: "tools", call: openaiTools, reply: chatTools, want: chatFacts().calledTools()},
	{name: "error", call: openaiChat, reply: refused, want: onlyAsked(gpt).failedWith("400"), fails: true},
	{name: "error in a 200", call: openaiChat, reply: failed, want: onlyAsked(gpt).failedWith("overloaded")},
	{name: "cut stream", call: openaiStream, reply: chatStream.cutShort("years."), want: chatFacts().cutOff(), fails: true},
	{name: "embeddings", call: openaiEmbed, reply: embedded, want: embedFacts},
}}

const response = `{"id":"resp_1","object":"response","status":"completed","model":"gpt-4o-mini-2024-07-18","error":null,"incomplete_details":null,"output":[{"type":"message","id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"Two years."}]}],"usage":{"input_tokens":12,"input_tokens_details":{"cached_tokens":0},"output_tokens":3,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":15}}`

var responseParams = responses.ResponseNewParams{Model: gpt, Input: responses.ResponseNewParamsInputUnion{OfString: openai.String(question)}}

func openaiRespond(ctx context.Context, url string, hc *http.Client) (string, error) {
	client := newOpenAI(url, hc)
	res, err := client.Responses.New(ctx, responseParams)
	if err != nil {
		return "", err
	}
	return res.RawJSON(), nil
}

func openaiRespondTools(ctx context.Context, url string, hc *http.Client) (string, error) {
	client := newOpenAI(url, hc)
	params := responseParams
	params.Tools = []responses.ToolUnionParam{{OfFunction: &responses.FunctionToolParam{Name: "lookup", Parameters: map[string]any{"type": "object"}}}}
	res, err := client.Responses.New(ctx, params)
	if err != nil {
		return "", err
	}
	return res.RawJSON(), nil
}

func openaiRespondStream(ctx context.Context, url string, hc *http.Client) (text string, err error) {
	client := newOpenAI(url, hc)
	stream := client.Responses.NewStreaming(ctx, responseParams)
	for stream.Next() {
		text += stream.Current().RawJSON()
	}
	return text, stream.Err()
}

var responseStream = events(true,
	`{"type":"response.created","response":{"id":"resp_1","model":"gpt-4o-mini-2024-07-18","status":"in_progress"}}`,
	`{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"Two "}`,
	`{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"years."}`,
	`{"type":"response.completed","response":`+response+`}`)

func responseFacts() facts {
	f := chatFacts()
	f.id, f.finish = "resp_1", ""
	return f
}

var openaiResponses = sdk{name: "openai-go responses", provider: "openai", cells: []cell{
	{name: "plain", call: openaiRespond, reply: reply{body: response}, want: responseFacts()},
	{name: "stream", call: openaiRespondStream, reply: responseStream, want: responseFacts().streamed()},
	{name: "tools", call: openaiRespondTools, reply: reply{body: `{"id":"resp_1","object":"response","model":"gpt-4o-mini-2024-07-18","output":[{"type":"function_call","id":"fc_1","call_id":"call_1","name":"lookup","arguments":"{\"q\":\"warranty\"}"}],"usage":{"input_tokens":12,"output_tokens":3,"total_tokens":15,"input_tokens_details":{"cached_tokens":0}}}`}, want: func() facts {
		f := responseFacts().calledTools()
		f.finish = ""
		return f
	}()},
	{name: "error", call: openaiRespond, reply: refused, want: onlyAsked(gpt).failedWith("400"), fails: true},
	{name: "error in a 200", call: openaiRespond, reply: failed, want: onlyAsked(gpt).failedWith("overloaded")},
	{name: "cut stream", call: openaiRespondStream, reply: responseStream.cutShort("years."), want: responseFacts().cutOff(), fails: true},
}}

func newOld(url string, hc *http.Client) *old.Client {
	c := old.DefaultConfig("k")
	c.BaseURL, c.HTTPClient = url+"/v1", hc
	return old.NewClientWithConfig(c)
}

var oldRequest = old.ChatCompletionRequest{Model: gpt, Messages: []old.ChatCompletionMessage{{Role: "user", Content: question}}}

func oldChat(ctx context.Context, url string, hc *http.Client) (string, error) {
	res, err := newOld(url, hc).CreateChatCompletion(ctx, oldRequest)
	return res.ID, err
}

func oldTools(ctx context.Context, url string, hc *http.Client) (string, error) {
	req := oldRequest
	req.Tools = []old.Tool{{Type: "function", Function: &old.FunctionDefinition{Name: "lookup", Parameters: map[string]any{"type": "object"}}}}
	res, err := newOld(url, hc).CreateChatCompletion(ctx, req)
	return res.ID, err
}

func oldStream(ctx context.Context, url string, hc *http.Client) (text string, err error) {
	req := oldRequest
	req.StreamOptions = &old.StreamOptions{IncludeUsage: true}
	stream, err := newOld(url, hc).CreateChatCompletionStream(ctx, req)
	if err != nil {
		return "", err
	}
	defer func() { _ = stream.Close() }()
	for {
		res, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return text, nil
		}
		if err != nil {
			return text, err
		}
		if len(res.Choices) > 0 {
			text += res.Choices[0].Delta.Content
		}
	}
}

func oldEmbed(ctx context.Context, url string, hc *http.Client) (string, error) {
	res, err := newOld(url, hc).CreateEmbeddings(ctx, old.EmbeddingRequest{Model: "text-embedding-3-small", Input: []string{question}})
	return string(res.Model), err
}

var goOpenAI = sdk{name: "go-openai", provider: "openai", cells: []cell{
	{name: "plain", call: oldChat, reply: chatDocument, want: chatFacts()},
	{name: "stream", call: oldStream, reply: chatStream, want: chatFacts().streamed()},
	{name: "tools", call: oldTools, reply: chatTools, want: chatFacts().calledTools()},
	{name: "error", call: oldChat, reply: refused, want: onlyAsked(gpt).failedWith("400"), fails: true},
	{name: "error in a 200", call: oldChat, reply: failed, want: onlyAsked(gpt).failedWith("overloaded")},
	{name: "cut stream", call: oldStream, reply: chatStream.cutShort("years."), want: chatFacts().cutOff(), fails: true},
	{name: "embeddings", call: oldEmbed, reply: embedded, want: embedFacts},
}}
