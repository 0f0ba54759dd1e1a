// SPDX-License-Identifier: Apache-2.0

package callbacks_test

import (
	"context"
	"fmt"
	"log"
	"os"

	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms/fake"
	"github.com/tmc/langchaingo/prompts"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/traceview"
)

// The whole program shares one Handler. Without options it uses the global providers,
// those of spanloom.Init for example. Here its spans are printed.
func ExampleNewHandler() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}

	llm := models.Wrap(fake.NewFakeLLM([]string{"Hello."}), handler) // yours: openai.New
	answer, err := llm.Call(context.Background(), "Say hello.")
	fmt.Println(answer, err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// Hello. <nil>
	// chat
}

// A model call that langchaingo has no part in, to a provider's own SDK. What
// the wrappers do is open to everybody: the span, the token and duration
// metrics and the cost are those of a wrapped model.
func ExampleHandler_Start() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	// acme stands for an SDK.
	acme := func(context.Context, string) (answer string, tokensIn, tokensOut int, err error) {
		return "A piece of a trace.", 14, 6, nil
	}

	ask := func(ctx context.Context, question string) (answer string, err error) {
		ctx, span := handler.Start(ctx, callbacks.KindChat, "acme-large",
			attribute.String("gen_ai.provider.name", "acme"),
			attribute.Float64("gen_ai.request.temperature", 0.2))
		defer func() { span.End(err) }()
		span.SetInput(question) // recorded only with a content policy

		answer, tokensIn, tokensOut, err := acme(ctx, question)
		if err != nil {
			return "", err
		}
		span.SetAttributes(
			attribute.String("gen_ai.response.model", "acme-large-2026-09"),
			attribute.StringSlice("gen_ai.response.finish_reasons", []string{"stop"}))
		span.SetUsage(metrics.Usage{Input: tokensIn, Output: tokensOut})
		span.SetOutput(answer)
		return answer, nil
	}

	answer, err := ask(context.Background(), "What is a span?")
	fmt.Println(answer, err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// A piece of a trace. <nil>
	// chat acme-large  14 → 6 tokens
}

// The Handler registered on an LLMChain. Events carry no name, so As gives one.
func ExampleHandler_As() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	llm := models.Wrap(fake.NewFakeLLM([]string{"A lamp."}), handler) // yours: openai.New
	chain := lcchains.NewLLMChain(llm, prompts.NewPromptTemplate("Summarise: {{.text}}", []string{"text"}))
	chain.CallbacksHandler = handler.As(callbacks.KindTask, "summarise")

	answer, err := lcchains.Run(context.Background(), chain, "It gives light.")
	fmt.Println(answer, err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// A lamp. <nil>
	// invoke_workflow summarise
	// └─ chat
}

// What only a transport or a client knows is added to the operation around it.
func ExampleSpanFromContext() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	fetch := func(ctx context.Context) {
		callbacks.SpanFromContext(ctx).SetAttributes(attribute.String("acme.cache", "hit"))
	}

	ctx, span := handler.Start(context.Background(), callbacks.KindTool, "fetch")
	fetch(ctx)
	span.End(nil)
	fetch(context.Background()) // no operation: nothing happens
	for _, kv := range spans.Spans()[0].Attributes() {
		if kv.Key == "acme.cache" {
			fmt.Println(kv.Key, kv.Value.AsString())
		}
	}
	// Output:
	// acme.cache hit
}
