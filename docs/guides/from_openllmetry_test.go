// SPDX-License-Identifier: Apache-2.0

package guides_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/openai"
	"github.com/tmc/langchaingo/prompts"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom"
	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/examples/gettingstarted/fakeopenai"
	"github.com/spanloom/spanloom/metrics"
	"github.com/spanloom/spanloom/metrics/alert"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/privacy"
	"github.com/spanloom/spanloom/retrieval/index"
	"github.com/spanloom/spanloom/retrieval/loaders"
	"github.com/spanloom/spanloom/vectorstore"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

func production(ctx context.Context) (shutdown func(context.Context) error) {
	shutdown, err := spanloom.Init(ctx,
		spanloom.WithServiceName("llm-app"), spanloom.WithServiceVersion("1.0.0"), spanloom.WithDeploymentEnvironment("production"),
		spanloom.WithBatching(spanloom.Batching{QueueSize: 2048, BatchSize: 512, Delay: 500 * time.Millisecond, Timeout: 30 * time.Second}))
	if err != nil {
		log.Print(err) // names what is wrong; all else works
	}
	return shutdown
}

func honeycomb(ctx context.Context) (func(context.Context) error, error) {
	return spanloom.Init(ctx, spanloom.WithEndpoint("https://api.honeycomb.io"),
		spanloom.WithHeaders(map[string]string{"x-honeycomb-team": os.Getenv("HONEYCOMB_API_KEY"), "x-honeycomb-dataset": "llm-traces"}))
}

func reliable() (llms.Model, *callbacks.Handler, error) {
	prices, err := metrics.NewPrices(metrics.Price{Model: "house-model", Input: 1, Output: 2}) // dollars per million tokens
	if err != nil {
		return nil, nil, err
	}
	monitor := alert.NewMonitor(alert.WithErrorRate(0.1, 10), alert.WithMeanLatency(5*time.Second), alert.WithSpend(100))
	handler, err := callbacks.NewHandler(callbacks.WithObserver(monitor),
		callbacks.WithContent(privacy.Redact), callbacks.WithPrices(prices.Or(metrics.DefaultPrices())))
	if err != nil {
		return nil, nil, err
	}
	client, err := openai.New(openai.WithHTTPClient(&http.Client{Transport: models.NewTransport(nil)}))
	if err != nil {
		return nil, nil, err
	}
	return models.Wrap(models.Retry(client, models.WithMaxAttempts(3)), handler), handler, nil
}

func documents(ctx context.Context, handler *callbacks.Handler, client embeddings.EmbedderClient) (vectorstores.VectorStore, error) {
	embedder, err := embeddings.NewEmbedder(client)
	if err != nil {
		return nil, err
	}
	store, err := chromem.New(chromem.WithEmbedder(embedder), chromem.WithCollection("articles"))
	if err != nil {
		return nil, err
	}
	traced := vectorstore.Wrap(store, handler)
	if _, err := traced.AddDocuments(ctx, []schema.Document{{PageContent: "Each lamp has two years of warranty."}}); err != nil {
		return nil, err
	}
	_, err = traced.SimilaritySearch(ctx, "How long is the warranty?", 5)
	return traced, err
}

func folder(ctx context.Context, handler *callbacks.Handler, llm llms.Model, store vectorstores.VectorStore, question string) (string, error) {
	docs, err := index.New(handler, index.WithStore(store))
	if err != nil {
		return "", err
	}
	if _, err := docs.Add(ctx, loaders.Folder("./docs")); err != nil {
		return "", err
	}
	qa := chains.Instrument(lcchains.NewRetrievalQAFromLLM(llm, docs.Retriever()), handler)
	return lcchains.Run(ctx, qa, question)
}

func Example_fromOpenLLMetry() {
	handler, printTree := recorded()
	ctx, client := context.Background(), openAI()
	llm := models.Wrap(client, handler)

	explain := prompts.NewPromptTemplate("Outline an article about {{.topic}}.", []string{"topic"})
	chain := chains.Instrument(lcchains.NewLLMChain(llm, explain), handler)
	summary, err := chains.Workflow(ctx, handler, "document_analysis_pipeline", func(ctx context.Context) (string, error) {
		return chains.Task(ctx, handler, "text_summarization", func(ctx context.Context) (string, error) {
			trace.SpanFromContext(ctx).SetAttributes(attribute.String("customer.id", "c-7"))
			return lcchains.Run(ctx, chain, "lamps", lcchains.WithTemperature(0.7))
		})
	})
	fmt.Println(summary, err)

	printTree()
	// Output:
	// 1. Light 2. Shade <nil>
	// invoke_workflow document_analysis_pipeline
	// └─ execute_task text_summarization
	//    └─ execute_task LLMChain
	//       └─ chat gpt-4o-mini  5 → 4 tokens  $0.000003
}

// The functions that no Example calls do what they say.
func TestFromOpenLLMetry(t *testing.T) {
	t.Setenv("OTEL_TRACES_EXPORTER", "none")
	t.Setenv("OTEL_METRICS_EXPORTER", "none")
	t.Setenv("OPENAI_API_KEY", "none")
	assert.NoError(t, production(t.Context())(t.Context()))
	_ = honeycomb // is compiled, and not run: tests use no network
	_, handler, err := reliable()
	assert.NoError(t, err)
	client, err := fakeopenai.New(openai.WithModel("gpt-4o-mini"))
	assert.NoError(t, err)
	store, err := documents(t.Context(), handler, client)
	assert.NoError(t, err)
	t.Chdir(t.TempDir())
	assert.NoError(t, os.Mkdir("docs", 0o700))
	assert.NoError(t, os.WriteFile("docs/lamp.md", []byte("Each lamp has two years of warranty."), 0o600))
	answer, err := folder(t.Context(), handler, models.Wrap(client, handler), store, "How long is the warranty?")
	assert.NoError(t, err)
	assert.Equal(t, "Two years.", answer)
}
