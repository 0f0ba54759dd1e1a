// SPDX-License-Identifier: Apache-2.0

package vectorstore_test

import (
	"context"
	"fmt"
	"os"

	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/internal/storetest"
	"github.com/spanloom/spanloom/retrieval"
	"github.com/spanloom/spanloom/vectorstore"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

// exampleHandler returns a Handler whose spans printTree prints.
func exampleHandler() (handler *callbacks.Handler, printTree func()) {
	spans := &spantree.Recorder{}
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		panic(err)
	}
	return handler, func() {
		fmt.Print(spantree.Render(spans.Spans(), spantree.Options{Attributes: []attribute.Key{
			"db.operation.batch.size", "gen_ai.retrieval.top_k", "spanloom.retrieval.filtered", "db.response.returned_rows",
		}}))
	}
}

// Upsert documents with ids and metadata, and query them with a limit and a
// metadata filter, as one does with Pinecone.
func ExampleWrap_upsert() {
	ctx := context.Background()
	handler, printTree := exampleHandler()
	embedder := retrieval.WrapEmbedder(&storetest.Embedder{}, handler, retrieval.WithModel("words"))

	inner, err := chromem.New(chromem.WithEmbedder(embedder), chromem.WithCollection("articles"),
		chromem.WithIDs(func(d schema.Document) string { return fmt.Sprint(d.Metadata["id"]) }))
	if err != nil {
		fmt.Println(err)
		return
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
		fmt.Println(err)
		return
	}
	for _, d := range found {
		fmt.Println(d.Metadata["id"], d.PageContent)
	}
	printTree()
	// Output:
	// upserted [a1 a2 a3] <nil>
	// upserted [a1] <nil>
	// a1 how traces really work
	// a2 how metrics work
	// add articles  db.operation.batch.size=3
	// └─ embeddings words
	// add articles
	// └─ embeddings words
	// search articles  gen_ai.retrieval.top_k=5  spanloom.retrieval.filtered=true  db.response.returned_rows=2
	// └─ embeddings words
}

// Get or create a collection, add to it and query it, as one does with Chroma.
func ExampleWrap_getOrCreate() {
	ctx := context.Background()
	handler, printTree := exampleHandler()
	embedder := retrieval.WrapEmbedder(&storetest.Embedder{}, handler, retrieval.WithModel("words"))
	dir, err := os.MkdirTemp("", "index")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()

	// A collection comes into being with its first document.
	getOrCreate := func(name string) *chromem.Store {
		s, err := chromem.New(chromem.WithEmbedder(embedder), chromem.WithPersistence(dir), chromem.WithCollection(name))
		if err != nil {
			panic(err)
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
		fmt.Println(err)
		return
	}
	for _, d := range found {
		fmt.Println(d.Metadata["source"], d.PageContent)
	}
	printTree()
	// Output:
	// added 2 <nil>
	// traces.md spans have parents
	// metrics.md histograms have buckets
	// add notes  db.operation.batch.size=2
	// └─ embeddings words
	// search notes  gen_ai.retrieval.top_k=5  db.response.returned_rows=2
	// └─ embeddings words
}
