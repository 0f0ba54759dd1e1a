// SPDX-License-Identifier: Apache-2.0

// Command copied is a program around a copy of examples/rag/pipeline.go.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms/fake"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/retrieval/loaders"
)

func main() {
	ctx := context.Background()
	handler, err := callbacks.NewHandler()
	check(err)
	llm := fake.NewFakeLLM([]string{"Two years."})
	p, err := NewPipeline(handler, Config{LLM: llm, Embedder: lengths{}})
	check(err)
	defer func() { check(p.Close()) }()
	report, err := p.Ingest(ctx, loaders.Folder(os.Args[1]))
	check(err)
	answer, err := p.Ask(ctx, "How long is the warranty?")
	check(err)
	fmt.Println(report.Documents, "documents:", answer.Text, len(answer.Sources), "sources")
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// lengths is an embedder by the length of a text: put openai.New's here.
type lengths struct{ embeddings.Embedder }

func (lengths) EmbedDocuments(_ context.Context, texts []string) ([][]float32, error) {
	vectors := make([][]float32, len(texts))
	for i, t := range texts {
		vectors[i] = []float32{1, float32(len(t))}
	}
	return vectors, nil
}

func (lengths) EmbedQuery(_ context.Context, t string) ([]float32, error) {
	return []float32{1, float32(len(t))}, nil
}
