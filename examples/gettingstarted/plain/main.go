// SPDX-License-Identifier: Apache-2.0

// Four requests to a model. docs/getting-started.md has this program without and with traces.
package main

import (
	"context"
	"fmt"

	lcagents "github.com/tmc/langchaingo/agents"
	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/openai"
	"github.com/tmc/langchaingo/prompts"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/tools"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/examples/gettingstarted/fakeopenai"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

func main() {
	must(assistant(context.Background()))
}

func assistant(ctx context.Context) (string, error) {
	llm := must(fakeopenai.New(openai.WithModel("gpt-4o-mini"))) // yours: openai.New
	embedder := must(embeddings.NewEmbedder(llm))
	store := must(chromem.New(chromem.WithCollection("handbook"), chromem.WithEmbedder(embedder)))
	must(store.AddDocuments(ctx, []schema.Document{{PageContent: "Each lamp has two years of warranty."}}))

	outline := lcchains.NewLLMChain(llm, prompts.NewPromptTemplate("Outline an article about {{.subject}}.", []string{"subject"}))
	outline.OutputKey = "outline"
	article := lcchains.NewLLMChain(llm, prompts.NewPromptTemplate("Write an article: {{.outline}}", []string{"outline"}))
	sequence := must(lcchains.NewSequentialChain([]lcchains.Chain{outline, article}, []string{"subject"}, []string{"text"}))
	qa := lcchains.NewRetrievalQAFromLLM(llm, vectorstores.ToRetriever(store, 1))
	agent := lcagents.NewExecutor(lcagents.NewOneShotAgent(llm, []tools.Tool{tools.Calculator{}}))

	steps, inputs := []lcchains.Chain{sequence, qa, agent}, []string{"lamps", "How long is the warranty?", "What is 6 * 7?"}
	for i, chain := range steps {
		fmt.Println(must(lcchains.Run(ctx, chain, inputs[i])))
	}
	onChunk := func(_ context.Context, chunk []byte) error { _, err := fmt.Print(string(chunk)); return err }
	return llms.GenerateFromSinglePrompt(ctx, llm, "Say good bye.\n", llms.WithStreamingFunc(onChunk))
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
