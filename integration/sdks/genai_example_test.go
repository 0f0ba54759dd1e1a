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

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/genai"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/traceview"
)

// askGemini is an agent on Google's own client.
func askGemini(ctx context.Context, handler *callbacks.Handler, client *genai.Client, question string) (answer string, err error) {
	ctx, span := handler.Start(ctx, callbacks.KindAgent, "assistant")
	defer func() { span.End(err) }()
	span.SetInput(question)
	config := &genai.GenerateContentConfig{
		Tools: []*genai.Tool{{FunctionDeclarations: []*genai.FunctionDeclaration{{Name: "lookup"}}}},
	}
	contents := genai.Text(question)
	for range 5 {
		res, err := client.Models.GenerateContent(ctx, "gemini-2.5-flash", contents, config) // its span is the transport's
		if err != nil {
			return "", err
		}
		calls := res.FunctionCalls()
		if len(calls) == 0 {
			span.SetOutput(res.Text())
			return res.Text(), nil
		}
		var results []*genai.Part
		for _, call := range calls {
			response := map[string]any{}
			if result, err := lookupForGemini(ctx, handler, call); err != nil {
				response["error"] = err.Error()
			} else {
				response["output"] = result
			}
			results = append(results, genai.NewPartFromFunctionResponse(call.Name, response))
		}
		contents = append(contents, res.Candidates[0].Content, genai.NewContentFromParts(results, genai.RoleUser))
	}
	return "", errors.New("no answer after 5 rounds")
}

// lookupForGemini runs the tool that the model asked for.
func lookupForGemini(ctx context.Context, handler *callbacks.Handler, call *genai.FunctionCall) (result string, err error) {
	_, span := handler.Start(ctx, callbacks.KindTool, call.Name)
	defer func() { span.End(err) }()
	span.SetInput(call.Args)
	if call.Name != "lookup" {
		return "", fmt.Errorf("no tool %q", call.Name)
	}
	result = "warranty: 2 years"
	span.SetOutput(result)
	return result, nil
}

// A tool loop on Google's own client.
func Example_genai() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	server := httptest.NewServer(http.HandlerFunc(playGemini)) // in place of Google
	defer server.Close()

	ctx := context.Background()
	client, err := genai.NewClient(ctx, &genai.ClientConfig{
		APIKey: "k", Backend: genai.BackendGeminiAPI, HTTPOptions: genai.HTTPOptions{BaseURL: server.URL},
		HTTPClient: &http.Client{Transport: models.NewTransport(nil, models.WithSpans(handler))},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(askGemini(ctx, handler, client, "How long is the warranty?"))
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// Two years. <nil>
	// invoke_agent assistant  42 → 8 tokens
	// ├─ chat gemini-2.5-flash  12 → 5 tokens  $0.000016
	// ├─ execute_tool lookup
	// └─ chat gemini-2.5-flash  30 → 3 tokens  $0.000017
}

// playGemini asks for the tool first, and answers when it has the result.
func playGemini(w http.ResponseWriter, r *http.Request) {
	asked, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	body := `{"responseId":"r1","modelVersion":"gemini-2.5-flash","candidates":[{"index":0,"finishReason":"STOP",
		"content":{"role":"model","parts":[{"functionCall":{"name":"lookup","args":{"q":"warranty"}}}]}}],
		"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":5,"totalTokenCount":17}}`
	if strings.Contains(string(asked), `"functionResponse"`) && strings.Contains(string(asked), "warranty: 2 years") {
		body = `{"responseId":"r2","modelVersion":"gemini-2.5-flash","candidates":[{"index":0,"finishReason":"STOP",
			"content":{"role":"model","parts":[{"text":"Two years."}]}}],
			"usageMetadata":{"promptTokenCount":30,"candidatesTokenCount":3,"totalTokenCount":33}}`
	}
	_, _ = io.WriteString(w, body)
}
