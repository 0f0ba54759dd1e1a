// SPDX-License-Identifier: Apache-2.0

package callbacks_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/tmc/langchaingo/llms/fake"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/privacy"
	"github.com/spanloom/spanloom/traceview"
)

// Prompts and answers are recorded without what identifies a person. The default
// records none of them.
func ExampleWithContent() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(
		callbacks.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))),
		callbacks.WithContent(privacy.Redact))
	if err != nil {
		log.Print(err) // the handler works all the same
	}

	llm := models.Wrap(fake.NewFakeLLM([]string{"I wrote to ada@example.com."}), handler) // yours: openai.New
	_, err = llm.Call(context.Background(), "Write to ada@example.com.")
	fmt.Println(err)
	for _, span := range spans.Spans() {
		for _, kv := range span.Attributes() {
			if kv.Key == "gen_ai.input.messages" || kv.Key == "gen_ai.output.messages" {
				fmt.Println(kv.Value.AsString())
			}
		}
	}
	// Output:
	// <nil>
	// [{"role":"user","parts":[{"type":"text","content":"Write to [EMAIL]."}]}]
	// [{"role":"assistant","parts":[{"type":"text","content":"I wrote to [EMAIL]."}],"finish_reason":""}]
}

// Messages of errors may quote a prompt. The default records facts in their place.
func ExampleWithErrorMessages() {
	for _, policy := range []privacy.Policy{privacy.None, privacy.Redact} {
		spans := traceview.NewRecorder()
		handler, err := callbacks.NewHandler(
			callbacks.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))),
			callbacks.WithErrorMessages(policy))
		if err != nil {
			log.Print(err) // the handler works all the same
		}
		_, span := handler.Start(context.Background(), callbacks.KindTool, "mail")
		span.End(errors.New("no mailbox ada@example.com"))
		fmt.Println(spans.Spans()[0].Status().Description)
	}
	// Output:
	// _OTHER: *errors.errorString
	// no mailbox [EMAIL]
}

// One call is recorded as it is, whatever the Handler's policy says.
func ExampleContextWithContent() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(
		callbacks.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))),
		callbacks.WithContent(privacy.None))
	if err != nil {
		log.Print(err) // the handler works all the same
	}

	llm := models.Wrap(fake.NewFakeLLM([]string{"Hello."}), handler) // yours: openai.New
	ctx := callbacks.ContextWithContent(context.Background(), privacy.Verbatim)
	_, recorded := llm.Call(ctx, "Say hello.")
	_, notRecorded := llm.Call(context.Background(), "Say nothing.")
	fmt.Println(recorded, notRecorded)
	for _, span := range spans.Spans() {
		for _, kv := range span.Attributes() {
			if kv.Key == "gen_ai.input.messages" || kv.Key == "gen_ai.output.messages" {
				fmt.Println(kv.Value.AsString())
			}
		}
	}
	// Output:
	// <nil> <nil>
	// [{"role":"user","parts":[{"type":"text","content":"Say hello."}]}]
	// [{"role":"assistant","parts":[{"type":"text","content":"Hello."}],"finish_reason":""}]
}

func ExampleContextWithInputContent() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(
		callbacks.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))),
		callbacks.WithContent(privacy.None))
	if err != nil {
		log.Print(err) // the handler works all the same
	}

	llm := models.Wrap(fake.NewFakeLLM([]string{"Hello."}), handler) // yours: openai.New
	_, err = llm.Call(callbacks.ContextWithInputContent(context.Background(), privacy.Verbatim), "Say hello.")
	fmt.Println(err)
	for _, span := range spans.Spans() {
		for _, kv := range span.Attributes() {
			if kv.Key == "gen_ai.input.messages" || kv.Key == "gen_ai.output.messages" {
				fmt.Println(kv.Value.AsString())
			}
		}
	}
	// Output:
	// <nil>
	// [{"role":"user","parts":[{"type":"text","content":"Say hello."}]}]
}

func ExampleContextWithOutputContent() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(
		callbacks.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))),
		callbacks.WithContent(privacy.None))
	if err != nil {
		log.Print(err) // the handler works all the same
	}

	llm := models.Wrap(fake.NewFakeLLM([]string{"Hello."}), handler) // yours: openai.New
	_, err = llm.Call(callbacks.ContextWithOutputContent(context.Background(), privacy.Verbatim), "Say hello.")
	fmt.Println(err)
	for _, span := range spans.Spans() {
		for _, kv := range span.Attributes() {
			if kv.Key == "gen_ai.input.messages" || kv.Key == "gen_ai.output.messages" {
				fmt.Println(kv.Value.AsString())
			}
		}
	}
	// Output:
	// <nil>
	// [{"role":"assistant","parts":[{"type":"text","content":"Hello."}],"finish_reason":""}]
}
