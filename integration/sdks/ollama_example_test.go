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
	"net/url"
	"os"
	"strings"

	"github.com/ollama/ollama/api"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/traceview"
)

// askLlama is an agent on Ollama's own client. It streams, which is that client's default.
func askLlama(ctx context.Context, handler *callbacks.Handler, client *api.Client, question string) (answer string, err error) {
	ctx, span := handler.Start(ctx, callbacks.KindAgent, "assistant")
	defer func() { span.End(err) }()
	span.SetInput(question)
	req := &api.ChatRequest{
		Model: "llama3.2", Messages: []api.Message{{Role: "user", Content: question}},
		Tools: api.Tools{{Type: "function", Function: api.ToolFunction{
			Name: "lookup", Parameters: api.ToolFunctionParameters{Type: "object"},
		}}},
	}
	for range 5 {
		message := api.Message{Role: "assistant"}
		err := client.Chat(ctx, req, func(res api.ChatResponse) error { // its span is the transport's
			message.Content += res.Message.Content
			message.ToolCalls = append(message.ToolCalls, res.Message.ToolCalls...)
			return nil
		})
		if err != nil {
			return "", err
		}
		if len(message.ToolCalls) == 0 {
			span.SetOutput(message.Content)
			return message.Content, nil
		}
		req.Messages = append(req.Messages, message)
		for _, call := range message.ToolCalls {
			result, err := lookupForLlama(ctx, handler, call.Function)
			if err != nil {
				result = err.Error()
			}
			req.Messages = append(req.Messages, api.Message{Role: "tool", ToolName: call.Function.Name, Content: result})
		}
	}
	return "", errors.New("no answer after 5 rounds")
}

// lookupForLlama runs the tool that the model asked for.
func lookupForLlama(ctx context.Context, handler *callbacks.Handler, call api.ToolCallFunction) (result string, err error) {
	_, span := handler.Start(ctx, callbacks.KindTool, call.Name)
	defer func() { span.End(err) }()
	span.SetInput(call.Arguments.String())
	if call.Name != "lookup" {
		return "", fmt.Errorf("no tool %q", call.Name)
	}
	result = "warranty: 2 years"
	span.SetOutput(result)
	return result, nil
}

// A tool loop on Ollama's own client.
func Example_ollama() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	server := httptest.NewServer(http.HandlerFunc(playLlama)) // in place of Ollama
	defer server.Close()
	base, err := url.Parse(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}

	client := api.NewClient(base, &http.Client{Transport: models.NewTransport(nil, models.WithSpans(handler))})
	fmt.Println(askLlama(context.Background(), handler, client, "How long is the warranty?"))
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// Two years. <nil>
	// invoke_agent assistant  42 → 8 tokens
	// ├─ chat llama3.2  12 → 5 tokens
	// ├─ execute_tool lookup
	// └─ chat llama3.2  30 → 3 tokens
}

// playLlama asks for the tool first, and answers when it has the result.
func playLlama(w http.ResponseWriter, r *http.Request) {
	asked, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	body := `{"model":"llama3.2","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"lookup","arguments":{"q":"warranty"}}}]},"done":false}
{"model":"llama3.2","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":12,"eval_count":5}
`
	if strings.Contains(string(asked), `"role":"tool"`) && strings.Contains(string(asked), "warranty: 2 years") {
		body = `{"model":"llama3.2","message":{"role":"assistant","content":"Two "},"done":false}
{"model":"llama3.2","message":{"role":"assistant","content":"years."},"done":false}
{"model":"llama3.2","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":30,"eval_count":3}
`
	}
	_, _ = io.WriteString(w, body)
}
