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

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/traceview"
)

// askClaude is an agent on Anthropic's own client.
func askClaude(ctx context.Context, handler *callbacks.Handler, client anthropic.Client, question string) (answer string, err error) {
	ctx, span := handler.Start(ctx, callbacks.KindAgent, "assistant")
	defer func() { span.End(err) }()
	span.SetInput(question)
	params := anthropic.MessageNewParams{
		Model: "claude-sonnet-4-5-20250929", MaxTokens: 100,
		Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(question))},
		Tools:    []anthropic.ToolUnionParam{anthropic.ToolUnionParamOfTool(anthropic.ToolInputSchemaParam{}, "lookup")},
	}
	for range 5 {
		res, err := client.Messages.New(ctx, params) // its span is the transport's
		if err != nil {
			return "", err
		}
		var text string
		var results []anthropic.ContentBlockParamUnion
		for _, block := range res.Content {
			switch block := block.AsAny().(type) {
			case anthropic.TextBlock:
				text += block.Text
			case anthropic.ToolUseBlock:
				result, err := lookupForClaude(ctx, handler, block)
				if err != nil {
					result = err.Error()
				}
				results = append(results, anthropic.NewToolResultBlock(block.ID, result, err != nil))
			}
		}
		if len(results) == 0 {
			span.SetOutput(text)
			return text, nil
		}
		params.Messages = append(params.Messages, res.ToParam(), anthropic.NewUserMessage(results...))
	}
	return "", errors.New("no answer after 5 rounds")
}

// lookupForClaude runs the tool that the model asked for.
func lookupForClaude(ctx context.Context, handler *callbacks.Handler, call anthropic.ToolUseBlock) (result string, err error) {
	_, span := handler.Start(ctx, callbacks.KindTool, call.Name)
	defer func() { span.End(err) }()
	span.SetInput(string(call.Input))
	if call.Name != "lookup" {
		return "", fmt.Errorf("no tool %q", call.Name)
	}
	result = "warranty: 2 years"
	span.SetOutput(result)
	return result, nil
}

// A tool loop on Anthropic's own client.
func Example_anthropic() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	server := httptest.NewServer(http.HandlerFunc(playClaude)) // in place of Anthropic
	defer server.Close()

	client := anthropic.NewClient(option.WithBaseURL(server.URL), option.WithAPIKey("k"),
		option.WithHTTPClient(&http.Client{Transport: models.NewTransport(nil, models.WithSpans(handler))}))
	fmt.Println(askClaude(context.Background(), handler, client, "How long is the warranty?"))
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// Two years. <nil>
	// invoke_agent assistant  42 → 8 tokens
	// ├─ chat claude-sonnet-4-5-20250929  12 → 5 tokens  $0.000111
	// ├─ execute_tool lookup
	// └─ chat claude-sonnet-4-5-20250929  30 → 3 tokens  $0.000135
}

// playClaude asks for the tool first, and answers when it has the result.
func playClaude(w http.ResponseWriter, r *http.Request) {
	asked, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	body := `{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929",
		"content":[{"type":"text","text":"I look it up."},{"type":"tool_use","id":"tu_1","name":"lookup","input":{"q":"warranty"}}],
		"stop_reason":"tool_use","usage":{"input_tokens":12,"output_tokens":5}}`
	if strings.Contains(string(asked), `"tool_use_id":"tu_1"`) && strings.Contains(string(asked), "warranty: 2 years") {
		body = `{"id":"msg_2","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929",
			"content":[{"type":"text","text":"Two years."}],
			"stop_reason":"end_turn","usage":{"input_tokens":30,"output_tokens":3}}`
	}
	_, _ = io.WriteString(w, body)
}
