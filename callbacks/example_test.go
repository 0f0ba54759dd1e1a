// SPDX-License-Identifier: Apache-2.0

package callbacks_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/metrics"
)

// A model call that langchaingo has no part in, to a provider's own SDK. What
// the wrappers do is open to everybody: the span, the token and duration
// metrics and the cost are those of a wrapped model.
func ExampleHandler_Start() {
	spans := &spantree.Recorder{}
	handler, err := callbacks.NewHandler(
		callbacks.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		fmt.Println(err)
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
	fmt.Print(spantree.Render(spans.Spans(), spantree.Options{AllAttributes: true}))
	// Output:
	// A piece of a trace. <nil>
	// chat acme-large
	//     gen_ai.operation.name: chat
	//     gen_ai.provider.name: acme
	//     gen_ai.request.model: acme-large
	//     gen_ai.request.temperature: 0.2
	//     gen_ai.response.finish_reasons: ["stop"]
	//     gen_ai.response.model: acme-large-2026-09
	//     gen_ai.usage.input_tokens: 14
	//     gen_ai.usage.output_tokens: 6
}

// acme stands for an SDK.
func acme(context.Context, string) (answer string, tokensIn, tokensOut int, err error) {
	return "A piece of a trace.", 14, 6, nil
}
