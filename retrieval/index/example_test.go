// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"context"
	"fmt"
	"iter"
	"log"
	"os"
	"slices"
	"testing/fstest"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms/fake"
	"github.com/tmc/langchaingo/schema"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/retrieval"
	"github.com/spanloom/spanloom/retrieval/index"
	"github.com/spanloom/spanloom/retrieval/loaders"
	"github.com/spanloom/spanloom/traceview"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

// A folder of documents is indexed, and asked. With chromem.WithPersistence the
// index outlives the program, and the next run embeds only what has changed.
func Example() {
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
	llm := fake.NewFakeLLM([]string{"Yes, within 14 days."}) // yours: openai.New

	store, err := chromem.New(
		chromem.WithEmbedder(retrieval.WrapEmbedder(embedder, handler)),
		chromem.WithCollection("handbook"),
		chromem.WithIDs(index.ChunkID),
	)
	if err != nil {
		log.Fatal(err)
	}
	idx, err := index.New(handler, index.WithStore(store), index.WithLLM(llm))
	if err != nil {
		log.Fatal(err)
	}

	files := fstest.MapFS{ // With real files: loaders.Folder("./handbook").
		"returns.md":       {Data: []byte("# Returns\n\nA lamp can be returned within 30 days.")},
		"lamps/prices.csv": {Data: []byte("lamp,price\ndesk,40\nfloor,90\n")},
		"lamps/care.html":  {Data: []byte("<h1>Care</h1><p>Wipe it with a dry cloth.</p>")},
	}
	report, err := idx.Sync(ctx, loaders.FS(files))
	fmt.Println(report.Documents, "documents,", report.Added, "chunks embedded,", err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	spans.Reset()

	files["returns.md"].Data = []byte("# Returns\n\nA lamp can be returned within 14 days.")
	delete(files, "lamps/care.html")
	report, err = idx.Sync(ctx, loaders.FS(files))
	fmt.Println(report.Added, "embedded,", report.Unchanged, "unchanged,", report.Deleted, "deleted,", err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	spans.Reset()

	answer, err := idx.Query(ctx, "Can I return a lamp?")
	fmt.Println(answer.Text, len(answer.Sources), "sources,", err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	spans.Reset()
	// Output:
	// 4 documents, 4 chunks embedded, <nil>
	// invoke_workflow ingest
	// ├─ list handbook
	// ├─ execute_task load
	// └─ add handbook
	//    └─ embeddings  4 texts
	// 1 embedded, 2 unchanged, 2 deleted, <nil>
	// invoke_workflow ingest
	// ├─ list handbook
	// ├─ execute_task load
	// ├─ add handbook
	// │  └─ embeddings  1 text
	// └─ delete handbook
	// Yes, within 14 days. 3 sources, <nil>
	// invoke_workflow query
	// ├─ retrieval handbook  3 documents
	// │  └─ search handbook  3 documents
	// │     └─ embeddings  1 text
	// └─ execute_task answer
	//    └─ chat
}

// An index needs a store; a question needs a model, too.
func ExampleNew() {
	_, err := index.New(nil)
	fmt.Println(err)

	embedder, err := embeddings.NewEmbedder(embeddings.EmbedderClientFunc(
		func(_ context.Context, texts []string) ([][]float32, error) {
			return slices.Repeat([][]float32{{1, 0}}, len(texts)), nil // yours: openai.New
		}))
	if err != nil {
		log.Fatal(err)
	}
	store, err := chromem.New(chromem.WithEmbedder(embedder), chromem.WithCollection("handbook"), chromem.WithIDs(index.ChunkID))
	if err != nil {
		log.Fatal(err)
	}
	idx, err := index.New(nil, index.WithStore(store), index.WithTopK(2)) // without a Handler nothing is recorded
	if err != nil {
		log.Fatal(err)
	}
	_, err = idx.Query(context.Background(), "Can I return a lamp?")
	fmt.Println(err)
	// Output:
	// index: an index needs a store: use WithStore, for example with chromem.New
	// index: Query needs a model: use WithLLM
}

// What is stored already is not embedded again.
func ExampleIndex_Add() {
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
	store, err := chromem.New(chromem.WithEmbedder(embedder), chromem.WithCollection("handbook"), chromem.WithIDs(index.ChunkID))
	if err != nil {
		log.Fatal(err)
	}
	idx, err := index.New(handler, index.WithStore(store))
	if err != nil {
		log.Fatal(err)
	}

	files := fstest.MapFS{"returns.md": {Data: []byte("A lamp can be returned within 30 days.")}}
	for range 2 {
		report, err := idx.Add(ctx, loaders.FS(files))
		fmt.Println(report.Added, "added,", report.Unchanged, "unchanged,", err)
	}
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// 1 added, 0 unchanged, <nil>
	// 0 added, 1 unchanged, <nil>
	// invoke_workflow ingest
	// ├─ list handbook
	// ├─ execute_task load
	// └─ add handbook
	//
	// invoke_workflow ingest
	// ├─ list handbook
	// └─ execute_task load
}

func ExampleIndex_Query() {
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
	store, err := chromem.New(chromem.WithEmbedder(embedder), chromem.WithCollection("handbook"), chromem.WithIDs(index.ChunkID))
	if err != nil {
		log.Fatal(err)
	}
	llm := fake.NewFakeLLM([]string{"Within 30 days."}) // yours: openai.New
	idx, err := index.New(handler, index.WithStore(store), index.WithLLM(llm))
	if err != nil {
		log.Fatal(err)
	}
	files := fstest.MapFS{"returns.md": {Data: []byte("A lamp can be returned within 30 days.")}}
	if _, err := idx.Add(ctx, loaders.FS(files)); err != nil {
		log.Fatal(err)
	}
	spans.Reset()

	answer, err := idx.Query(ctx, "Can I return a lamp?")
	fmt.Println(answer.Text, answer.Sources[0].Metadata["source"], err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// Within 30 days. returns.md <nil>
	// invoke_workflow query
	// ├─ retrieval handbook  1 document
	// │  └─ search handbook  1 document
	// └─ execute_task answer
	//    └─ chat
}

// Files and rows of a database are one index.
func ExampleJoin() {
	files := fstest.MapFS{"returns.md": {Data: []byte("A lamp can be returned within 30 days.")}}
	rows := index.LoaderFunc(func(context.Context) iter.Seq2[schema.Document, error] {
		return func(yield func(schema.Document, error) bool) {
			yield(schema.Document{PageContent: "Order 7: one lamp.", Metadata: map[string]any{"source": "orders/7"}}, nil)
		}
	})
	docs, err := index.Join(loaders.FS(files), rows).Load(context.Background())
	for _, d := range docs {
		fmt.Println(d.Metadata["source"], d.PageContent)
	}
	fmt.Println(err)
	// Output:
	// returns.md A lamp can be returned within 30 days.
	// orders/7 Order 7: one lamp.
	// <nil>
}

// The chunk's id is its text's and its metadata's, so that a store that is given the ids
// holds it once.
func ExampleChunkID() {
	ctx := context.Background()
	embedder, err := embeddings.NewEmbedder(embeddings.EmbedderClientFunc(
		func(_ context.Context, texts []string) ([][]float32, error) {
			return slices.Repeat([][]float32{{1, 0}}, len(texts)), nil // yours: openai.New
		}))
	if err != nil {
		log.Fatal(err)
	}
	store, err := chromem.New(chromem.WithEmbedder(embedder), chromem.WithIDs(index.ChunkID))
	if err != nil {
		log.Fatal(err)
	}
	chunk := schema.Document{PageContent: "A lamp.", Metadata: map[string]any{index.ChunkIDKey: "c1"}}
	for range 2 {
		ids, err := store.AddDocuments(ctx, []schema.Document{chunk})
		fmt.Println(ids, store.Count(), err)
	}
	// Output:
	// [c1] 1 <nil>
	// [c1] 1 <nil>
}
