// SPDX-License-Identifier: Apache-2.0

package retrieval_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"slices"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/retrieval"
	"github.com/spanloom/spanloom/traceview"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

func ExampleWrap() {
	ctx := context.Background()
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	embedder, err := embeddings.NewEmbedder(embeddings.EmbedderClientFunc(
		func(_ context.Context, texts []string) ([][]float32, error) {
			return slices.Repeat([][]float32{{1, 0}}, len(texts)), nil // yours: openai.New
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

	retriever := retrieval.Wrap(vectorstores.ToRetriever(store, 4), handler, retrieval.WithName("handbook"))
	docs, err := retriever.GetRelevantDocuments(ctx, "How long is the warranty?")
	fmt.Println(len(docs), err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// 1 <nil>
	// retrieval handbook  1 document
}

func ExampleWrapEmbedder() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	embedder, err := embeddings.NewEmbedder(embeddings.EmbedderClientFunc(
		func(_ context.Context, texts []string) ([][]float32, error) {
			return slices.Repeat([][]float32{{1, 0}}, len(texts)), nil // yours: openai.New
		}))
	if err != nil {
		log.Fatal(err)
	}

	traced := retrieval.WrapEmbedder(embedder, handler, retrieval.WithModel("acme-embed"))
	vectors, err := traced.EmbedDocuments(context.Background(), []string{"one", "two", "three"})
	fmt.Println(len(vectors), err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// 3 <nil>
	// embeddings acme-embed  3 texts
}

// A span for each request of an embedder that makes several, since they are in batches.
func ExampleWrapEmbedderClient() {
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	client := embeddings.EmbedderClientFunc(func(_ context.Context, texts []string) ([][]float32, error) {
		return slices.Repeat([][]float32{{1, 0}}, len(texts)), nil // yours: openai.New
	})

	traced := retrieval.WrapEmbedderClient(client, handler, retrieval.WithModel("acme-embed"))
	embedder, err := embeddings.NewEmbedder(traced, embeddings.WithBatchSize(2))
	if err != nil {
		log.Fatal(err)
	}
	vectors, err := embedder.EmbedDocuments(context.Background(), []string{"one", "two", "three"})
	fmt.Println(len(vectors), err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// 3 <nil>
	// embeddings acme-embed  2 texts
	//
	// embeddings acme-embed  1 text
}
