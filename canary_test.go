// SPDX-License-Identifier: Apache-2.0

package spanloom_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	lcagents "github.com/tmc/langchaingo/agents"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
	lctools "github.com/tmc/langchaingo/tools"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/agents"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/internal/oteltest"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/privacy"
	"github.com/spanloom/spanloom/retrieval"
	"github.com/spanloom/spanloom/vectorstore"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

// canaryIn is a secret of a form that Redact knows, named after where it was
// planted.
func canaryIn(place string) string { return "cnry." + place + "@example.com" }

// attachment hides bytes behind an interface.
type attachment struct {
	Name string
	Data any
}

// careless quotes what it was given in its error, as many servers do.
type careless struct{}

func (careless) AddDocuments(_ context.Context, docs []schema.Document, _ ...vectorstores.Option) ([]string, error) {
	return nil, fmt.Errorf("cannot store %q with %v", docs[0].PageContent, docs[0].Metadata)
}

func (careless) SimilaritySearch(_ context.Context, query string, _ int, options ...vectorstores.Option) ([]schema.Document, error) {
	var o vectorstores.Options
	for _, opt := range options {
		opt(&o)
	}
	return nil, fmt.Errorf("cannot search for %q where %v", query, o.Filters)
}

func (careless) EmbedDocuments(_ context.Context, texts []string) ([][]float32, error) {
	return nil, fmt.Errorf("text is too long: %.40s", texts[0])
}

func (careless) EmbedQuery(_ context.Context, text string) ([]float32, error) {
	return nil, errors.New("bad input: " + text)
}

func echo(text string) *oteltest.Model {
	return &oteltest.Model{Respond: func(ctx context.Context, ms []llms.MessageContent, o llms.CallOptions) (*llms.ContentResponse, error) {
		last := ms[len(ms)-1].Parts[0]
		if strings.Contains(fmt.Sprint(last), "refuse") {
			return nil, fmt.Errorf("content policy: %v", last)
		}
		if o.StreamingFunc != nil {
			for chunk := range strings.SplitAfterSeq(text, " ") {
				if err := o.StreamingFunc(ctx, []byte(chunk)); err != nil {
					return nil, err
				}
			}
		}
		return oteltest.Answer(text, 20, 5), nil
	}}
}

// everyKind does with the library what a program can, with a canary in every
// place where content is, once in calls that succeed and once in calls whose
// errors quote it.
func everyKind(t *testing.T, h *callbacks.Handler) {
	ctx := t.Context()
	docs := []schema.Document{{
		PageContent: "Ask " + canaryIn("document"),
		Metadata:    map[string]any{"owner": canaryIn("metadata"), "n": 1, canaryIn("key"): "x"},
	}}
	filter := map[string]any{"owner": canaryIn("metadata")}

	inner, err := chromem.New(chromem.WithCollection("docs"), chromem.WithEmbedder(retrieval.WrapEmbedder(&oteltest.Embedder{}, h)))
	require.NoError(t, err)
	store := vectorstore.Wrap(inner, h)
	_, err = store.AddDocuments(ctx, docs)
	require.NoError(t, err)
	retriever := vectorstores.ToRetriever(store, 1, vectorstores.WithFilters(filter))
	llm := models.Wrap(echo("It is "+canaryIn("answer")+" who knows."), h)
	for _, question := range []string{"Who knows " + canaryIn("query") + "?", "Please refuse " + canaryIn("refused")} {
		qa := chains.Instrument(lcchains.NewRetrievalQAFromLLM(llm, retriever), h)
		_, _ = lcchains.Run(ctx, qa, question, lcchains.WithStreamingFunc(func(context.Context, []byte) error { return nil }))
	}
	_, _ = llm.GenerateContent(ctx, []llms.MessageContent{
		llms.TextParts(llms.ChatMessageTypeSystem, "You serve "+canaryIn("system")),
		{Role: llms.ChatMessageTypeHuman, Parts: []llms.ContentPart{
			llms.ImageURLPart("https://example.com/" + canaryIn("image")), llms.BinaryPart("image/png", []byte(canaryIn("binary"))),
			llms.ToolCall{ID: canaryIn("name"), FunctionCall: &llms.FunctionCall{Name: canaryIn("name"), Arguments: `{"to":"` + canaryIn("call") + `"}`}},
			llms.ToolCallResponse{ToolCallID: canaryIn("name"), Content: `["` + canaryIn("response") + `"]`},
		}},
	}, llms.WithStopWords([]string{canaryIn("stop")}), llms.WithModel("model-of-"+canaryIn("name")), llms.WithTools([]llms.Tool{{
		Type: "function", Function: &llms.FunctionDefinition{Name: canaryIn("name"), Description: canaryIn("definition"), Parameters: map[string]any{"default": canaryIn("parameter")}},
	}}))
	_, _ = store.AddDocuments(ctx, docs, vectorstores.WithNameSpace(canaryIn("name")))
	_, _ = vectorstore.Wrap(&oteltest.Store{}, h, vectorstore.WithCollection(canaryIn("name"))).SimilaritySearch(ctx, canaryIn("query"), 1, vectorstores.WithNameSpace(canaryIn("name")))
	_, _ = agents.WrapTool(&oteltest.Tool{Called: canaryIn("name"), Do: func(context.Context, string) (string, error) { return "", nil }}, h).Call(ctx, "")
	_, span := h.Start(ctx, callbacks.KindRetrieval, canaryIn("name"))
	span.SetInput(map[string]any{"q": []any{struct{ Q string }{canaryIn("struct")}}})
	span.End(nil)

	bad := vectorstore.Wrap(careless{}, h, vectorstore.WithSystem("careless"))
	_, err = bad.AddDocuments(ctx, docs)
	require.ErrorContains(t, err, canaryIn("document"))
	_, err = retrieval.Wrap(vectorstores.ToRetriever(bad, 1, vectorstores.WithFilters(filter)), h).GetRelevantDocuments(ctx, canaryIn("query"))
	require.ErrorContains(t, err, canaryIn("metadata"))
	embedder := retrieval.WrapEmbedder(careless{}, h)
	_, err = embedder.EmbedDocuments(ctx, []string{canaryIn("embedded")})
	require.Error(t, err)
	_, err = embedder.EmbedQuery(ctx, canaryIn("embedded"))
	require.Error(t, err)

	_, _ = lcchains.Call(ctx, chains.Wrap(lcchains.NewTransform(func(_ context.Context, _ map[string]any, _ ...lcchains.ChainCallOption) (map[string]any, error) {
		return map[string]any{"out": attachment{"scan", []byte(canaryIn("binary"))}}, nil
	}, []string{"in"}, []string{"out"}), h), map[string]any{"in": attachment{"scan", []byte(canaryIn("binary"))}})

	tool := &oteltest.Tool{Called: "lookup", Do: func(_ context.Context, in string) (string, error) {
		if strings.Contains(in, "broken") {
			return "", errors.New("no such customer: " + in)
		}
		return "found " + canaryIn("result"), nil
	}}
	for _, says := range []string{
		"Thought: look\nAction: lookup\nAction Input: " + canaryIn("argument"),
		"Thought: look\nAction: lookup\nAction Input: broken " + canaryIn("argument"),
		"Thought: look\nAction: " + canaryIn("tool") + "\nAction Input: x",
		"Nothing that can be parsed, but " + canaryIn("thought"),
	} {
		turn := 0
		model := &oteltest.Model{Respond: func(context.Context, []llms.MessageContent, llms.CallOptions) (*llms.ContentResponse, error) {
			if turn++; turn == 1 {
				return oteltest.Answer(says, 20, 5), nil
			}
			return oteltest.Answer("Final Answer: "+canaryIn("final"), 20, 5), nil
		}}
		e := lcagents.NewExecutor(lcagents.NewOneShotAgent(model, []lctools.Tool{tool}))
		_, _ = lcchains.Run(ctx, agents.Instrument(e, h), "Find "+canaryIn("task"))

		// The same by events alone.
		turn = 0
		model.Handler = h
		e = lcagents.NewExecutor(lcagents.NewOneShotAgent(model, []lctools.Tool{tool}, lcagents.WithCallbacksHandler(h)), lcagents.WithCallbacksHandler(h))
		_, _ = lcchains.Run(ctx, e, "Find "+canaryIn("task"))
	}
	_, err = chains.Workflow(ctx, h, "flow for "+canaryIn("name"), func(ctx context.Context) (string, error) {
		return chains.Task(ctx, h, "task", func(context.Context) (string, error) {
			return "", fmt.Errorf("Get %q: EOF", "https://user:"+canaryIn("password")+"@h.test/"+canaryIn("path")+"?q="+canaryIn("url"))
		})
	})
	require.Error(t, err)
	h.Flush()
}

func TestCanaries(t *testing.T) {
	var log bytes.Buffer
	old := slog.Default()
	t.Cleanup(func() { slog.SetDefault(old) })
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))

	for name, policy := range map[string]privacy.Policy{"none": privacy.None, "redact": privacy.Redact, "hash": privacy.Hash} {
		t.Run(name, func(t *testing.T) {
			k := oteltest.New(t, callbacks.WithContent(policy))
			everyKind(t, k.Handler)
			emitted := k.Emitted(t)
			assert.NotContains(t, emitted, "cnry.")
			assert.NotContains(t, log.String(), "cnry.")
			assert.Contains(t, emitted, "execute_tool lookup")
		})
	}
	// The search finds what is there: everything but what is never recorded.
	k := oteltest.New(t, callbacks.WithContent(privacy.Verbatim), callbacks.WithToolDefinitions(true))
	everyKind(t, k.Handler)
	emitted := k.Emitted(t)
	for _, place := range []string{
		"document", "metadata", "key", "answer", "query", "refused", "system", "image", "embedded", "argument", "result", "thought", "final", "task",
		"call", "response", "stop", "definition", "parameter", "struct",
	} {
		assert.Contains(t, emitted, "cnry."+place, place)
	}
	assert.NotContains(t, emitted, canaryIn("name"), "names are cleaned whatever the policy")
	for _, bytes := range []string{canaryIn("binary"), base64.StdEncoding.EncodeToString([]byte(canaryIn("binary")))} {
		assert.NotContains(t, emitted, bytes, "binary parts are described")
	}
}
