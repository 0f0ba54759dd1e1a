// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/metrics"
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
	// Choice says what a model named in a call's options does.
	Choice Choice
	// client is langchaingo's package.
	client string
}

// Choice is what llms.WithModel does to a call.
type Choice uint8

// The choices. Clients that ignore the option send their own model whatever it
// says; Ernie's asks for the option only if it has no model of its own.
const (
	ChoiceOption Choice = iota
	ChoiceOwnFirst
	ChoiceOwn
)

// RequestModel is the model that a call asks for, or "".
func (t *Target) RequestModel(option string) string {
	switch {
	case t.Choice == ChoiceOwn, t.Choice == ChoiceOwnFirst && t.Model != "", option == "":
		return t.Model
	}
	return option
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
	"llms/cohere":      {"cohere", "client.model", "", "client.baseURL"},
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

// choices are the clients that do not send the model of a call's options.
var choices = map[string]Choice{
	"llms/huggingface": ChoiceOwn, "llms/cloudflare": ChoiceOwn, "llms/cohere": ChoiceOwn, "llms/watsonx": ChoiceOwn,
	"googleai/palm": ChoiceOwn, "llms/local": ChoiceOwn, "llms/ernie": ChoiceOwnFirst,
}

// fallbacks go over the wire when no model is set anywhere.
var fallbacks = map[string]string{
	"llms/openai":    "gpt-3.5-turbo",
	"llms/anthropic": "claude-3-5-sonnet-20240620",
}

// embeddingFallbacks are those of embeddings. Mistral's client has no field for
// another one.
var embeddingFallbacks = map[string]string{
	"llms/openai":  "text-embedding-ada-002",
	"llms/mistral": "mistral-embed",
}

const azureOpenAI = "azure.ai.openai"

// compatible maps hosts that speak OpenAI's protocol to their own names.
var compatible = map[string]string{
	"api.deepseek.com": "deepseek", "api.groq.com": "groq", "api.perplexity.ai": "perplexity",
	"openrouter.ai": "openrouter", "api.x.ai": "x_ai", "api.mistral.ai": "mistral_ai",
	"api.moonshot.cn": "moonshot_ai", "api.moonshot.ai": "moonshot_ai",
}

// ModelTarget describes an llms.Model; langchaingo's cache is seen through to the
// model inside.
func ModelTarget(m any) Target {
	v := innermost(reflect.ValueOf(m))
	pkg := packageOfValue(v)
	p, ok := providers[pkg]
	if !ok {
		return Target{Provider: Unknown}
	}
	t := p.target(v, p.model)
	t.Choice, t.client = choices[pkg], pkg
	// Where the field is not found, upstream has renamed it, and says something
	// else perhaps.
	if t.Model == "" && field(v, p.model).IsValid() {
		t.Model = fallbacks[pkg]
	}
	return t
}

// EmbedderTarget describes an embeddings.Embedder or EmbedderClient;
// langchaingo's EmbedderImpl is seen through to its client.
func EmbedderTarget(e any) Target {
	v := innermost(reflect.ValueOf(e))
	pkg := packageOfValue(v)
	p, ok := providers[pkg]
	if !ok {
		return Target{Provider: Unknown}
	}
	t := p.target(v, p.embeddingModel)
	// As above; and a deployment of Azure's is of a model that the client does not
	// know, whatever it sends.
	if t.Model == "" && t.Provider != azureOpenAI && (p.embeddingModel == "" || field(v, p.embeddingModel).IsValid()) {
		t.Model = embeddingFallbacks[pkg]
	}
	return t
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
		return azureOpenAI
	}
	if name, ok := compatible[t.ServerAddress]; ok {
		return name
	}
	return "openai"
}

func (t *Target) setServer(v reflect.Value) {
	u, err := url.Parse(location(v))
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

// CallIsGenerate reports whether the model's Call is known to be
// GenerateContent with one text message. Mistral's takes another road, and of
// types that are not langchaingo's nobody knows.
func CallIsGenerate(m any) bool {
	pkg := packageOf(m)
	_, known := providers[pkg]
	return pkg == cachePackage || known && pkg != "llms/mistral" && pkg != "llms/fake"
}

// Incomplete reports whether a response that came without an error shows that
// it is not the whole. Several clients return what they have when a stream
// breaks off, without a finish reason; others return nothing at all, also when
// the server failed, or forget what they streamed.
func (t *Target) Incomplete(res *llms.ContentResponse, u metrics.Usage, streaming bool) bool {
	switch t.client {
	case "llms/openai":
		// Some servers that speak the protocol tell no reason; usage comes last.
		return streaming && u.IsZero() && !FinishReasons(res).Valid()
	case "llms/googleai", "googleai/vertex", "llms/mistral", "llms/bedrock":
		return streaming && !FinishReasons(res).Valid()
	case "llms/ollama", "llms/maritaca":
		return u.IsZero() && isEmpty(res)
	}
	return false
}

func isEmpty(res *llms.ContentResponse) bool {
	for _, c := range res.Choices {
		if c != nil && (c.Content != "" || c.ReasoningContent != "" || len(c.ToolCalls) > 0 || c.FuncCall != nil) {
			return false
		}
	}
	return true
}
