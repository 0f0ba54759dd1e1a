// SPDX-License-Identifier: Apache-2.0

package guides_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/tmc/langchaingo/llms"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/traceview"
)

func Example_existingOpenTelemetry() {
	ctx, client := context.Background(), openAI()
	recorder := traceview.NewRecorder()
	tracerProvider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	meterProvider := sdkmetric.NewMeterProvider()

	handler, err := callbacks.NewHandler(
		callbacks.WithTracerProvider(tracerProvider), callbacks.WithMeterProvider(meterProvider))
	if err != nil {
		log.Print(err)
	}
	llm := models.Wrap(client, handler)
	tracer := tracerProvider.Tracer("shop")

	ctx, request := tracer.Start(ctx, "GET /ask")
	answer, err := chains.Workflow(ctx, handler, "answer", func(ctx context.Context) (string, error) {
		ctx, span := tracer.Start(ctx, "check quota")
		defer span.End()
		return llms.GenerateFromSinglePrompt(ctx, llm, "How long is the warranty?")
	})
	request.End()
	fmt.Println(answer, err)

	_ = traceview.Tree(os.Stdout, recorder.Spans(), traceview.WithoutTimes())
	// Output:
	// Two years. <nil>
	// GET /ask
	// └─ invoke_workflow answer
	//    └─ check quota
	//       └─ chat gpt-4o-mini  5 → 2 tokens  $0.000002
}
