// SPDX-License-Identifier: Apache-2.0

package chains_test

import (
	"context"
	"fmt"
	"strings"

	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/prompts"
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
	// invoke_workflow answer  ERROR _OTHER: *errors.errorString
	// ├─ execute_task normalise
	// └─ execute_task look_up  ERROR _OTHER: *errors.errorString
}

// A part that is instrumented before it is built in keeps its name.
func ExampleInstrument_sequentialChain() {
	handler, printTree := exampleHandler()
	llm := &oteltest.Model{}
	synopsis := lcchains.NewLLMChain(llm, prompts.NewPromptTemplate("Synopsis of {{.title}}", []string{"title"}))
	synopsis.OutputKey = "synopsis"
	review := lcchains.NewLLMChain(llm, prompts.NewPromptTemplate("Review {{.synopsis}}", []string{"synopsis"}))

	sequence, err := lcchains.NewSequentialChain([]lcchains.Chain{
		chains.Instrument(synopsis, handler, chains.WithName("synopsis")),
		review,
	}, []string{"title"}, []string{"text"})
	if err != nil {
		panic(err)
	}
	answer, err := lcchains.Run(context.Background(), chains.Instrument(sequence, handler), "Tragedy at sunset")
	fmt.Println(answer, err)
	printTree()
	// Output:
	// ok <nil>
	// invoke_workflow SequentialChain
	// ├─ execute_task synopsis
	// │  └─ chat
	// └─ execute_task LLMChain
	//    └─ chat
}

// With nothing but the Handler registered: chains of langchaingo find their
// model calls, also when they run at once on one context.
func ExampleCall_handlerOnly() {
	handler, printTree := exampleHandler()
	llm := &oteltest.Model{Handler: handler}
	chain := lcchains.NewLLMChain(llm, prompts.NewPromptTemplate("{{.q}}", []string{"q"}))
	chain.CallbacksHandler = handler.As(callbacks.KindTask, "ask")

	_, err := lcchains.Apply(context.Background(), chain, []map[string]any{{"q": "a"}, {"q": "b"}}, 2)
	fmt.Println(err)
	printTree()
	// Output:
	// <nil>
	// invoke_workflow ask
	// └─ chat
	// invoke_workflow ask
	// └─ chat
}
