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
	"github.com/openai/openai-go/v3/responses"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/traceview"
)

// askResponses is an agent on OpenAI's Responses. The server keeps the conversation: each
// request after the first sends the results of the tools alone.
func askResponses(ctx context.Context, handler *callbacks.Handler, client openai.Client, question string) (answer string, err error) {
	ctx, span := handler.Start(ctx, callbacks.KindAgent, "assistant")
	defer func() { span.End(err) }()
	span.SetInput(question)
	params := responses.ResponseNewParams{
		Model: "gpt-4o-mini", Input: responses.ResponseNewParamsInputUnion{OfString: openai.String(question)},
		Tools: []responses.ToolUnionParam{{OfFunction: &responses.FunctionToolParam{
			Name: "lookup", Parameters: map[string]any{"type": "object"},
		}}},
	}
	for range 5 {
		res, err := client.Responses.New(ctx, params) // its span is the transport's
		if err != nil {
			return "", err
		}
		var results responses.ResponseInputParam
		for _, item := range res.Output {
			if item.Type != "function_call" {
				continue
			}
			call := item.AsFunctionCall()
			result, err := lookupForResponses(ctx, handler, call)
			if err != nil {
				result = err.Error()
			}
			output := responses.ResponseInputItemParamOfFunctionCallOutput(result)
			output.OfFunctionCallOutput.CallID = openai.String(call.CallID)
			results = append(results, output)
		}
		if len(results) == 0 {
			span.SetOutput(res.OutputText())
			return res.OutputText(), nil
		}
		params.PreviousResponseID = openai.String(res.ID)
		params.Input = responses.ResponseNewParamsInputUnion{OfInputItemList: results}
	}
	return "", errors.New("no answer after 5 rounds")
}

// lookupForResponses runs the tool that the model asked for.
func lookupForResponses(ctx context.Context, handler *callbacks.Handler, call responses.ResponseFunctionToolCall) (result string, err error) {
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

// A tool loop on the Responses of OpenAI's own client.
func Example_openAIResponses() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	server := httptest.NewServer(http.HandlerFunc(playResponses)) // in place of OpenAI
	defer server.Close()

	client := openai.NewClient(option.WithBaseURL(server.URL), option.WithAPIKey("k"),
		option.WithHTTPClient(&http.Client{Transport: models.NewTransport(nil, models.WithSpans(handler))}))
	fmt.Println(askResponses(context.Background(), handler, client, "How long is the warranty?"))
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// Two years. <nil>
	// invoke_agent assistant  42 → 8 tokens
	// ├─ chat gpt-4o-mini  12 → 5 tokens  $0.000005
	// ├─ execute_tool lookup
	// └─ chat gpt-4o-mini  30 → 3 tokens  $0.000006
}

// playResponses asks for the tool first, and answers when it has the result.
func playResponses(w http.ResponseWriter, r *http.Request) {
	asked, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	body := `{"id":"resp_1","object":"response","status":"completed","model":"gpt-4o-mini-2024-07-18","output":[
		{"type":"function_call","id":"fc_1","call_id":"call_1","name":"lookup","arguments":"{\"q\":\"warranty\"}"}],
		"usage":{"input_tokens":12,"output_tokens":5,"total_tokens":17}}`
	if strings.Contains(string(asked), `"previous_response_id":"resp_1"`) && strings.Contains(string(asked), "warranty: 2 years") {
		body = `{"id":"resp_2","object":"response","status":"completed","model":"gpt-4o-mini-2024-07-18","output":[
			{"type":"message","id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"Two years."}]}],
			"usage":{"input_tokens":30,"output_tokens":3,"total_tokens":33}}`
	}
	_, _ = io.WriteString(w, body)
}
