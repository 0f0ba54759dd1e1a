// SPDX-License-Identifier: Apache-2.0

package sdks_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/sashabaranov/go-openai"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/traceview"
)

// askGPT is an agent on go-openai.
func askGPT(ctx context.Context, handler *callbacks.Handler, client *openai.Client, question string) (answer string, err error) {
	ctx, span := handler.Start(ctx, callbacks.KindAgent, "assistant")
	defer func() { span.End(err) }()
	span.SetInput(question)
	req := openai.ChatCompletionRequest{
		Model: openai.GPT4oMini, Messages: []openai.ChatCompletionMessage{{Role: openai.ChatMessageRoleUser, Content: question}},
		Tools: []openai.Tool{{Type: openai.ToolTypeFunction, Function: &openai.FunctionDefinition{
			Name: "lookup", Parameters: map[string]any{"type": "object"},
		}}},
	}
	for range 5 {
		res, err := client.CreateChatCompletion(ctx, req) // its span is the transport's
		if err != nil {
			return "", err
		}
		message := res.Choices[0].Message
		if len(message.ToolCalls) == 0 {
			span.SetOutput(message.Content)
			return message.Content, nil
		}
		req.Messages = append(req.Messages, message)
		for _, call := range message.ToolCalls {
			result, err := lookupForGPT(ctx, handler, call.Function)
			if err != nil {
				result = err.Error()
			}
			req.Messages = append(req.Messages, openai.ChatCompletionMessage{
				Role: openai.ChatMessageRoleTool, ToolCallID: call.ID, Content: result,
			})
		}
	}
	return "", errors.New("no answer after 5 rounds")
}

// lookupForGPT runs the tool that the model asked for.
func lookupForGPT(ctx context.Context, handler *callbacks.Handler, call openai.FunctionCall) (result string, err error) {
	_, span := handler.Start(ctx, callbacks.KindTool, call.Name)
	defer func() { span.End(err) }()
	span.SetInput(call.Arguments)
	if call.Name != "lookup" {
		return "", fmt.Errorf("no tool %q", call.Name)
	}
	result = "warranty: 2 years"
	span.SetOutput(result)
	return result, nil
}

// A tool loop on sashabaranov/go-openai.
func Example_goOpenAI() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	server := httptest.NewServer(http.HandlerFunc(playGPT)) // in place of OpenAI
	defer server.Close()

	config := openai.DefaultConfig("k")
	config.BaseURL = server.URL
	config.HTTPClient = &http.Client{Transport: models.NewTransport(nil, models.WithSpans(handler))}
	client := openai.NewClientWithConfig(config)
	fmt.Println(askGPT(context.Background(), handler, client, "How long is the warranty?"))
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// Two years. <nil>
	// invoke_agent assistant  42 → 8 tokens
	// ├─ chat gpt-4o-mini  12 → 5 tokens  $0.000005
	// ├─ execute_tool lookup
	// └─ chat gpt-4o-mini  30 → 3 tokens  $0.000006
}

// playGPT asks for the tool first, and answers when it has the result.
func playGPT(w http.ResponseWriter, r *http.Request) {
	asked, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	body := `{"id":"chatcmpl-1","object":"chat.completion","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"finish_reason":"tool_calls",
		"message":{"role":"assistant","content":null,"tool_calls":[
			{"id":"call_1","type":"function","function":{"name":"lookup","arguments":"{\"q\":\"warranty\"}"}}]}}],
		"usage":{"prompt_tokens":12,"completion_tokens":5,"total_tokens":17}}`
	if strings.Contains(string(asked), `"tool_call_id":"call_1"`) && strings.Contains(string(asked), "warranty: 2 years") {
		body = `{"id":"chatcmpl-2","object":"chat.completion","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"finish_reason":"stop",
			"message":{"role":"assistant","content":"Two years."}}],
			"usage":{"prompt_tokens":30,"completion_tokens":3,"total_tokens":33}}`
	}
	_, _ = io.WriteString(w, body)
}
