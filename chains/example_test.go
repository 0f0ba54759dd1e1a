// SPDX-License-Identifier: Apache-2.0

package chains_test

import (
	"context"
	"fmt"
	"strings"

	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/vectorstore"
)

// exampleHandler returns a Handler whose spans printTree prints.
func exampleHandler() (handler *callbacks.Handler, printTree func()) {
	spans := &spantree.Recorder{}
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		panic(err)
	}
	return handler, func() { fmt.Print(spantree.Render(spans.Spans(), spantree.Options{})) }
}

func ExampleInstrument() {
	ctx := context.Background()
	handler, printTree := exampleHandler()
	llm, store := &oteltest.Model{}, &oteltest.Store{Docs: []schema.Document{{PageContent: "Two years."}}}

	traced := vectorstore.Wrap(store, handler, vectorstore.WithCollection("docs"))
	qa := chains.Instrument(
		lcchains.NewRetrievalQAFromLLM(llm, vectorstores.ToRetriever(traced, 4)), handler)

	answer, err := lcchains.Run(ctx, qa, "How long is the warranty?")
	fmt.Println(answer, err)
	printTree()
	// Output:
	// ok <nil>
	// invoke_workflow RetrievalQA
	// ├─ retrieval docs
	// │  └─ search docs
	// └─ execute_task StuffDocuments
	//    └─ execute_task LLMChain
	//       └─ chat
}

func ExampleWorkflow() {
	ctx := context.Background()
	handler, printTree := exampleHandler()

	_, _ = chains.Workflow(ctx, handler, "answer", func(ctx context.Context) (string, error) {
		trace.SpanFromContext(ctx).SetAttributes(attribute.String("customer.id", "c-42"))
		question, err := chains.Task(ctx, handler, "normalise", func(context.Context) (string, error) {
			return strings.ToLower("Who?"), nil
		})
		if err != nil {
			return "", err
		}
		return chains.Task(ctx, handler, "look_up", func(context.Context) (string, error) {
			return "", fmt.Errorf("nobody knows %q", question)
		})
	})
	printTree()
	// Output:
	// invoke_workflow answer  ERROR nobody knows "[withheld]"
	// ├─ execute_task normalise
	// └─ execute_task look_up  ERROR nobody knows "[withheld]"
}
