// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/tmc/langchaingo/vectorstores"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/spantree"
	"github.com/spanloom/spanloom/retrieval"
	"github.com/spanloom/spanloom/retrieval/index"
	"github.com/spanloom/spanloom/retrieval/loaders"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

// exampleHandler returns a Handler whose spans printTree prints.
func exampleHandler() (handler *callbacks.Handler, printTree func()) {
	spans := &spantree.Recorder{}
	handler, err := callbacks.NewHandler(callbacks.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
	if err != nil {
		panic(err)
	}
	return handler, func() { fmt.Print(spantree.Render(spans.Spans(), spantree.Options{})); spans.Reset() }
}

// A folder of documents is indexed, and asked. With chromem.WithPersistence the
// index outlives the program, and the next run embeds only what has changed.
func Example() {
	ctx := context.Background()
	handler, printTree := exampleHandler()
	embedder, llm := &oteltest.Embedder{}, &oteltest.Model{} // Yours: openai.New, ollama.New, ...

	store, err := chromem.New(
		chromem.WithEmbedder(retrieval.WrapEmbedder(embedder, handler)),
		chromem.WithCollection("handbook"),
		chromem.WithIDs(index.ChunkID),
	)
	if err != nil {
		panic(err)
	}
	idx, err := index.New(handler, index.WithStore(store), index.WithLLM(llm))
	if err != nil {
		panic(err)
	}

	files := fstest.MapFS{ // With real files: loaders.Folder("./handbook").
		"returns.md":       {Data: []byte("# Returns\n\nA lamp can be returned within 30 days.")},
		"lamps/prices.csv": {Data: []byte("lamp,price\ndesk,40\nfloor,90\n")},
		"lamps/care.html":  {Data: []byte("<h1>Care</h1><p>Wipe it with a dry cloth.</p>")},
	}
	report, err := idx.Sync(ctx, loaders.FS(files))
	fmt.Println(report.Documents, "documents,", report.Added, "chunks embedded,", err)
	printTree()

	files["returns.md"].Data = []byte("# Returns\n\nA lamp can be returned within 14 days.")
	delete(files, "lamps/care.html")
	report, err = idx.Sync(ctx, loaders.FS(files))
	fmt.Println(report.Added, "embedded,", report.Unchanged, "unchanged,", report.Deleted, "deleted,", err)
	printTree()

	answer, err := idx.Query(ctx, "Can I return a lamp?")
	fmt.Println(answer.Text, len(answer.Sources), "sources,", err)
	printTree()
	// Output:
	// 4 documents, 4 chunks embedded, <nil>
	// invoke_workflow ingest
	// ├─ list handbook
	// ├─ execute_task load
	// └─ add handbook
	//    └─ embeddings
	// 1 embedded, 2 unchanged, 2 deleted, <nil>
	// invoke_workflow ingest
	// ├─ list handbook
	// ├─ execute_task load
	// ├─ add handbook
	// │  └─ embeddings
	// └─ delete handbook
	// ok 3 sources, <nil>
	// invoke_workflow query
	// ├─ retrieval handbook
	// │  └─ search handbook
	// │     └─ embeddings
	// └─ execute_task answer
	//    └─ chat
}

// queryable is what the example needs of a database.
type queryable interface {
	Each(ctx context.Context, query string, row func(id string, metadata map[string]any) bool) error
	Exec(ctx context.Context, query string, ids []string) error
}

// listedStore adds to langchaingo's pgvector store what an index asks for.
type listedStore struct {
	vectorstores.VectorStore
	db queryable
}

func (s listedStore) List(ctx context.Context, yield func(string, map[string]any) bool, _ ...vectorstores.Option) error {
	return s.db.Each(ctx, "SELECT e.uuid, e.cmetadata FROM langchain_pg_embedding e "+
		"JOIN langchain_pg_collection c ON e.collection_id = c.uuid WHERE c.name = 'handbook'", yield)
}

func (s listedStore) Delete(ctx context.Context, ids []string, _ ...vectorstores.Option) error {
	return s.db.Exec(ctx, "DELETE FROM langchain_pg_embedding WHERE uuid = ANY($1)", ids)
}

// langchaingo's stores cannot say what they hold. With two methods more, an index
// embeds only what is new, and deletes what is gone.
func ExampleLister() {
	var store vectorstores.VectorStore = &oteltest.Store{} // Yours: pgvector.New.
	var db queryable                                       // Yours: a pool of connections.
	_, err := index.New(nil, index.WithStore(listedStore{store, db}))
	fmt.Println(err)
	// Output: <nil>
}
