// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"strings"

	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/docs"
	"github.com/spanloom/spanloom/examples/cli"
	"github.com/spanloom/spanloom/examples/internal/corpus"
	"github.com/spanloom/spanloom/examples/cli/provider"
	"github.com/spanloom/spanloom/examples/cli/screen"
	"github.com/spanloom/spanloom/vectorstore"
	"github.com/spanloom/spanloom/vectorstore/chromem"
)

const (
	workflowName   = "rag"
	collectionName = "docs"
	chunkSize      = 900
	chunkOverlap   = 100
)

// pipeline is a question-answering pipeline in which every part is instrumented.
type pipeline struct {
	app     *app
	opts    options
	handler *callbacks.Handler
	store   vectorstores.VectorStore
	qa      lcchains.Chain
	chunks  []schema.Document
}

// newPipeline loads and checks everything the user gave before anything is
// written.
func newPipeline(ctx context.Context, a *app, opts options, h *callbacks.Handler) (*pipeline, error) {
	set, err := provider.New(provider.Config{
		Name: opts.provider, Model: opts.model, EmbeddingModel: opts.embeddingModel, Getenv: a.getenv, Latency: a.latency,
	}, h)
	if err != nil {
		return nil, cli.Usage(err)
	}
	p := &pipeline{app: a, opts: opts, handler: h}
	// The user's documents are checked before a store is made.
	if opts.docs != "" {
		if p.chunks, err = p.load(ctx); err != nil {
			return nil, err
		}
	}
	storeOpts := []chromem.Option{
		chromem.WithEmbedder(set.Embedder),
		chromem.WithCollection(collectionName),
		chromem.WithIDs(chunkID),
	}
	if opts.store != "" {
		storeOpts = append(storeOpts, chromem.WithPersistence(opts.store))
	}
	inner, err := chromem.New(storeOpts...)
	if err != nil {
		return nil, cli.Usage(fmt.Errorf("-store: %w", err))
	}
	// A store that was filled before is asked as it is, unless the user names
	// documents.
	if kept := inner.Count(); kept > 0 && opts.docs == "" {
		p.progress("using %d chunks kept in %s", kept, opts.store)
	} else if opts.docs == "" {
		if p.chunks, err = p.load(ctx); err != nil {
			return nil, err
		}
	}

	// The store is wrapped before it becomes a retriever, and its embedder before
	// it was given to it: so the spans nest.
	p.store = vectorstore.Wrap(inner, h)
	qa := lcchains.NewRetrievalQAFromLLM(set.LLM, vectorstores.ToRetriever(p.store, opts.topK))
	qa.ReturnSourceDocuments = true
	p.qa = chains.Instrument(qa, h)

	if set.Note != "" {
		p.progress("%s", set.Note)
	}
	return p, nil
}

// load reads and splits the documents.
func (p *pipeline) load(ctx context.Context) ([]schema.Document, error) {
	progress := func(file string, n, total int) { p.progress("loading %d/%d %s", n, total, file) }
	var (
		loaded []schema.Document
		err    error
	)
	if p.opts.docs == "" {
		loaded, err = corpus.LoadFS(ctx, docs.FS, progress)
	} else {
		loaded, err = corpus.LoadDir(ctx, p.opts.docs, progress)
	}
	if err != nil {
		if _, ok := errors.AsType[*corpus.Error](err); ok {
			return nil, cli.Usage(err)
		}
		return nil, err
	}
	return corpus.Split(loaded, chunkSize, chunkOverlap)
}

// answerAll is one request: ingesting and answering in one trace.
func (p *pipeline) answerAll(ctx context.Context, questions []string) error {
	_, err := chains.Workflow(ctx, p.handler, workflowName, func(ctx context.Context) (int, error) {
		if err := p.ingest(ctx); err != nil {
			return 0, err
		}
		for i, q := range questions {
			if err := p.answer(ctx, q); err != nil {
				return i, err
			}
		}
		return len(questions), nil
	})
	return err
}

// ingest embeds and stores the chunks. They go to the store in one call: if the
// embedder fails, nothing is stored.
func (p *pipeline) ingest(ctx context.Context) error {
	if len(p.chunks) == 0 {
		return nil
	}
	_, err := chains.Task(ctx, p.handler, "ingest", func(ctx context.Context) (int, error) {
		p.progress("embedding and storing %d chunks", len(p.chunks))
		ids, err := p.store.AddDocuments(ctx, p.chunks)
		return len(ids), err
	})
	if err != nil {
		return fmt.Errorf("ingest: %w", err)
	}
	p.progress("stored %d chunks", len(p.chunks))
	return nil
}

// answer asks one question and prints the answer with its sources.
func (p *pipeline) answer(ctx context.Context, question string) error {
	out, err := lcchains.Call(ctx, p.qa, map[string]any{"query": question})
	if err != nil {
		return fmt.Errorf("answer %q: %w", question, err)
	}
	text, _ := out["text"].(string)
	found, _ := out["source_documents"].([]schema.Document)
	fmt.Fprint(p.app.stdout, screen.Clean(fmt.Sprintf("Q: %s\nA: %s\nSources: %s\n\n", question, strings.TrimSpace(text), sources(found))))
	return nil
}

// sources names the documents, best first, each once.
func sources(found []schema.Document) string {
	var names []string
	seen := map[string]bool{}
	for _, d := range found {
		name, _ := d.Metadata["source"].(string)
		if page, ok := d.Metadata["page"].(int); ok {
			name = fmt.Sprintf("%s p. %d", name, page)
		}
		if !seen[name] {
			seen[name] = true
			names = append(names, fmt.Sprintf("%s (%.2f)", path.Clean(name), d.Score))
		}
	}
	if len(names) == 0 {
		return "none found"
	}
	return strings.Join(names, ", ")
}

// chunkID makes the same chunk the same document, so that a second run over a
// kept store replaces instead of adding.
func chunkID(d schema.Document) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%v\x00%v\x00%s", d.Metadata["source"], d.Metadata["chunk"], d.PageContent))
	return hex.EncodeToString(sum[:12])
}

func (p *pipeline) progress(format string, args ...any) {
	fmt.Fprintln(p.app.stderr, screen.Line(fmt.Sprintf(format, args...)))
}
