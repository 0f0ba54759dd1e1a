// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/documentloaders"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/textsplitter"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/privacy"
	"github.com/spanloom/spanloom/retrieval"
	"github.com/spanloom/spanloom/retrieval/index"
	"github.com/spanloom/spanloom/vectorstore"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

func TestIndex(t *testing.T) {
	k := oteltest.New(t)
	store, err := chromem.New(chromem.WithEmbedder(&oteltest.Embedder{}))
	require.NoError(t, err)
	var progress []string
	x, err := index.New(k.Handler, index.WithStore(store), index.WithLLM(&oteltest.Model{}),
		index.WithSplitter(textsplitter.NewRecursiveCharacter(textsplitter.WithChunkSize(4), textsplitter.WithChunkOverlap(0))),
		index.WithBatchSize(2), index.WithTopK(2), index.WithConcurrency(1), nil,
		index.WithProgress(func(done, total int) { progress = append(progress, fmt.Sprintf("%d/%d", done, total)) }))
	require.NoError(t, err)

	r, err := x.Add(t.Context(), documentloaders.NewText(strings.NewReader("aa bbb cccc")))
	require.NoError(t, err)
	assert.Equal(t, 3, r.Added)
	assert.Equal(t, []string{"2/3", "3/3"}, progress)
	a, err := x.Query(t.Context(), "aa?")
	require.NoError(t, err)
	assert.Equal(t, "ok", a.Text)
	require.Len(t, a.Sources, 2)
	assert.Len(t, index.ChunkID(a.Sources[0]), 32)
}

// ingestKeys are what the golden tree shows of an ingest.
var ingestKeys = []attribute.Key{
	"spanloom.index.documents", "spanloom.index.sources", "spanloom.index.sources_skipped", "spanloom.index.sources_failed",
	"spanloom.index.chunks_added", "spanloom.index.chunks_unchanged", "spanloom.index.chunks_deleted", "spanloom.index.wait",
	"db.operation.batch.size", "db.response.returned_rows", "spanloom.embeddings.batch_size", "error.type",
}

func TestGoldenIngest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := oteltest.New(t)
		embedder := &oteltest.Embedder{Latency: 100 * time.Millisecond}
		store, err := chromem.New(chromem.WithEmbedder(retrieval.WrapEmbedder(embedder, k.Handler, retrieval.WithModel("e1"))), chromem.WithCollection("notes"))
		require.NoError(t, err)
		x, err := index.New(k.Handler, index.WithStore(store), index.WithLLM(&oteltest.Model{Latency: time.Second}),
			index.WithSplitter(lines{}), index.WithBatchSize(3), index.WithConcurrency(2))
		require.NoError(t, err)

		_, err = x.Add(t.Context(), slowly(texts{"a": "1\n2\n3\n4", "b": "5\n6\n7\n8"}))
		require.NoError(t, err)
		_, err = x.Query(t.Context(), "1?")
		require.NoError(t, err)
		_, err = x.Sync(t.Context(), slowly(texts{"a": "1\n2\n3\nvier", "c": "!broken"}))
		require.Error(t, err)
		embedder.Err = errors.New("quota")
		_, err = x.Add(t.Context(), slowly(texts{"d": "9"}))
		require.Error(t, err)
		oteltest.Golden(t, "ingest", k.Tree(ingestKeys...))
	})
}

// slowly loads a document in 10 ms, so that spans do not begin at one instant.
func slowly(l index.Streamer) index.Loader {
	return index.LoaderFunc(func(ctx context.Context) iter.Seq2[schema.Document, error] {
		return func(yield func(schema.Document, error) bool) {
			for d, err := range l.Documents(ctx) {
				oteltest.Sleep(ctx, 10*time.Millisecond)
				if !yield(d, err) {
					return
				}
			}
		}
	})
}

func TestIndexKeepsWhatWasStoredBeforeAnError(t *testing.T) {
	k := oteltest.New(t)
	store := &oteltest.Store{Err: errors.New("full")}
	x, err := index.New(k.Handler, index.WithStore(vectorstore.Wrap(store, k.Handler)))
	require.NoError(t, err)
	r, err := x.Add(t.Context(), documentloaders.NewText(strings.NewReader("text")))
	require.ErrorIs(t, err, store.Err)
	assert.Zero(t, r.Added)
	assert.EqualError(t, err, "index: store batch 1, chunks 1 to 1: full; 0 chunks are stored")
	_, err = x.Query(t.Context(), "q")
	assert.ErrorContains(t, err, "WithLLM")
}

func TestNewIndexErrors(t *testing.T) {
	for _, opts := range [][]index.Option{
		nil,
		{index.WithStore(&oteltest.Store{}), index.WithTopK(0)},
		{index.WithStore(&oteltest.Store{}), index.WithBatchSize(-1)},
		{index.WithStore(&oteltest.Store{}), index.WithConcurrency(0)},
	} {
		_, err := index.New(nil, opts...)
		assert.ErrorContains(t, err, "use")
	}
}

// TestNilHandler: an index that is not observed does the same.
func TestNilHandler(t *testing.T) {
	store, err := chromem.New(chromem.WithEmbedder(&oteltest.Embedder{}))
	require.NoError(t, err)
	x, err := index.New(nil, index.WithStore(store), index.WithLLM(&oteltest.Model{}))
	require.NoError(t, err)
	for range 2 {
		r, err := x.Sync(t.Context(), texts{"a": "text"})
		require.NoError(t, err)
		assert.Equal(t, 1, r.Added+r.Unchanged)
	}
	assert.Equal(t, 1, store.Count())
	a, err := x.Query(t.Context(), "q")
	require.NoError(t, err)
	assert.Len(t, a.Sources, 1)
}

func TestNothingFound(t *testing.T) {
	k := oteltest.New(t)
	x, err := index.New(k.Handler, index.WithStore(&remote{}), index.WithLLM(&oteltest.Model{}), index.WithNameSpace("tenant"))
	require.NoError(t, err)
	a, err := x.Query(t.Context(), "q")
	require.NoError(t, err)
	assert.Equal(t, index.Answer{Text: "ok"}, a)
	assert.Equal(t, "0", oteltest.Value(k.Span(t, "retrieval"), "spanloom.retrieval.document_count"))
	assert.Equal(t, "tenant", oteltest.Value(k.Span(t, "search"), "db.namespace"))
}

// TestOptionsOfAQuery: those of the index come first, so that the caller's win.
func TestOptionsOfAQuery(t *testing.T) {
	k := oteltest.New(t)
	s := &remote{docs: map[string]schema.Document{"1": document("a", "text")}}
	x, err := index.New(k.Handler, index.WithStore(s), index.WithLLM(&oteltest.Model{}), index.WithNameSpace("tenant"), index.WithTopK(3))
	require.NoError(t, err)
	filter := map[string]any{"lang": "en"}
	for name, ask := range map[string]func(...vectorstores.Option) ([]schema.Document, error){
		"Query": func(o ...vectorstores.Option) ([]schema.Document, error) {
			a, err := x.Query(t.Context(), "q", o...)
			return a.Sources, err
		},
		"Retriever": func(o ...vectorstores.Option) ([]schema.Document, error) {
			return x.Retriever(o...).GetRelevantDocuments(t.Context(), "q")
		},
	} {
		t.Run(name, func(t *testing.T) {
			k.Spans.Reset()
			found, err := ask(vectorstores.WithFilters(filter), vectorstores.WithScoreThreshold(0.5))
			require.NoError(t, err)
			assert.Len(t, found, 1)
			assert.Equal(t, vectorstores.Options{NameSpace: "tenant", ScoreThreshold: 0.5, Filters: filter}, s.options)
			assert.Equal(t, "3", oteltest.Value(k.Span(t, "retrieval"), "gen_ai.retrieval.top_k"))
			_, err = ask(vectorstores.WithNameSpace("other"))
			require.NoError(t, err)
			assert.Equal(t, vectorstores.Options{NameSpace: "other"}, s.options)
			_, err = ask()
			require.NoError(t, err)
			assert.Equal(t, vectorstores.Options{NameSpace: "tenant"}, s.options, "one call's options are not another's")
		})
	}
}

// TestRetrieverOfAnIndex: it needs no model, and serves langchaingo's chains.
func TestRetrieverOfAnIndex(t *testing.T) {
	for _, k := range []*oteltest.Kit{oteltest.New(t), {}} { // observed and not
		x, err := index.New(k.Handler, index.WithStore(&remote{docs: map[string]schema.Document{"1": document("a", "text")}}))
		require.NoError(t, err)
		chain := lcchains.NewRetrievalQAFromLLM(&oteltest.Model{}, x.Retriever())
		answer, err := lcchains.Run(t.Context(), chain, "q")
		require.NoError(t, err)
		assert.Equal(t, "ok", answer)
		if k.Handler != nil {
			assert.Equal(t, "1", oteltest.Value(k.Span(t, "retrieval"), "spanloom.retrieval.document_count"))
		}
	}
}

func TestQueryErrors(t *testing.T) {
	k := oteltest.New(t)
	down := errors.New("down")
	for _, opts := range [][]index.Option{
		{index.WithStore(&oteltest.Store{Err: down}), index.WithLLM(&oteltest.Model{})},
		{index.WithStore(&oteltest.Store{}), index.WithLLM(failingModel(down))},
	} {
		x, err := index.New(k.Handler, opts...)
		require.NoError(t, err)
		a, err := x.Query(t.Context(), "q")
		require.ErrorIs(t, err, down)
		assert.Zero(t, a)
	}
}

// TestOddInput is what must neither fail nor end the program.
func TestOddInput(t *testing.T) {
	k := oteltest.New(t)
	store, err := chromem.New(chromem.WithEmbedder(&oteltest.Embedder{}))
	require.NoError(t, err)
	x, err := index.New(k.Handler, index.WithStore(store))
	require.NoError(t, err)
	huge := strings.Repeat(strings.Repeat("كلمة قصيرة ", 30)+"\n\n", 3000) // 2 MB
	odd := map[string]any{"source": 7, "page": []any{1, "2"}}
	for _, tc := range []struct {
		name string
		l    index.Loader
		want int
	}{
		{"no documents", list{}, 0},
		{"empty documents", list{{}, {PageContent: " \n\t"}}, 0},
		{"no metadata", list{{PageContent: "x"}}, 1},
		{"a source that is no text", list{{PageContent: "y", Metadata: odd}}, 1},
		{"right to left", list{document("مرحبا.md", "السلام عليكم")}, 1},
		{"a huge document", list{document("huge", huge)}, 3000},
	} {
		r, err := x.Add(t.Context(), tc.l)
		require.NoError(t, err, tc.name)
		assert.Equal(t, tc.want, r.Added, tc.name)
		r, err = x.Add(t.Context(), tc.l)
		require.NoError(t, err, tc.name)
		assert.Zero(t, r.Added, tc.name)
	}
	_, err = x.Add(t.Context(), nil)
	require.ErrorContains(t, err, "loader is nil")
}

// TestMetadataThatJSONCannotHold: its source fails, others are stored.
func TestMetadataThatJSONCannotHold(t *testing.T) {
	s := &remote{}
	x, err := index.New(oteltest.New(t).Handler, index.WithStore(s))
	require.NoError(t, err)
	loop := map[string]any{"source": "loop"}
	loop["self"] = loop
	r, err := x.Add(t.Context(), list{{PageContent: "x", Metadata: loop}, document("a", "a1")})
	require.ErrorContains(t, err, "loop: metadata that JSON cannot hold")
	assert.Len(t, r.Failed, 1)
	assert.Equal(t, []string{"a: a1"}, s.held())
}

// TestIDsStayTheSame: a change of the ids would embed everything again.
func TestIDsStayTheSame(t *testing.T) {
	s := &remote{}
	x, err := index.New(nil, index.WithStore(s), index.WithSplitter(lines{}), index.WithConcurrency(1))
	require.NoError(t, err)
	_, err = x.Add(t.Context(), list{document("b", "b1"), document("سعر.md", "مرحبا")})
	require.NoError(t, err)
	assert.Equal(t, "984f6c0b4a8240fa7778926ff41777c2", index.ChunkID(s.docs["id-1"]))
	assert.Equal(t, "5e06e26118878f2603ab5eed796e7339", index.ChunkID(s.docs["id-2"]))
}

func TestNoEmbedder(t *testing.T) {
	store, err := chromem.New()
	require.NoError(t, err)
	x, err := index.New(oteltest.New(t).Handler, index.WithStore(store))
	require.NoError(t, err)
	_, err = x.Add(t.Context(), texts{"a": "a1"})
	assert.ErrorIs(t, err, chromem.ErrNoEmbedder)
}

func TestSplitterError(t *testing.T) {
	bad := errors.New("no vocabulary")
	x, err := index.New(oteltest.New(t).Handler, index.WithStore(&remote{}),
		index.WithSplitter(splitterFunc(func(string) ([]string, error) { return nil, bad })))
	require.NoError(t, err)
	_, err = x.Add(t.Context(), texts{"a.md": "a1"})
	require.ErrorIs(t, err, bad)
	assert.EqualError(t, err, "index: split document 1 (a.md): no vocabulary; 0 chunks are stored")
}

// TestNamesStayOut: names of sources are the users' own, like content, and must
// not reach a backend by way of an error.
func TestNamesStayOut(t *testing.T) {
	const canary = "canary-name-7f3a"
	for _, tc := range []struct {
		name string
		l    index.Loader
		opts []index.Option
	}{
		{"a file that cannot be read", texts{canary: "!broken", "b": "x"}, nil},
		{"a batch that fails", texts{canary: "x"}, []index.Option{index.WithStore(&oteltest.Store{Err: errors.New("full")})}},
		{"a splitter that fails", texts{canary: "x"}, []index.Option{index.WithSplitter(splitterFunc(func(string) ([]string, error) { return nil, errors.New("bad") }))}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k := oteltest.New(t, callbacks.WithContent(privacy.None))
			x, err := index.New(k.Handler, append([]index.Option{index.WithStore(&listing{})}, tc.opts...)...)
			require.NoError(t, err)
			_, err = x.Add(t.Context(), tc.l)
			require.ErrorContains(t, err, canary, "the caller must know")
			assert.NotContains(t, k.Emitted(t), canary)
			assert.Contains(t, k.Tree(), "ERROR")
		})
	}
}

func failingModel(err error) *oteltest.Model {
	return &oteltest.Model{Respond: func(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
		return nil, err
	}}
}
