// SPDX-License-Identifier: Apache-2.0

package genai

import "reflect"

// systems names the database behind langchaingo's store packages.
var systems = map[string]string{
	"vectorstores/alloydb": "postgresql", "vectorstores/cloudsql": "postgresql", "vectorstores/pgvector": "postgresql",
	"vectorstores/azureaisearch": "azure.ai.search", "vectorstores/bedrockknowledgebases": "aws.bedrock",
	"vectorstores/chroma": "chroma", "vectorstores/dolt": "dolt", "vectorstores/mariadb": "mariadb",
	"vectorstores/milvus": "milvus", "milvus/v2": "milvus", "vectorstores/mongovector": "mongodb",
	"vectorstores/opensearch": "opensearch", "vectorstores/pinecone": "pinecone", "vectorstores/qdrant": "qdrant",
	"vectorstores/redisvector": "redis", "vectorstores/weaviate": "weaviate",
}

// chromem is what this library's own store calls itself.
const chromem = "chromem"

// bySpace are the stores in which vectorstores.WithNameSpace selects another
// collection than the store's own. In the others it is a part of the collection:
// what Chroma's constructor calls a name space is the collection, but that of a
// call is a filter on the metadata.
var bySpace = map[string]bool{
	"vectorstores/azureaisearch": true, "vectorstores/dolt": true, "vectorstores/mariadb": true,
	"vectorstores/opensearch": true, "vectorstores/pgvector": true,
}

// collectionFields may hold the collection, in whichever store.
var collectionFields = []string{
	"collectionName", "collection", "coll.name", "tableName", "indexName", "nameSpace", "namespace", "knowledgeBaseID",
	"databaseName", // what MariaDB's and Dolt's stores call a collection
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
	// bySpace is set if a call's name space is a collection, and stated if the
	// program has named the collection.
	bySpace, stated bool
}

// State sets the collection as the program names it.
func (t *StoreTarget) State(collection string) {
	t.Collection, t.stated = collection, true
}

// Store describes a vector store of langchaingo's, one that has methods System
// and Collection, or one that this library has wrapped.
func Store(s any) (t StoreTarget) {
	// A nil pointer of a type that answers panics when asked; the user's call
	// will, too, but not here.
	defer func() { _ = recover() }()
	if w, ok := s.(interface{ StoreTarget() StoreTarget }); ok {
		return w.StoreTarget()
	}
	pkg, v := packageOf(s), reflect.ValueOf(s)
	t.System, t.bySpace = systems[pkg], bySpace[pkg]
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
		if t.System = named.System(); t.System == chromem {
			t.bySpace = true
		}
	}
	if named, ok := s.(interface{ Collection() string }); ok {
		t.Collection = named.Collection()
		return t
	}
	for _, f := range collectionFields {
		if f == "nameSpace" && pkg == "vectorstores/pinecone" {
			continue // a part of an index that its store does not know
		}
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
