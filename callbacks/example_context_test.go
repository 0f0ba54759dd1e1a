// SPDX-License-Identifier: Apache-2.0

package callbacks_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/tmc/langchaingo/llms/fake"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/traceview"
)

// The user and the session are on every span of the request.
func ExampleContextWithAssociation() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	ctx := callbacks.ContextWithAssociation(context.Background(),
		attribute.String("user.id", "u-42"), attribute.String("session.id", "s-7"))

	llm := models.Wrap(fake.NewFakeLLM([]string{"Hello."}), handler) // yours: openai.New
	_, err = llm.Call(ctx, "Say hello.")
	fmt.Println(err)
	for _, kv := range spans.Spans()[0].Attributes() {
		switch kv.Key {
		case "user.id", "session.id", "gen_ai.conversation.id":
			fmt.Println(kv.Key, kv.Value.AsString())
		}
	}
	// Unordered output:
	// <nil>
	// gen_ai.conversation.id s-7
	// session.id s-7
	// user.id u-42
}

// A call that is not to be seen: no span, no metric.
func ExampleContextWithSuppression() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	llm := models.Wrap(fake.NewFakeLLM([]string{"pong"}), handler) // yours: openai.New

	answer, err := llm.Call(callbacks.ContextWithSuppression(context.Background()), "ping")
	fmt.Println(answer, err, len(spans.Spans()), "spans")
	answer, err = llm.Call(context.Background(), "ping")
	fmt.Println(answer, err, len(spans.Spans()), "span")
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// pong <nil> 0 spans
	// pong <nil> 1 span
	// chat
}

// A wrapper of your own asks, to save work.
func ExampleSuppressed() {
	ctx := context.Background()
	fmt.Println(callbacks.Suppressed(ctx))
	fmt.Println(callbacks.Suppressed(callbacks.ContextWithSuppression(ctx)))
	// Output:
	// false
	// true
}

// A request to another service of yours carries the session, and not the user.
func ExampleContextWithBaggage() {
	ctx := callbacks.ContextWithAssociation(context.Background(),
		attribute.String("user.id", "u-42"), attribute.String("session.id", "s-7"))

	ctx = callbacks.ContextWithBaggage(ctx, "session.id")
	header := http.Header{}
	propagation.Baggage{}.Inject(ctx, propagation.HeaderCarrier(header)) // otelhttp does this
	fmt.Println(header.Get("Baggage"))
	// Output:
	// session.id=s-7
}

// The service that is called takes the session from the request, and nothing else.
func ExampleContextFromBaggage() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	header := http.Header{"Baggage": {"session.id=s-7,user.id=somebody"}}
	ctx := propagation.Baggage{}.Extract(context.Background(), propagation.HeaderCarrier(header)) // otelhttp does this

	ctx = callbacks.ContextFromBaggage(ctx, "session.id")
	_, span := handler.Start(ctx, callbacks.KindWorkflow, "answer")
	span.End(nil)
	for _, kv := range spans.Spans()[0].Attributes() {
		if kv.Key == "session.id" || kv.Key == "user.id" {
			fmt.Println(kv.Key, kv.Value.AsString())
		}
	}
	// Output:
	// session.id s-7
}
