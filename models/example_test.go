// SPDX-License-Identifier: Apache-2.0

package models_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms/fake"
	"github.com/tmc/langchaingo/llms/openai"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/traceview"
)

// The whole of it for a provider of langchaingo's: seen on the wire, repeated
// where that helps, recorded.
func Example() {
	handler, err := callbacks.NewHandler()
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	client, err := openai.New(
		openai.WithToken("sk-..."),
		openai.WithModel("gpt-4o-mini"),
		openai.WithHTTPClient(&http.Client{Transport: models.NewTransport(nil)}),
	)
	if err != nil {
		log.Fatal(err)
	}
	model := models.Wrap(models.Retry(client), handler)
	embedder, err := embeddings.NewEmbedder(model) // one value chats and embeds
	fmt.Println(embedder != nil, err)
	// Output: true <nil>
}

func ExampleWrap() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}

	llm := models.Wrap(fake.NewFakeLLM([]string{"Hello."}), handler, models.WithModel("acme-large")) // yours: openai.New
	answer, err := llm.Call(context.Background(), "Say hello.")
	fmt.Println(answer, err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// Hello. <nil>
	// chat acme-large
}

// What langchaingo's client reads and drops, such as the id of the response and the model
// that answered.
func ExampleNewTransport() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { // stands for OpenAI
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id": "chatcmpl-1", "model": "gpt-4o-mini-2024-07-18",
			"choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": "Hello."}}],
			"usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}}`)
	}))
	defer server.Close()
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}

	client, err := openai.New(openai.WithToken("sk-..."), openai.WithModel("gpt-4o-mini"), openai.WithBaseURL(server.URL),
		openai.WithHTTPClient(&http.Client{Transport: models.NewTransport(nil)}))
	if err != nil {
		log.Panic(err)
	}
	_, err = models.Wrap(client, handler).Call(context.Background(), "Say hello.")
	fmt.Println(err)
	for _, kv := range spans.Spans()[0].Attributes() {
		switch kv.Key {
		case "gen_ai.request.model", "gen_ai.response.id", "gen_ai.response.model":
			fmt.Println(kv.Key, kv.Value.AsString())
		}
	}
	// Output:
	// <nil>
	// gen_ai.request.model gpt-4o-mini
	// gen_ai.response.id chatcmpl-1
	// gen_ai.response.model gpt-4o-mini-2024-07-18
}

// The first request meets a rate limit. Both are one call, with one retry.
func ExampleRetry() {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { // stands for OpenAI
		if requests++; requests == 1 {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id": "chatcmpl-1", "model": "gpt-4o-mini-2024-07-18",
			"choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": "Hello."}}],
			"usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}}`)
	}))
	defer server.Close()
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}

	client, err := openai.New(openai.WithToken("sk-..."), openai.WithModel("gpt-4o-mini"), openai.WithBaseURL(server.URL),
		openai.WithHTTPClient(&http.Client{Transport: models.NewTransport(nil)}))
	if err != nil {
		log.Panic(err)
	}
	llm := models.Wrap(models.Retry(client, models.WithInitialWait(time.Millisecond)), handler)
	answer, err := llm.Call(context.Background(), "Say hello.")
	fmt.Println(answer, err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// Hello. <nil>
	// chat gpt-4o-mini  9 → 2 tokens  $0.000003  1 retry
}

// The client of the provider inside wrappers, for what only it can do.
func ExampleAs() {
	handler, err := callbacks.NewHandler()
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	client, err := openai.New(openai.WithToken("sk-..."), openai.WithModel("gpt-4o-mini"))
	if err != nil {
		log.Fatal(err)
	}
	model := models.Wrap(models.Retry(client), handler)

	inside, ok := models.As[*openai.LLM](model)
	fmt.Println(inside == client, ok)
	_, ok = models.As[*fake.LLM](model)
	fmt.Println(ok)
	// Output:
	// true true
	// false
}
