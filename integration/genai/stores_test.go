// SPDX-License-Identifier: Apache-2.0

package genai_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"github.com/tmc/langchaingo/vectorstores/azureaisearch"
	"github.com/tmc/langchaingo/vectorstores/chroma"
	"github.com/tmc/langchaingo/vectorstores/opensearch"
	"github.com/tmc/langchaingo/vectorstores/pgvector"
	"github.com/tmc/langchaingo/vectorstores/pinecone"
	"github.com/tmc/langchaingo/vectorstores/qdrant"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/genai"
	"github.com/spanloom/spanloom/internal/semconv"
)

type userStore struct {
	vectorstores.VectorStore
	tableName string
}

type tellingStore struct{ vectorstores.VectorStore }

func (tellingStore) System() string     { return "memory" }
func (tellingStore) Collection() string { return "notes" }

type userRetriever struct{ schema.Retriever }

func TestStore(t *testing.T) {
	q, err := qdrant.New(qdrant.WithURL(url.URL{Scheme: "http", Host: "h"}), qdrant.WithCollectionName("docs"), qdrant.WithEmbedder(&embeddings.EmbedderImpl{}))
	require.NoError(t, err)
	tests := []struct {
		name, system, collection, reason string
		store                            any
	}{
		{"langchaingo's", "qdrant", "docs", "", q},
		{"pointer", "qdrant", "docs", "", &q},
		{"telling", "memory", "notes", "a store may say it itself, and our own wrapper does", tellingStore{}},
		{"user's", "", "t", "the system of a user's type is not guessed", userStore{tableName: "t"}},
		{"nothing", "", "", "", nil},
	}
	for _, tt := range tests {
		got := genai.Store(tt.store)
		assert.Equal(t, []string{tt.system, tt.collection}, []string{got.System, got.Collection}, "%s, reason: %s", tt.name, tt.reason)
	}
	got := genai.Store(q)
	assert.Equal(t, "h", got.ServerAddress)
	assert.Equal(t, 80, got.ServerPort)
}

func TestRetriever(t *testing.T) {
	r := vectorstores.ToRetriever(userStore{tableName: "t"}, 7)
	tests := []struct {
		name, source, reason string
		topK                 int
		retriever            any
	}{
		{"of a store", "t", "", 7, r},
		{"pointer", "t", "", 7, &r},
		{"user's", "", "", 0, userRetriever{}},
		{"of nothing", "", "", 0, vectorstores.Retriever{}},
		{"nil pointer", "", "", 0, (*vectorstores.Retriever)(nil)},
		{"of a name space that is a collection, which may be a tenant's", "", "", 2, inNameSpace(opensearch.Store{}, "tickets")},
		{"of a name space that may be anything", "t", "", 2, inNameSpace(userStore{tableName: "t"}, "tickets")},
		{"of an option that panics", "t", "", 2, vectorstores.ToRetriever(userStore{tableName: "t"}, 2, nil)},
		{"telling", "notes", "", 0, tellingStore{}},
	}
	for _, tt := range tests {
		assert.Equal(t, genai.RetrieverTarget{Source: tt.source, TopK: tt.topK}, genai.Retriever(tt.retriever), "%s, reason: %s", tt.name, tt.reason)
	}
}

func inNameSpace(s vectorstores.VectorStore, name string) vectorstores.Retriever {
	return vectorstores.ToRetriever(s, 2, vectorstores.WithNameSpace(name))
}

// A name space is often a tenant's: it names no span, and is no label.
func TestNameSpaces(t *testing.T) {
	cone, err := pinecone.New(pinecone.WithHost("h"), pinecone.WithAPIKey("k"), pinecone.WithNameSpace("default"), pinecone.WithEmbedder(&embeddings.EmbedderImpl{}))
	require.NoError(t, err)
	stated := genai.Store(opensearch.Store{})
	stated.SetCollection("articles")
	own := genai.Store(pgvector.Store{})
	own.Collection = "tickets"
	for _, tt := range []struct {
		name                     string
		target                   genai.StoreTarget
		named, collection, space string
	}{
		{"chromem's", genai.Store(chromemStore{}), "", "tickets", ""},
		{"opensearch, whose store has no collection", genai.Store(opensearch.Store{}), "", "tickets", ""},
		{"azure, a pointer", genai.Store(&azureaisearch.Store{}), "", "tickets", ""},
		{"pgvector", genai.Store(pgvector.Store{}), "", "tickets", ""},
		{"a collection that the program has stated", stated, "articles", "tickets", ""},
		{"the store's own collection", own, "tickets", "tickets", ""},
		{"pinecone, a part of the index", genai.Store(cone), "", "", "tickets"},
		{"chroma, which filters by it", genai.Store(chroma.Store{}), "", "", "tickets"},
		{"a user's", genai.Store(tellingStore{}), "notes", "", "tickets"},
		{"one that was wrapped", genai.Store(wrappedStore{target: genai.Store(pgvector.Store{})}), "", "tickets", ""},
	} {
		value := func(kv []attribute.KeyValue, key attribute.Key) (v string) {
			for _, a := range kv {
				if a.Key == key {
					v = a.Value.String()
				}
			}
			return v
		}
		clean := func(s string) string { return s }
		start, later := tt.target.Append(nil, "tickets"), tt.target.AppendNameSpace(nil, "tickets", clean)
		assert.Equal(t, []string{tt.named, ""}, []string{value(start, semconv.DBCollectionName), value(start, semconv.DBNamespace)}, tt.name)
		assert.Equal(t, []string{tt.collection, tt.space}, []string{value(later, semconv.DBCollectionName), value(later, semconv.DBNamespace)}, tt.name)
		assert.Empty(t, tt.target.AppendNameSpace(nil, "", clean), tt.name)
	}
}

type chromemStore struct{ vectorstores.VectorStore }

func (chromemStore) System() string     { return "chromem" }
func (chromemStore) Collection() string { return "notes" }

type wrappedStore struct {
	vectorstores.VectorStore
	target genai.StoreTarget
}

func (s wrappedStore) StoreTarget() genai.StoreTarget { return s.target }
