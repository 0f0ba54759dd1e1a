// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"net/url"
	"reflect"
	"strings"

	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/internal/providers"
	"github.com/spanloom/spanloom/metrics"
)

// Unknown is the provider name of a model whose type is not known.
const Unknown = "unknown"

// Target describes the service behind a model or an embedder. Fields that could
// not be found are empty: nothing is guessed.
type Target struct {
	Provider      string
	Model         string
	ServerAddress string
	ServerPort    int
	// ModelOption is what a model named in a call's options does.
	ModelOption providers.ModelOption

	truncation providers.Truncation
}

// RequestModel is the model that a call with this llms.WithModel asks for, or "".
func (t *Target) RequestModel(option string) string {
	switch {
	case option == "", t.ModelOption == providers.ModelOptionIgnored, t.ModelOption == providers.ModelOptionFallback && t.Model != "":
		return t.Model
	}
	return option
}

// ModelTarget describes an llms.Model, or the one in langchaingo's cache.
func ModelTarget(m any) Target {
	v, c := clientOf(m)
	t := newTarget(&c, v, c.Model)
	t.ModelOption, t.truncation = c.ModelOption, c.Truncation
	// If upstream has renamed the field, a model may be set all the same.
	if t.Model == "" && field(v, c.Model).IsValid() {
		t.Model = c.DefaultModel
	}
	return t
}

// EmbedderTarget describes an embeddings.Embedder or EmbedderClient, or the client
// in langchaingo's EmbedderImpl.
func EmbedderTarget(e any) Target {
	v, c := clientOf(e)
	t := newTarget(&c, v, c.EmbeddingModel)
	if t.Model == "" && t.Provider != providers.Azure && (c.EmbeddingModel == "" || field(v, c.EmbeddingModel).IsValid()) {
		t.Model = c.DefaultEmbeddingModel
	}
	return t
}

// clientOf returns the client in v, and what is declared of it.
func clientOf(v any) (reflect.Value, providers.Client) {
	client := innermost(reflect.ValueOf(v))
	c, ok := providers.ClientOf(packageOfValue(client))
	if !ok {
		c.Provider = Unknown
	}
	return client, c
}

// FuncTarget names the provider by a function's full name, such as
// "github.com/tmc/langchaingo/llms/openai.(*LLM).GenerateContent". A Handler
// without wrappers has nothing else.
func FuncTarget(function string) Target {
	if path, ok := strings.CutPrefix(function, langchaingo); ok {
		slash := strings.LastIndex(path, "/") + 1
		if dot := strings.Index(path[slash:], "."); dot >= 0 {
			if c, ok := providers.ClientOf(path[:slash+dot]); ok {
				return Target{Provider: c.Provider}
			}
		}
	}
	return Target{Provider: Unknown}
}

func newTarget(c *providers.Client, v reflect.Value, model string) Target {
	t := Target{Provider: c.Provider, Model: text(field(v, model))}
	if u, err := url.Parse(location(field(v, c.BaseURL))); err == nil && u.Hostname() != "" {
		t.ServerAddress, t.ServerPort = u.Hostname(), PortOf(u)
	}
	if c.APIType != "" {
		t.Provider = providers.Compatible(t.ServerAddress, text(field(v, c.APIType)))
	}
	return t
}

// CallIsGenerate reports whether the model's Call is known to be GenerateContent
// with one text message.
func CallIsGenerate(m any) bool {
	c, known := providers.ClientOf(packageOf(m))
	return IsCache(m) || known && !c.CallDiffers
}

// Incomplete reports whether a response without an error is known to be cut off.
// Several clients return what they have when a stream breaks off; others return
// nothing, also when the server failed.
func (t *Target) Incomplete(res *llms.ContentResponse, u metrics.Usage, streaming bool) bool {
	switch t.truncation {
	case providers.TruncationNoReasonNoUsage:
		return streaming && u.IsZero() && !FinishReasons(res).Valid()
	case providers.TruncationNoReason:
		return streaming && !FinishReasons(res).Valid()
	case providers.TruncationEmpty:
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
