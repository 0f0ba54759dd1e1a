// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/vectorstores"
)

// Unknown is the provider name of a model whose type tells nothing.
const Unknown = "unknown"

// Target is what a wrapped value tells about the service behind it. Fields that
// could not be found are empty: nothing is guessed.
type Target struct {
	Provider      string
	Model         string
	ServerAddress string
	ServerPort    int
}

// provider describes one of langchaingo's packages: the provider's name in the
// convention, and the paths of the (unexported) fields that hold the model and
// the base URL. Reflection reads them once, when a value is wrapped; a field
// that upstream renames is simply not found, and the test that reads upstream's
// source says so.
type provider struct{ name, model, embeddingModel, baseURL string }

var providers = map[string]provider{
	"llms/openai":      {"openai", "client.Model", "client.EmbeddingModel", "client.baseURL"},
	"llms/anthropic":   {"anthropic", "client.Model", "", "client.baseURL"},
	"llms/ollama":      {"ollama", "options.model", "options.model", "client.base"},
	"llms/googleai":    {"gcp.gemini", "opts.DefaultModel", "opts.DefaultEmbeddingModel", ""},
	"googleai/vertex":  {"gcp.vertex_ai", "opts.DefaultModel", "opts.DefaultEmbeddingModel", ""},
	"googleai/palm":    {"gcp.vertex_ai", "", "", ""},
	"llms/mistral":     {"mistral_ai", "clientOptions.model", "", "clientOptions.endpoint"},
	"llms/bedrock":     {"aws.bedrock", "modelID", "", ""},
	"llms/huggingface": {"huggingface", "client.Model", "", "client.url"},
	"llms/maritaca":    {"maritaca", "options.model", "", "client.baseURL"},
	"llms/cloudflare":  {"cloudflare", "client.modelName", "client.embeddingModelName", "client.baseURL"},
	"llms/cohere":      {"cohere", "client.model", "", ""},
	"llms/watsonx":     {"ibm.watsonx.ai", "modelID", "", ""},
	"llms/ernie":       {"ernie", "model", "", ""},
	"llms/llamafile":   {"llamafile", "", "", "client.base"},
	"llms/local":       {"local", "", "", ""},
	"llms/fake":        {"fake", "", "", ""},

	"embeddings/bedrock":     {"aws.bedrock", "", "ModelID", ""},
	"embeddings/huggingface": {"huggingface", "", "Model", "client.client.url"},
	"embeddings/jina":        {"jina", "", "Model", "APIBaseURL"},
	"embeddings/voyageai":    {"voyageai", "", "Model", "baseURL"},
	"embeddings/cybertron":   {"cybertron", "", "Model", ""},
}

// compatible maps hosts that speak OpenAI's protocol to their own names.
var compatible = map[string]string{
	"api.deepseek.com": "deepseek", "api.groq.com": "groq", "api.perplexity.ai": "perplexity",
	"openrouter.ai": "openrouter", "api.x.ai": "x_ai", "api.mistral.ai": "mistral_ai",
	"api.moonshot.cn": "moonshot_ai", "api.moonshot.ai": "moonshot_ai",
}

// ModelTarget describes an llms.Model.
func ModelTarget(m any) Target {
	p, ok := providers[packageOf(m)]
	if !ok {
		return Target{Provider: Unknown}
	}
	return p.target(reflect.ValueOf(m), p.model)
}

// EmbedderTarget describes an embeddings.Embedder or EmbedderClient;
// langchaingo's EmbedderImpl is seen through to its client.
func EmbedderTarget(e any) Target {
	rv := reflect.ValueOf(e)
	if _, ok := e.(*embeddings.EmbedderImpl); ok {
		rv = field(rv, "client")
		if rv.Kind() == reflect.Interface {
			rv = rv.Elem()
		}
	}
	if !rv.IsValid() {
		return Target{Provider: Unknown}
	}
	p, ok := providers[packageOfType(rv.Type())]
	if !ok {
		return Target{Provider: Unknown}
	}
	return p.target(rv, p.embeddingModel)
}

// FuncTarget names the provider from a function's full name, such as
// "github.com/tmc/langchaingo/llms/openai.(*LLM).GenerateContent": what a
// Handler without wrappers has to go by.
func FuncTarget(function string) Target {
	i := strings.LastIndex(function, "/")
	if i < 0 {
		return Target{Provider: Unknown}
	}
	dot := strings.Index(function[i:], ".")
	if dot < 0 || !strings.HasPrefix(function, langchaingo) {
		return Target{Provider: Unknown}
	}
	p, ok := providers[lastTwo(function[:i+dot])]
	if !ok {
		return Target{Provider: Unknown}
	}
	return Target{Provider: p.name}
}

func (p provider) target(v reflect.Value, model string) Target {
	t := Target{Provider: p.name, Model: text(field(v, model))}
	t.setServer(field(v, p.baseURL))
	if p.name == "openai" {
		t.Provider = t.behindOpenAI(text(field(v, "client.apiType")))
	}
	return t
}

// behindOpenAI names the service that OpenAI's client talks to.
func (t *Target) behindOpenAI(apiType string) string {
	if strings.HasPrefix(apiType, "AZURE") || strings.HasSuffix(t.ServerAddress, ".openai.azure.com") {
		return "azure.ai.openai"
	}
	if name, ok := compatible[t.ServerAddress]; ok {
		return name
	}
	return "openai"
}

func (t *Target) setServer(v reflect.Value) {
	// Ollama keeps a *url.URL, whose fields are exported but were reached
	// through unexported ones: they can be read, not turned into an interface.
	raw := text(v)
	if v = indirect(v); v.IsValid() && v.Type() == reflect.TypeFor[url.URL]() {
		raw = v.FieldByName("Scheme").String() + "://" + v.FieldByName("Host").String()
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return
	}
	t.ServerAddress = u.Hostname()
	t.ServerPort = PortOf(u)
}

// PortOf returns the port of a URL, the default one of its scheme included.
func PortOf(u *url.URL) int {
	if n, err := strconv.Atoi(u.Port()); err == nil {
		return n
	}
	if u.Scheme == "http" {
		return 80
	}
	return 443
}

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

// IsNilPointer reports whether v is a nil pointer in an interface: asking it, or
// copying what it points to, panics. The user's call will, too, but wrapping
// must not.
func IsNilPointer(v any) bool {
	rv := reflect.ValueOf(v)
	return rv.Kind() == reflect.Pointer && rv.IsNil()
}

// TypeName is the name of a value's type without package and pointer, the
// default name of chains, agents and retrievers.
func TypeName(v any) string {
	t := reflect.TypeOf(v)
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil {
		return ""
	}
	name, _, _ := strings.Cut(t.Name(), "[")
	return name
}

const langchaingo = "github.com/tmc/langchaingo/"

func packageOf(v any) string {
	if v == nil {
		return ""
	}
	return packageOfType(reflect.TypeOf(v))
}

func packageOfType(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if !strings.HasPrefix(t.PkgPath(), langchaingo) {
		return ""
	}
	return lastTwo(t.PkgPath())
}

func lastTwo(path string) string {
	parts := strings.Split(path, "/")
	if len(parts) < 2 {
		return path
	}
	return strings.Join(parts[len(parts)-2:], "/")
}

// field follows a dotted path of struct fields, through pointers and
// interfaces. What is not there is the zero Value.
func field(v reflect.Value, path string) reflect.Value {
	for name := range strings.SplitSeq(path, ".") {
		v = indirect(v)
		if !v.IsValid() || v.Kind() != reflect.Struct {
			return reflect.Value{}
		}
		v = v.FieldByName(name)
	}
	return v
}

func indirect(v reflect.Value) reflect.Value {
	for v.IsValid() && (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) {
		v = v.Elem()
	}
	return v
}

// text reads a string even from an unexported field, where Interface would
// panic.
func text(v reflect.Value) string {
	if v = indirect(v); v.IsValid() && v.Kind() == reflect.String {
		return v.String()
	}
	return ""
}

// CallIsGenerate reports whether the model's Call is known to be
// GenerateContent with one text message. Mistral's takes another road, and of
// types that are not langchaingo's nobody knows.
func CallIsGenerate(m any) bool {
	pkg := packageOf(m)
	_, known := providers[pkg]
	return known && pkg != "llms/mistral" && pkg != "llms/fake"
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
