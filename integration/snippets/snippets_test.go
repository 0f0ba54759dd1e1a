// SPDX-License-Identifier: Apache-2.0

package snippets_test

import (
	"context"
	"errors"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/internal/semconv"
	"github.com/spanloom/spanloom/internal/storetest"
	"github.com/spanloom/spanloom/vectorstore"
)

const page = "../../docs/stores.md"

// TestPageIsCode: each block of Go on the page is a function of this folder, and
// each such function is on the page.
func TestPageIsCode(t *testing.T) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	var blocks []string
	for _, m := range regexp.MustCompile("(?s)```go\n(.*?)\n```").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, m[1])
	}
	var functions []string
	for _, pattern := range []string{"*_test.go", "testdata/heavy/*.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			functions = append(functions, exported(t, file)...)
		}
	}
	assert.ElementsMatch(t, functions, blocks)
}

// exported returns the functions that are no tests, without their comments.
func exported(t *testing.T, file string) []string {
	t.Helper()
	src, err := os.ReadFile(file)
	require.NoError(t, err)
	formatted, err := format.Source(src)
	require.NoError(t, err)
	assert.Equal(t, string(formatted), string(src), "%s: gofmt does not see testdata", file)
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, src, parser.SkipObjectResolution)
	require.NoError(t, err)
	var functions []string
	for _, d := range parsed.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.IsExported() && !regexp.MustCompile("^Test").MatchString(f.Name.Name) {
			functions = append(functions, string(src[set.Position(f.Pos()).Offset:set.Position(f.End()).Offset]))
		}
	}
	return functions
}

// TestLinks finds links to files that are not there.
func TestLinks(t *testing.T) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`\]\(([^):]+)\)`).FindAllStringSubmatch(string(text), -1) {
		_, err := os.Stat(filepath.Join(filepath.Dir(page), m[1]))
		assert.NoError(t, err, "%s links to %s", page, m[1])
	}
}

var errNoModel = errors.New("no embedding, so that nothing is sent")

// TestSeen looks at the span of each store that can be made without a server.
func TestSeen(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(chromaServer))
	t.Cleanup(server.Close)
	local, err := url.Parse(server.URL)
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		open                                    func(embeddings.Embedder, *callbacks.Handler) (vectorstores.VectorStore, error)
		span, system, collection, address, port string
	}{
		"chroma": {
			func(e embeddings.Embedder, h *callbacks.Handler) (vectorstores.VectorStore, error) {
				return Chroma(e, h, server.URL)
			}, "search articles", "chroma", "articles", local.Hostname(), local.Port(),
		},
		"qdrant": {
			func(e embeddings.Embedder, h *callbacks.Handler) (vectorstores.VectorStore, error) {
				return Qdrant(e, h, url.URL{Scheme: "http", Host: "qdrant.internal:6333"})
			}, "search articles", "qdrant", "articles", "qdrant.internal", "6333",
		},
		"opensearch": {
			func(e embeddings.Embedder, h *callbacks.Handler) (vectorstores.VectorStore, error) {
				return OpenSearch(e, h, "opensearch.internal", 9200)
			}, "search articles", "opensearch", "articles", "opensearch.internal", "9200",
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := oteltest.New(t)
			s, err := tc.open(&storetest.Embedder{Fail: func(context.Context, string) error { return errNoModel }}, k.Handler)
			require.NoError(t, err)
			_, err = s.SimilaritySearch(t.Context(), "query", 3)
			require.ErrorIs(t, err, errNoModel)
			for key, want := range map[attribute.Key]string{
				semconv.DBSystemName: tc.system, semconv.DBCollectionName: tc.collection,
				semconv.ServerAddress: tc.address, semconv.ServerPort: tc.port,
			} {
				assert.Equal(t, want, oteltest.Value(k.Span(t, tc.span), key), key)
			}
		})
	}
}

// chromaServer answers as much as it takes to open a collection.
func chromaServer(w http.ResponseWriter, r *http.Request) {
	answer := `{"nanosecond heartbeat": 1}`
	switch r.URL.Path {
	case "/api/v1/version":
		answer = `"0.5.0"`
	case "/api/v1/pre-flight-checks":
		answer = `{"max_batch_size": 100}`
	case "/api/v1/collections":
		answer = `{"id": "8ecf0f7e-e806-47f8-96a1-4732ef42359e", "name": "articles", "metadata": {}}`
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, answer)
}

// A call to Pinecone cannot be tried: its client dials without a context and waits
// until somebody answers.
func TestPineconeIsNamed(t *testing.T) {
	s, err := Pinecone(&storetest.Embedder{}, oteltest.New(t).Handler, "articles-1.svc.pinecone.io", "key")
	require.NoError(t, err)
	named, ok := s.(interface {
		System() string
		Collection() string
	})
	require.True(t, ok)
	assert.Equal(t, "pinecone", named.System())
	assert.Equal(t, "articles", named.Collection())
}

// What the page says of stores that answer otherwise than one expects.

func TestOpenSearchHidesErrors(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/" { // the client asks what it talks to
			_, _ = io.WriteString(w, `{"version": {"number": "1.3.0", "distribution": "opensearch"}}`)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"error": {"type": "index_not_found_exception"}, "status": 404}`)
	}))
	t.Cleanup(server.Close)
	k := oteltest.New(t)
	u, err := url.Parse(server.URL)
	require.NoError(t, err)
	port, err := strconv.Atoi(u.Port())
	require.NoError(t, err)
	s, err := OpenSearch(&storetest.Embedder{}, k.Handler, u.Hostname(), port)
	require.NoError(t, err)

	ids, err := s.AddDocuments(t.Context(), []schema.Document{{PageContent: "lost"}}, vectorstores.WithNameSpace("articles"))
	require.NoError(t, err)
	assert.Len(t, ids, 1)
	found, err := s.SimilaritySearch(t.Context(), "query", 3, vectorstores.WithNameSpace("articles"))
	require.NoError(t, err)
	assert.Empty(t, found)
	assert.Equal(t, "0", oteltest.Value(k.Span(t, "search articles"), semconv.DBReturnedRows))
	assert.Equal(t, "articles", oteltest.Value(k.Span(t, "search articles"), semconv.DBCollectionName))
	assert.Contains(t, k.Metrics(t), "spanloom.retrieval.empty")
}

func TestChromaRefusesEmbedders(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(chromaServer))
	t.Cleanup(server.Close)
	s, err := Chroma(&storetest.Embedder{}, oteltest.New(t).Handler, server.URL)
	require.NoError(t, err)
	_, err = s.SimilaritySearch(t.Context(), "query", 3, vectorstores.WithEmbedder(&storetest.Embedder{}))
	assert.Error(t, err)
}

// TestQueries asks each store as the page does. Those that can be reached without
// a server of their own are, and the filter must be in what they are sent.
func TestQueries(t *testing.T) {
	for name, tc := range map[string]struct {
		open    func(t *testing.T, address url.URL, e embeddings.Embedder, h *callbacks.Handler) (vectorstores.VectorStore, error)
		query   func(context.Context, vectorstores.VectorStore) ([]schema.Document, error)
		span    string
		sent    []string // to a store that can be reached
		filters any      // given to one in memory, in place of the others
	}{
		"pinecone": {query: QueryPinecone, span: "search", filters: map[string]any{"lang": "en", "year": map[string]any{"$gte": 2025}}},
		"redis":    {query: QueryRedis, span: "search", filters: "@lang:(en) @year:[2025 +inf]"},
		"pgvector": {query: QueryPGVector, span: "search", filters: map[string]any{"lang": "en"}},
		"chroma": {
			open: func(_ *testing.T, u url.URL, e embeddings.Embedder, h *callbacks.Handler) (vectorstores.VectorStore, error) {
				return Chroma(e, h, u.String())
			},
			query: QueryChroma, span: "search articles",
			sent: []string{`"lang":"de"`, `"$and":[{"lang":"en"},{"year":{"$gte":2025}}]`, `"n_results":5`},
		},
		"qdrant": {
			open: func(_ *testing.T, u url.URL, e embeddings.Embedder, h *callbacks.Handler) (vectorstores.VectorStore, error) {
				return Qdrant(e, h, u)
			},
			query: QueryQdrant, span: "search articles",
			sent: []string{`"lang":"de"`, `"filter":{"must":[{"key":"lang","match":{"value":"en"}},{"key":"year","range":{"gte":2025}}]}`, `"limit":5`},
		},
		"opensearch": {
			open: func(t *testing.T, u url.URL, e embeddings.Embedder, h *callbacks.Handler) (vectorstores.VectorStore, error) {
				t.Helper()
				port, err := strconv.Atoi(u.Port())
				require.NoError(t, err)
				return OpenSearch(e, h, u.Hostname(), port)
			},
			query: QueryOpenSearch, span: "search articles", sent: []string{`"lang":"de"`, `"k":5`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := oteltest.New(t)
			var sent sentTexts
			server := httptest.NewServer(http.HandlerFunc(sent.serve))
			t.Cleanup(server.Close)
			address, err := url.Parse(server.URL)
			require.NoError(t, err)
			memory := &oteltest.Store{}
			store := vectorstore.Wrap(memory, k.Handler)
			if tc.open != nil {
				store, err = tc.open(t, *address, &storetest.Embedder{}, k.Handler)
				require.NoError(t, err)
			}
			_, err = tc.query(t.Context(), store)
			require.NoError(t, err)
			assert.Equal(t, "5", oteltest.Value(k.Span(t, tc.span), semconv.RetrievalTopK))
			assert.Equal(t, tc.filters, memory.Options.Filters)
			for _, part := range tc.sent {
				assert.Contains(t, strings.ReplaceAll(sent.all(), " ", ""), part)
			}
		})
	}
}

// sentTexts is a server that keeps what it is sent, and answers as much as it
// takes to go on.
type sentTexts struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *sentTexts) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *sentTexts) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.text.Write(body)
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	answer := `{"result": []}`
	switch {
	case r.URL.Path == "/":
		answer = `{"version": {"number": "1.3.0", "distribution": "opensearch"}}`
	case strings.HasSuffix(r.URL.Path, "/query"):
		answer = `{"ids": [[]], "documents": [[]], "metadatas": [[]], "distances": [[]]}`
	case strings.HasSuffix(r.URL.Path, "/add"):
		w.WriteHeader(http.StatusCreated)
		answer = `true`
	case strings.HasPrefix(r.URL.Path, "/api/"):
		chromaServer(w, r)
		return
	}
	_, _ = io.WriteString(w, answer)
}
