// SPDX-License-Identifier: Apache-2.0

package chains_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms/fake"
	"github.com/tmc/langchaingo/prompts"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/traceview"
	"github.com/spanloom/spanloom/vectorstore"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

func ExampleInstrument() {
	ctx := context.Background()
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	llm := fake.NewFakeLLM([]string{"Two years."}) // yours: openai.New
	embedder, err := embeddings.NewEmbedder(embeddings.EmbedderClientFunc(
		func(_ context.Context, texts []string) ([][]float32, error) {
			return slices.Repeat([][]float32{{1, 0}}, len(texts)), nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	store, err := chromem.New(chromem.WithEmbedder(embedder)) // yours: pgvector.New
	if err != nil {
		log.Fatal(err)
	}
	if _, err := store.AddDocuments(ctx, []schema.Document{{PageContent: "Lamps have two years of warranty."}}); err != nil {
		log.Fatal(err)
	}

	traced := vectorstore.Wrap(store, handler, vectorstore.WithCollection("docs"))
	qa := chains.Instrument(
		lcchains.NewRetrievalQAFromLLM(llm, vectorstores.ToRetriever(traced, 4)), handler)

	answer, err := lcchains.Run(ctx, qa, "How long is the warranty?")
	fmt.Println(answer, err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// Two years. <nil>
	// invoke_workflow RetrievalQA
	// ├─ retrieval docs  1 document
	// │  └─ search docs  1 document
	// └─ execute_task StuffDocuments
	//    └─ execute_task LLMChain
	//       └─ chat
}

// A part that is instrumented before it is built in keeps its name.
func ExampleInstrument_sequentialChain() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	llm := fake.NewFakeLLM([]string{"Two lovers meet.", "A must-see."}) // yours: openai.New
	synopsis := lcchains.NewLLMChain(llm, prompts.NewPromptTemplate("Synopsis of {{.title}}", []string{"title"}))
	synopsis.OutputKey = "synopsis"
	review := lcchains.NewLLMChain(llm, prompts.NewPromptTemplate("Review {{.synopsis}}", []string{"synopsis"}))

	sequence, err := lcchains.NewSequentialChain([]lcchains.Chain{
		chains.Instrument(synopsis, handler, chains.WithName("synopsis")),
		review,
	}, []string{"title"}, []string{"text"})
	if err != nil {
		log.Fatal(err)
	}
	answer, err := lcchains.Run(context.Background(), chains.Instrument(sequence, handler), "Tragedy at sunset")
	fmt.Println(answer, err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// A must-see. <nil>
	// invoke_workflow SequentialChain
	// ├─ execute_task synopsis
	// │  └─ chat
	// └─ execute_task LLMChain
	//    └─ chat
}

// A chain of a type of your own has one span. The chain inside it has its own wrapper.
func ExampleWrap() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	upper := lcchains.NewTransform(
		func(_ context.Context, in map[string]any, _ ...lcchains.ChainCallOption) (map[string]any, error) {
			return map[string]any{"text": strings.ToUpper(fmt.Sprint(in["text"]))}, nil
		}, []string{"text"}, []string{"text"})

	answer, err := lcchains.Run(context.Background(), chains.Wrap(upper, handler, chains.WithName("upper")), "hello")
	fmt.Println(answer, err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// HELLO <nil>
	// invoke_workflow upper
}

// One line makes one tree of all that a request does.
func ExampleWorkflow() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	answer, err := chains.Workflow(context.Background(), handler, "answer", func(ctx context.Context) (string, error) {
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
	fmt.Printf("%q %v\n", answer, err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// "" nobody knows "who?"
	// invoke_workflow answer  ERROR _OTHER: *errors.errorString
	// ├─ execute_task normalise
	// └─ execute_task look_up  ERROR _OTHER: *errors.errorString
}

// A step returns its result and its error as the function does.
func ExampleTask() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	words, err := chains.Workflow(context.Background(), handler, "count", func(ctx context.Context) (int, error) {
		fields, err := chains.Task(ctx, handler, "split", func(context.Context) ([]string, error) {
			return strings.Fields("one two three"), nil
		})
		return len(fields), err
	})
	fmt.Println(words, err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// 3 <nil>
	// invoke_workflow count
	// └─ execute_task split
}

func ExampleDoWorkflow() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	err = chains.DoWorkflow(context.Background(), handler, "nightly", func(context.Context) error {
		return context.DeadlineExceeded
	})
	fmt.Println(err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// context deadline exceeded
	// invoke_workflow nightly  ERROR timeout: context.deadlineExceededError
}

func ExampleDoTask() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	err = chains.DoWorkflow(context.Background(), handler, "nightly", func(ctx context.Context) error {
		clean := chains.DoTask(ctx, handler, "clean", func(context.Context) error { return nil })
		report := chains.DoTask(ctx, handler, "report", func(context.Context) error { return nil })
		return errors.Join(clean, report)
	})
	fmt.Println(err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// <nil>
	// invoke_workflow nightly
	// ├─ execute_task clean
	// └─ execute_task report
}

// An input that is missing is an error of the span, too. With langchaingo's own Call
// the chain, and so its span, never starts.
func ExampleCall() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	llm := fake.NewFakeLLM([]string{"Two years."}) // yours: openai.New
	chain := chains.Instrument(lcchains.NewLLMChain(llm, prompts.NewPromptTemplate("{{.question}}", []string{"question"})), handler)

	out, err := chains.Call(context.Background(), chain, map[string]any{"question": "How long is the warranty?"})
	fmt.Println(out["text"], err)
	_, err = chains.Call(context.Background(), chain, map[string]any{"query": "How long is the warranty?"})
	fmt.Println(errors.Is(err, lcchains.ErrMissingInputValues))
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// Two years. <nil>
	// true
	// invoke_workflow LLMChain
	// └─ chat
	//
	// invoke_workflow LLMChain  ERROR invalid_input
}

// langchaingo's option for one call registers the Handler: nothing is wrapped, and the
// whole chain is a tree.
func ExampleRun() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	llm := fake.NewFakeLLM([]string{"Two lovers meet.", "A must-see."}) // yours: openai.New
	synopsis := lcchains.NewLLMChain(llm, prompts.NewPromptTemplate("Synopsis of {{.title}}", []string{"title"}))
	review := lcchains.NewLLMChain(llm, prompts.NewPromptTemplate("Review {{.synopsis}}", []string{"synopsis"}))
	sequence, err := lcchains.NewSimpleSequentialChain([]lcchains.Chain{synopsis, review})
	if err != nil {
		log.Fatal(err)
	}

	answer, err := chains.Run(context.Background(), sequence, "Tragedy at sunset", lcchains.WithCallback(handler))
	fmt.Println(answer, err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// A must-see. <nil>
	// invoke_workflow SimpleSequentialChain
	// ├─ execute_task LLMChain
	// │  └─ chat
	// └─ execute_task LLMChain
	//    └─ chat
}

func ExamplePredict() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	llm := fake.NewFakeLLM([]string{"Bonjour."}) // yours: openai.New
	translate := lcchains.NewLLMChain(llm, prompts.NewPromptTemplate("{{.text}} in {{.language}}", []string{"text", "language"}))

	answer, err := chains.Predict(context.Background(), chains.Instrument(translate, handler, chains.WithName("translate")),
		map[string]any{"text": "Hello.", "language": "French"})
	fmt.Println(answer, err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// Bonjour. <nil>
	// invoke_workflow translate
	// └─ chat
}

// Each input is a trace of its own. Inside a Workflow each is a task.
func ExampleApply() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	llm := fake.NewFakeLLM([]string{"Bonjour.", "Merci."}) // yours: openai.New
	translate := lcchains.NewLLMChain(llm, prompts.NewPromptTemplate("{{.text}} in French", []string{"text"}))

	const workers = 1
	out, err := chains.Apply(context.Background(), chains.Instrument(translate, handler, chains.WithName("translate")),
		[]map[string]any{{"text": "Hello."}, {"text": "Thank you."}}, workers)
	fmt.Println(len(out), err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// 2 <nil>
	// invoke_workflow translate
	// └─ chat
	//
	// invoke_workflow translate
	// └─ chat
}
