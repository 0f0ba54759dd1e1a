// SPDX-License-Identifier: Apache-2.0

package sdks_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

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
	return "", fmt.Errorf("no answer after 5 rounds")
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

// A tool loop on a provider's own client. The transport makes the spans of the model
// calls, Handler.Start those of the agent and of its tools.
func Example_toolLoop() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	server := httptest.NewServer(http.HandlerFunc(answerWithTool)) // in place of OpenAI
	defer server.Close()

	a := &assistant{
		handler: handler,
		client: openai.NewClient(option.WithBaseURL(server.URL), option.WithAPIKey("k"), option.WithHTTPClient(
			&http.Client{Transport: models.NewTransport(nil, models.WithSpans(handler))})),
		tools: map[string]func(context.Context, string) (string, error){
			"lookup": func(context.Context, string) (string, error) { return "warranty: 2 years", nil },
		},
	}
	fmt.Println(a.run(context.Background(), question))
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// Two years. <nil>
	// invoke_agent assistant  24 → 6 tokens
	// ├─ chat gpt-4o-mini  12 → 3 tokens  $0.000004
	// ├─ execute_tool lookup
	// └─ chat gpt-4o-mini  12 → 3 tokens  $0.000004
}

// answerWithTool asks for a tool first, and answers when it has the result.
func answerWithTool(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	var asked struct{ Messages []json.RawMessage }
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	body := chatTools.body
	if len(asked.Messages) > 1 {
		body = chatDocument.body
	}
	_, _ = io.WriteString(w, body)
}
