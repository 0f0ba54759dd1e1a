// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/tmc/langchaingo/llms/fake"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/traceview"
)

// Without options Init sends to OTEL_EXPORTER_OTLP_ENDPOINT. Here the spans are kept, and
// printed.
func ExampleInit() {
	ctx := context.Background()
	spans := traceview.NewRecorder()
	shutdown, err := spanloom.Init(ctx, spanloom.WithoutExport(), spanloom.WithSpanProcessor(spans))
	if err != nil {
		log.Print(err) // names what is wrong; all else works
	}
	handler, err := callbacks.NewHandler()
	if err != nil {
		log.Print(err) // the handler works all the same
	}

	llm := models.Wrap(fake.NewFakeLLM([]string{"Hello."}), handler) // yours: openai.New
	answer, err := llm.Call(ctx, "Say hello.")
	fmt.Println(answer, err)
	fmt.Println("flushed:", shutdown(ctx))
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// Hello. <nil>
	// flushed: <nil>
	// chat
}

// Each finished trace is printed, with bars of time: os.Stderr is the usual place.
func ExampleWithTree() {
	ctx := context.Background()
	var out strings.Builder
	shutdown, err := spanloom.Init(ctx, spanloom.WithoutExport(), spanloom.WithTree(&out))
	if err != nil {
		log.Print(err) // names what is wrong; all else works
	}
	handler, err := callbacks.NewHandler()
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	_, span := handler.Start(ctx, callbacks.KindWorkflow, "answer")
	span.End(nil)
	fmt.Println("flushed:", shutdown(ctx))

	fmt.Println(strings.Contains(out.String(), "invoke_workflow answer"))
	// Output:
	// flushed: <nil>
	// true
}
