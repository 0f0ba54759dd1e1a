// SPDX-License-Identifier: Apache-2.0

package providers

// Store declares a package of langchaingo's with a vector store. Paths of fields
// are written as in [Client].
type Store struct {
	// System is the value of db.system.name.
	System string
	// Address is the field with a URL, a host or a connection string, and Port the
	// port where none is written. A server behind another client than these is
	// known only if the program names it.
	Address string
	Port    int
	// Connection is the field with a pgx.Conn or a pool of them, which counts if
	// Address is empty.
	Connection string
	// NameSpaceIsCollection is set if vectorstores.WithNameSpace selects another
	// collection. In other stores it selects a part of the collection.
	NameSpaceIsCollection bool
	// NotCollection is a field in CollectionFields that holds something else.
	NotCollection string
}

// Chromem is the System of this library's own store.
const Chromem = "chromem"

// Stores has the stores by the path below github.com/tmc/langchaingo/.
var Stores = map[string]Store{
	"vectorstores/alloydb":               {System: "postgresql"},
	"vectorstores/azureaisearch":         {System: "azure.ai.search", Address: "azureAISearchEndpoint", Port: 443, NameSpaceIsCollection: true},
	"vectorstores/bedrockknowledgebases": {System: "aws.bedrock"},
	// What its constructor calls a name space is the collection. That of a call
	// is a filter on the metadata.
	"vectorstores/chroma":      {System: "chroma", Address: "chromaURL", Port: 8000},
	"vectorstores/cloudsql":    {System: "postgresql"},
	"vectorstores/dolt":        {System: "dolt", Address: "connURL", Port: 3306, NameSpaceIsCollection: true},
	"vectorstores/mariadb":     {System: "mariadb", Address: "connURL", Port: 3306, NameSpaceIsCollection: true},
	"vectorstores/milvus":      {System: "milvus"},
	"vectorstores/milvus/v2":   {System: "milvus"},
	"vectorstores/mongovector": {System: "mongodb"},
	"vectorstores/opensearch":  {System: "opensearch", NameSpaceIsCollection: true},
	"vectorstores/pgvector":    {System: "postgresql", Address: "connURL", Port: 5432, Connection: "conn", NameSpaceIsCollection: true},
	// Its name space is a part of an index that the store does not know.
	"vectorstores/pinecone":    {System: "pinecone", Address: "host", Port: 443, NotCollection: "nameSpace"},
	"vectorstores/qdrant":      {System: "qdrant", Address: "qdrantURL", Port: 6333},
	"vectorstores/redisvector": {System: "redis", Address: "redisURL", Port: 6379},
	"vectorstores/weaviate":    {System: "weaviate", Address: "host", Port: 443},
}

// CollectionFields may hold the collection, in whichever store. The first that
// is not empty counts.
var CollectionFields = []string{
	"collectionName", "collection", "coll.name", "tableName", "indexName", "nameSpace", "namespace", "knowledgeBaseID",
	"databaseName", // what MariaDB's and Dolt's stores call a collection
}
