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

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/traceview"
)

// assistant is an agent on OpenAI's own client: it asks the model, runs the tools that
// the model asks for, and asks again.
type assistant struct {
	client  openai.Client
	handler *callbacks.Handler
	tools   map[string]func(context.Context, string) (string, error)
}

func (a *assistant) run(ctx context.Context, question string) (answer string, err error) {
	ctx, span := a.handler.Start(ctx, callbacks.KindAgent, "assistant")
	defer func() { span.End(err) }()
	span.SetInput(question)
	params := openai.ChatCompletionNewParams{
		Model: "gpt-4o-mini", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)},
		Tools: []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
			Name: "lookup", Parameters: shared.FunctionParameters{"type": "object"},
		})},
	}
	for range 5 {
		res, err := a.client.Chat.Completions.New(ctx, params) // its span is the transport's
		if err != nil {
			return "", err
		}
		message := res.Choices[0].Message
		if len(message.ToolCalls) == 0 {
			span.SetOutput(message.Content)
			return message.Content, nil
		}
		params.Messages = append(params.Messages, message.ToParam())
		for _, call := range message.ToolCalls {
			result, err := a.call(ctx, call.Function.Name, call.Function.Arguments)
			if err != nil {
				result = err.Error()
			}
			params.Messages = append(params.Messages, openai.ToolMessage(result, call.ID))
		}
	}
	return "", errors.New("no answer after 5 rounds")
}

// call runs one tool.
func (a *assistant) call(ctx context.Context, name, arguments string) (result string, err error) {
	ctx, span := a.handler.Start(ctx, callbacks.KindTool, name)
	defer func() { span.End(err) }()
	span.SetInput(arguments)
	tool, ok := a.tools[name]
	if !ok {
		return "", fmt.Errorf("no tool %q", name)
	}
	result, err = tool(ctx, arguments)
	span.SetOutput(result)
	return result, err
}

// A tool loop on OpenAI's own client. The transport makes the spans of the model
// calls, Handler.Start those of the agent and of its tools.
func Example_openAI() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	server := httptest.NewServer(http.HandlerFunc(playOpenAI)) // in place of OpenAI
	defer server.Close()

	a := &assistant{
		handler: handler,
		client: openai.NewClient(option.WithBaseURL(server.URL), option.WithAPIKey("k"), option.WithHTTPClient(
			&http.Client{Transport: models.NewTransport(nil, models.WithSpans(handler))})),
		tools: map[string]func(context.Context, string) (string, error){
			"lookup": func(context.Context, string) (string, error) { return "warranty: 2 years", nil },
		},
	}
	fmt.Println(a.run(context.Background(), "How long is the warranty?"))
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// Two years. <nil>
	// invoke_agent assistant  42 → 8 tokens
	// ├─ chat gpt-4o-mini  12 → 5 tokens  $0.000005
	// ├─ execute_tool lookup
	// └─ chat gpt-4o-mini  30 → 3 tokens  $0.000006
}

// playOpenAI asks for the tool first, and answers when it has the result.
func playOpenAI(w http.ResponseWriter, r *http.Request) {
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
