// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"

	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/textsplitter"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/retrieval"
	"github.com/spanloom/spanloom/retrieval/index"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

// Config is what a [Pipeline] is made of. A model that is wrapped already stays
// as it is.
type Config struct {
	LLM      llms.Model
	Embedder embeddings.Embedder
	// Folder keeps the embedded documents. Default: they are in memory only.
	Folder string
	// TopK is the number of chunks that a question is answered from. Default: 4.
	TopK int
}

// Pipeline answers questions from documents, and records all that it does. It is
// safe for concurrent use.
type Pipeline struct {
	handler *callbacks.Handler
	store   *chromem.Store
	index   *index.Index
	qa      lcchains.Chain
}

// NewPipeline returns a pipeline whose spans go to h.
func NewPipeline(h *callbacks.Handler, c Config) (*Pipeline, error) {
	options := []chromem.Option{
		chromem.WithEmbedder(retrieval.WrapEmbedder(c.Embedder, h)),
		chromem.WithCollection("docs"),
		chromem.WithIDs(index.ChunkID),
	}
	if c.Folder != "" {
		options = append(options, chromem.WithPersistence(c.Folder))
	}
	store, err := chromem.New(options...)
	if err != nil {
		return nil, err
	}
	// Markdown is cut at its headings where that is possible, else at paragraphs.
	splitter := textsplitter.NewRecursiveCharacter(
		textsplitter.WithChunkSize(900), textsplitter.WithChunkOverlap(100), textsplitter.WithKeepSeparator(true),
		textsplitter.WithSeparators([]string{"\n# ", "\n## ", "\n### ", "\n\n", "\n", " ", ""}))
	x, err := index.New(h, index.WithStore(store), index.WithSplitter(splitter), index.WithTopK(cmp.Or(c.TopK, 4)))
	if err != nil {
		return nil, err
	}
	qa := lcchains.NewRetrievalQAFromLLM(models.Wrap(c.LLM, h), x.Retriever())
	qa.ReturnSourceDocuments = true
	return &Pipeline{handler: h, store: store, index: x, qa: chains.Instrument(qa, h)}, nil
}

// Stored is the number of chunks that the pipeline can answer from.
func (p *Pipeline) Stored() int { return p.store.Count() }

// Ingest embeds and stores what is new in the documents, in a trace of its own.
// The loader is one of package retrieval/loaders, or any of langchaingo's. An
// [*index.PartialError] names the files that could not be read; all others are stored.
func (p *Pipeline) Ingest(ctx context.Context, l index.Loader) (index.Report, error) {
	return p.index.Add(ctx, l)
}

// Ask answers a question, in a trace of its own with the question as its input
// and the answer as its output.
func (p *Pipeline) Ask(ctx context.Context, question string) (a index.Answer, err error) {
	a.Text, err = chains.Workflow(ctx, p.handler, "rag", func(ctx context.Context) (string, error) {
		callbacks.SpanFromContext(ctx).SetInput(question)
		out, err := lcchains.Call(ctx, p.qa, map[string]any{"query": question})
		if err != nil {
			return "", err
		}
		a.Sources, _ = out["source_documents"].([]schema.Document)
		text, _ := out["text"].(string)
		return text, nil
	})
	return a, err
}

// Close ends the use of the folder.
func (p *Pipeline) Close() error { return p.store.Close() }
