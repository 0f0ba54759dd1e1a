// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"reflect"

	"github.com/tmc/langchaingo/vectorstores"
)

// systems names the database behind langchaingo's store packages, and the
// fields that may hold the collection.
var systems = map[string]string{
	"vectorstores/alloydb": "postgresql", "vectorstores/cloudsql": "postgresql", "vectorstores/pgvector": "postgresql",
	"vectorstores/azureaisearch": "azure.ai.search", "vectorstores/bedrockknowledgebases": "aws.bedrock",
	"vectorstores/chroma": "chroma", "vectorstores/dolt": "dolt", "vectorstores/mariadb": "mariadb",
	"vectorstores/milvus": "milvus", "milvus/v2": "milvus", "vectorstores/mongovector": "mongodb",
	"vectorstores/opensearch": "opensearch", "vectorstores/pinecone": "pinecone", "vectorstores/qdrant": "qdrant",
	"vectorstores/redisvector": "redis", "vectorstores/weaviate": "weaviate",
}

var collectionFields = []string{
	"collectionName", "collection", "coll.name", "tableName", "indexName", "nameSpace", "namespace", "knowledgeBaseID",
	"databaseName",      // what MariaDB's and Dolt's stores call a collection
	"target.Collection", // of this library's wrapper
}

// addresses are the fields that hold a URL, a host or a connection string, with
// the port that is meant where none is written. A server behind another client
// than these is known only if the program names it.
var addresses = map[string]struct {
	field string
	port  int
}{
	"vectorstores/azureaisearch": {"azureAISearchEndpoint", 443},
	"vectorstores/chroma":        {"chromaURL", 8000},
	"vectorstores/dolt":          {"connURL", 3306},
	"vectorstores/mariadb":       {"connURL", 3306},
	"vectorstores/pgvector":      {"connURL", 5432},
	"vectorstores/pinecone":      {"host", 443},
	"vectorstores/qdrant":        {"qdrantURL", 6333},
	"vectorstores/redisvector":   {"redisURL", 6379},
	"vectorstores/weaviate":      {"host", 443},
}

// StoreTarget is what a vector store tells about itself. Fields that could not
// be found are empty.
type StoreTarget struct {
	System, Collection string
	ServerAddress      string
	ServerPort         int
}

// Store describes a vector store of langchaingo's, or one that has methods
// System and Collection.
func Store(s any) (t StoreTarget) {
	// A nil pointer of a type that answers panics when asked; the user's call
	// will, too, but not here.
	defer func() { _ = recover() }()
	pkg, v := packageOf(s), reflect.ValueOf(s)
	t.System = systems[pkg]
	if at, ok := addresses[pkg]; ok {
		where := location(field(v, at.field))
		if scheme := text(field(v, "scheme")); scheme != "" && where != "" { // Weaviate's
			where = scheme + "://" + where
		}
		t.ServerAddress, t.ServerPort = endpoint(where, at.port)
	}
	if pkg == "vectorstores/pgvector" && t.ServerAddress == "" {
		t.ServerAddress, t.ServerPort = postgres(field(v, "conn"))
	}
	if named, ok := s.(interface{ System() string }); ok {
		t.System = named.System()
	}
	if named, ok := s.(interface{ Collection() string }); ok {
		t.Collection = named.Collection()
		return t
	}
	for _, f := range collectionFields {
		if c := text(field(v, f)); c != "" {
			t.Collection = c
			break
		}
	}
	return t
}

// postgres reads the address out of a pgx.Conn or a pool of them.
func postgres(conn reflect.Value) (string, int) {
	for _, path := range []string{"config", "config.ConnConfig"} {
		host, port := field(conn, path+".Host"), field(conn, path+".Port")
		if text(host) != "" && port.CanUint() {
			return text(host), int(port.Uint())
		}
	}
	return "", 0
}

// RetrieverSource names what a retriever reads from: the collection of the
// store inside langchaingo's vectorstores.Retriever, or "".
func RetrieverSource(r any) string {
	switch r.(type) {
	case vectorstores.Retriever, *vectorstores.Retriever:
	default:
		if named, ok := r.(interface{ Collection() string }); ok {
			return named.Collection()
		}
		return ""
	}
	store := field(reflect.ValueOf(r), "v")
	if store.Kind() == reflect.Interface {
		store = store.Elem()
	}
	for _, f := range collectionFields {
		if c := text(field(store, f)); c != "" {
			return c
		}
	}
	return ""
}

// RetrieverTopK is the number of documents langchaingo's vectorstores.Retriever
// asks for, or 0.
func RetrieverTopK(r any) int {
	switch r.(type) {
	case vectorstores.Retriever, *vectorstores.Retriever:
		if n := field(reflect.ValueOf(r), "numDocs"); n.CanInt() {
			return int(n.Int())
		}
	}
	return 0
}
