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
	"databaseName", // what MariaDB's and Dolt's stores call a collection
}

// Store describes a vector store: db.system.name, or "" when the type is not
// one of langchaingo's and does not say it itself, and the collection.
func Store(s any) (system, collection string) {
	// A nil pointer of a type that answers panics when asked; the user's call
	// will, too, but not here.
	defer func() { _ = recover() }()
	if named, ok := s.(interface{ System() string }); ok {
		system = named.System()
	} else {
		system = systems[packageOf(s)]
	}
	if named, ok := s.(interface{ Collection() string }); ok {
		return system, named.Collection()
	}
	v := reflect.ValueOf(s)
	for _, f := range collectionFields {
		if c := text(field(v, f)); c != "" {
			return system, c
		}
	}
	return system, ""
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
