// SPDX-License-Identifier: Apache-2.0

package retrieval

import (
	"context"
	"errors"
	"fmt"
	"maps"

	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/textsplitter"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/models"
	"github.com/spanloom/spanloom/vectorstore"
)

// Loader gives documents; every langchaingo documentloaders.Loader is one.
type Loader interface {
	Load(ctx context.Context) ([]schema.Document, error)
}

// IndexOption configures [NewIndex]. A nil IndexOption is ignored.
type IndexOption interface{ applyIndex(indexConfig) indexConfig }

type indexOptionFunc func(indexConfig) indexConfig

func (f indexOptionFunc) applyIndex(c indexConfig) indexConfig { return f(c) }

type indexConfig struct {
	store    vectorstores.VectorStore
	model    llms.Model
	splitter textsplitter.TextSplitter
	topK     int
	batch    int
	progress func(done, total int)
}

// WithStore sets where chunks are kept. It is required; give the store an
// embedder of [WrapEmbedder] to see the embedding calls.
func WithStore(s vectorstores.VectorStore) IndexOption {
	return indexOptionFunc(func(c indexConfig) indexConfig {
		c.store = s
		return c
	})
}

// WithLLM sets the model that answers. Without one [Index.Query] is an error.
func WithLLM(m llms.Model) IndexOption {
	return indexOptionFunc(func(c indexConfig) indexConfig {
		c.model = m
		return c
	})
}

// WithSplitter sets how documents are cut into chunks. Default: langchaingo's
// recursive character splitter with its defaults.
func WithSplitter(s textsplitter.TextSplitter) IndexOption {
	return indexOptionFunc(func(c indexConfig) indexConfig {
		c.splitter = s
		return c
	})
}

// WithTopK sets how many chunks a question is answered from. Default: 4.
func WithTopK(n int) IndexOption {
	return indexOptionFunc(func(c indexConfig) indexConfig {
		c.topK = n
		return c
	})
}

// WithBatchSize sets how many chunks go to the store at a time. Default: 100.
func WithBatchSize(n int) IndexOption {
	return indexOptionFunc(func(c indexConfig) indexConfig {
		c.batch = n
		return c
	})
}

// WithProgress is told after each batch how many chunks of how many are stored.
func WithProgress(f func(done, total int)) IndexOption {
	return indexOptionFunc(func(c indexConfig) indexConfig {
		c.progress = f
		return c
	})
}

// Index loads, splits, embeds, stores and answers. It is safe for concurrent
// use if the store and the model are.
type Index struct {
	h   *callbacks.Handler
	cfg indexConfig
}

// NewIndex returns an index. It returns an error when there is no store, or a
// number is not positive.
func NewIndex(h *callbacks.Handler, opts ...IndexOption) (*Index, error) {
	c := indexConfig{topK: 4, batch: 100}
	for _, o := range opts {
		if o != nil {
			c = o.applyIndex(c)
		}
	}
	switch {
	case c.store == nil:
		return nil, errors.New("retrieval: an index needs a store: use WithStore, for example with chromem.New")
	case c.topK <= 0:
		return nil, fmt.Errorf("retrieval: WithTopK(%d): use 1 or more", c.topK)
	case c.batch <= 0:
		return nil, fmt.Errorf("retrieval: WithBatchSize(%d): use 1 or more", c.batch)
	}
	if c.splitter == nil {
		c.splitter = textsplitter.NewRecursiveCharacter()
	}
	if c.progress == nil {
		c.progress = func(int, int) {}
	}
	c.store = vectorstore.Wrap(c.store, h)
	c.model = models.Wrap(c.model, h)
	return &Index{h, c}, nil
}

// Add loads the loader's documents, splits and stores them, and returns the
// number of chunks stored. When a batch fails, the batches before it stay, and
// the number says how many chunks they are.
func (x *Index) Add(ctx context.Context, l Loader) (chunks int, err error) {
	ctx, span := x.h.Start(ctx, callbacks.KindWorkflow, "ingest")
	defer span.End(callbacks.ErrUnwound)
	chunks, err = x.add(ctx, l)
	span.End(err)
	return chunks, err
}

func (x *Index) add(ctx context.Context, l Loader) (int, error) {
	docs, err := l.Load(ctx)
	if err != nil {
		return 0, fmt.Errorf("retrieval: load: %w", err)
	}
	chunks, err := x.split(docs)
	if err != nil {
		return 0, fmt.Errorf("retrieval: split: %w", err)
	}
	for done := 0; done < len(chunks); {
		n := min(x.cfg.batch, len(chunks)-done)
		if _, err := x.cfg.store.AddDocuments(ctx, chunks[done:done+n]); err != nil {
			return done, fmt.Errorf("retrieval: store chunks %d to %d of %d: %w", done+1, done+n, len(chunks), err)
		}
		done += n
		x.cfg.progress(done, len(chunks))
	}
	return len(chunks), nil
}

func (x *Index) split(docs []schema.Document) ([]schema.Document, error) {
	var chunks []schema.Document
	for _, d := range docs {
		parts, err := x.cfg.splitter.SplitText(d.PageContent)
		if err != nil {
			return nil, err
		}
		for _, p := range parts {
			chunks = append(chunks, schema.Document{PageContent: p, Metadata: maps.Clone(d.Metadata)})
		}
	}
	return chunks, nil
}

// Answer is what [Index.Query] returns.
type Answer struct {
	Text string
	// Sources are the chunks the answer was made from, best first.
	Sources []schema.Document
}

// Query answers a question from the stored chunks, through langchaingo's
// RetrievalQA.
func (x *Index) Query(ctx context.Context, question string) (Answer, error) {
	if x.cfg.model == nil {
		return Answer{}, errors.New("retrieval: Query needs a model: use WithLLM")
	}
	ctx, span := x.h.Start(ctx, callbacks.KindWorkflow, "query")
	defer span.End(callbacks.ErrUnwound)
	if span != nil {
		span.SetInput(question)
	}
	a, err := x.query(ctx, question)
	if span != nil && err == nil {
		span.SetOutput(a.Text)
	}
	span.End(err)
	return a, err
}

func (x *Index) query(ctx context.Context, question string) (Answer, error) {
	retriever := Wrap(vectorstores.ToRetriever(x.cfg.store, x.cfg.topK), x.h)
	qa := lcchains.NewRetrievalQAFromLLM(x.cfg.model, retriever)
	qa.ReturnSourceDocuments = true
	out, err := lcchains.Call(ctx, qa, map[string]any{qa.InputKey: question})
	if err != nil {
		return Answer{}, err
	}
	text, _ := out["text"].(string)
	sources, _ := out["source_documents"].([]schema.Document)
	return Answer{text, sources}, nil
}
