// SPDX-License-Identifier: Apache-2.0

package vectorstore_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/retrieval"
	"github.com/spanloom/spanloom/traceview"
	"github.com/spanloom/spanloom/vectorstore"
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
	inner, err := chromem.New(chromem.WithEmbedder(embedder), chromem.WithCollection("handbook")) // yours: pgvector.New
	if err != nil {
		log.Fatal(err)
	}

	store := vectorstore.Wrap(inner, handler)
	_, added := store.AddDocuments(ctx, []schema.Document{{PageContent: "Lamps have two years of warranty."}})
	found, err := store.SimilaritySearch(ctx, "How long is the warranty?", 4)
	fmt.Println(added, len(found), err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	for _, span := range spans.Spans() {
		for _, kv := range span.Attributes() {
			switch kv.Key {
			case "db.operation.batch.size", "gen_ai.retrieval.top_k", "spanloom.retrieval.filtered", "db.response.returned_rows":
				fmt.Println(span.Name(), kv.Key, kv.Value.String())
			}
		}
	}
	// Output:
	// <nil> 1 <nil>
	// add handbook
	//
	// search handbook  1 document
	// search handbook gen_ai.retrieval.top_k 4
	// search handbook db.response.returned_rows 1
}

// The name of the collection, for a store that does not tell it.
func ExampleWithCollection() {
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
	inner, err := chromem.New(chromem.WithEmbedder(embedder))
	if err != nil {
		log.Fatal(err)
	}

	store := vectorstore.Wrap(inner, handler, vectorstore.WithCollection("handbook"))
	found, err := store.SimilaritySearch(ctx, "How long is the warranty?", 4)
	fmt.Println(len(found), err)
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// 0 <nil>
	// search handbook  0 documents
}

// Upsert documents with ids and metadata, and query them with a limit and a
// metadata filter, as one does with Pinecone.
func ExampleWrap_upsert() {
	ctx := context.Background()
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	vocabulary := []string{"how", "traces", "metrics", "work", "wie"}
	embedder, err := embeddings.NewEmbedder(embeddings.EmbedderClientFunc(
		func(_ context.Context, texts []string) ([][]float32, error) { // counts words; yours: openai.New
			vectors := make([][]float32, len(texts))
			for i, text := range texts {
				for _, word := range vocabulary {
					vectors[i] = append(vectors[i], float32(strings.Count(strings.ToLower(text), word)))
				}
			}
			return vectors, nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	inner, err := chromem.New(chromem.WithEmbedder(retrieval.WrapEmbedder(embedder, handler, retrieval.WithModel("words"))), chromem.WithCollection("articles"),
		chromem.WithIDs(func(d schema.Document) string { return fmt.Sprint(d.Metadata["id"]) }))
	if err != nil {
		log.Fatal(err)
	}
	store := vectorstore.Wrap(inner, handler)

	upsert := func(docs ...schema.Document) {
		ids, err := store.AddDocuments(ctx, docs)
		fmt.Println("upserted", ids, err)
	}
	upsert(
		schema.Document{PageContent: "how traces work", Metadata: map[string]any{"id": "a1", "lang": "en", "year": 2025}},
		schema.Document{PageContent: "how metrics work", Metadata: map[string]any{"id": "a2", "lang": "en", "year": 2026}},
		schema.Document{PageContent: "wie traces gehen", Metadata: map[string]any{"id": "a3", "lang": "de", "year": 2026}},
	)
	upsert(schema.Document{PageContent: "how traces really work", Metadata: map[string]any{"id": "a1", "lang": "en", "year": 2026}})

	found, err := store.SimilaritySearch(ctx, "how do traces work", 5,
		vectorstores.WithFilters(map[string]any{"lang": "en", "year": 2026}))
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range found {
		fmt.Println(d.Metadata["id"], d.PageContent)
	}
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// upserted [a1 a2 a3] <nil>
	// upserted [a1] <nil>
	// a1 how traces really work
	// a2 how metrics work
	// add articles
	// └─ embeddings words  3 texts
	//
	// add articles
	// └─ embeddings words  1 text
	//
	// search articles  2 documents
	// └─ embeddings words  1 text
}

// Get or create a collection, add to it and query it, as one does with Chroma.
func ExampleWrap_getOrCreate() {
	ctx := context.Background()
	spans := traceview.NewRecorder()
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		log.Print(err) // the handler works all the same
	}
	vocabulary := []string{"spans", "parents", "histograms", "buckets"}
	embedder, err := embeddings.NewEmbedder(embeddings.EmbedderClientFunc(
		func(_ context.Context, texts []string) ([][]float32, error) { // counts words; yours: openai.New
			vectors := make([][]float32, len(texts))
			for i, text := range texts {
				for _, word := range vocabulary {
					vectors[i] = append(vectors[i], float32(strings.Count(strings.ToLower(text), word)))
				}
			}
			return vectors, nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "index")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()

	// A collection comes into being with its first document.
	getOrCreate := func(name string) *chromem.Store {
		s, err := chromem.New(chromem.WithEmbedder(retrieval.WrapEmbedder(embedder, handler, retrieval.WithModel("words"))), chromem.WithPersistence(dir), chromem.WithCollection(name))
		if err != nil {
			log.Panic(err)
		}
		return s
	}

	created := getOrCreate("notes")
	_, err = vectorstore.Wrap(created, handler).AddDocuments(ctx, []schema.Document{
		{PageContent: "spans have parents", Metadata: map[string]any{"source": "traces.md"}},
		{PageContent: "histograms have buckets", Metadata: map[string]any{"source": "metrics.md"}},
	})
	fmt.Println("added", created.Count(), err)
	_ = created.Close()

	got := getOrCreate("notes")
	defer func() { _ = got.Close() }()
	found, err := vectorstore.Wrap(got, handler).SimilaritySearch(ctx, "which spans have parents", 5)
	if err != nil {
		log.Panic(err)
	}
	for _, d := range found {
		fmt.Println(d.Metadata["source"], d.PageContent)
	}
	_ = traceview.Tree(os.Stdout, spans.Spans(), traceview.WithoutTimes())
	// Output:
	// added 2 <nil>
	// traces.md spans have parents
	// metrics.md histograms have buckets
	// add notes
	// └─ embeddings words  2 texts
	//
	// search notes  2 documents
	// └─ embeddings words  1 text
}
