// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"strings"
	"unicode/utf8"

	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/textsplitter"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/models"
)

const workflowName = "document_analysis_pipeline"

// Findings are what is found out about a document.
type Findings struct {
	Summary   string   `json:"summary"`
	Sentiment string   `json:"sentiment"`
	Keywords  []string `json:"keywords"`
	// TraceID finds the document's trace in a backend.
	TraceID string `json:"-"`
}

// Pipeline summarises documents, judges their sentiment and extracts keywords:
// a workflow per document, with a task for each question. It is safe for concurrent use.
type Pipeline struct {
	handler *callbacks.Handler
	llm     llms.Model
	// summaries summarises what is too long to be read at once: each piece by
	// itself, then the summaries.
	summaries lcchains.Chain
	chunk     int
}

// NewPipeline returns a pipeline whose spans go to h. It reads chunk characters
// of a document at once, and that many pieces of it at the same time.
func NewPipeline(h *callbacks.Handler, llm llms.Model, chunk, concurrency int) *Pipeline {
	llm = models.Wrap(llm, h)
	summaries := lcchains.LoadMapReduceSummarization(llm)
	summaries.MaxNumberOfConcurrent = concurrency
	return &Pipeline{handler: h, llm: llm, summaries: chains.Instrument(summaries, h), chunk: chunk}
}

// Analyze reads one document, in a trace of its own. A model that is named takes
// the place of the pipeline's. After an error it returns what it has found.
func (p *Pipeline) Analyze(ctx context.Context, text, model string) (Findings, error) {
	return chains.Workflow(ctx, p.handler, workflowName, func(ctx context.Context) (Findings, error) {
		span := callbacks.SpanFromContext(ctx)
		span.SetInput(text)
		length := utf8.RuneCountInString(text)
		// Inside a workflow or a task, OpenTelemetry's own span is at hand.
		trace.SpanFromContext(ctx).SetAttributes(attribute.Int("document.length", length))
		f := Findings{TraceID: span.TraceID(), Keywords: []string{}}
		err := p.tasks(ctx, text, model, length > p.chunk, &f)
		return f, err
	})
}

func (p *Pipeline) tasks(ctx context.Context, text, model string, long bool, f *Findings) error {
	summary, err := chains.Task(ctx, p.handler, "text_summarization", func(ctx context.Context) (string, error) {
		if long {
			return p.summarise(ctx, text, model)
		}
		return p.ask(ctx, "Summarize the following text in two sentences.", text, model, 150)
	})
	if err != nil {
		return err
	}
	f.Summary = strings.Join(strings.Fields(summary), " ")
	if long {
		text = summary
	}
	sentiment, err := chains.Task(ctx, p.handler, "sentiment_analysis", func(ctx context.Context) (string, error) {
		return p.ask(ctx, "Classify the sentiment of the following text as positive, negative or neutral.", text, model, 10)
	})
	if err != nil {
		return err
	}
	f.Sentiment = strings.TrimSpace(sentiment)
	keywords, err := chains.Task(ctx, p.handler, "keyword_extraction", func(ctx context.Context) (string, error) {
		return p.ask(ctx, "Extract five keywords from the following text, comma separated.", text, model, 50)
	})
	for k := range strings.FieldsFuncSeq(keywords, func(r rune) bool { return strings.ContainsRune(",،、;\n", r) }) {
		if k = strings.TrimSpace(k); k != "" {
			f.Keywords = append(f.Keywords, k)
		}
	}
	return err
}

func (p *Pipeline) ask(ctx context.Context, instruction, text, model string, maxTokens int) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, p.llm, instruction+"\n\n"+text, llms.WithModel(model), llms.WithMaxTokens(maxTokens))
}

// summarise reads a long text piece by piece. The overlap keeps a sentence whole
// that two pieces share.
func (p *Pipeline) summarise(ctx context.Context, text, model string) (string, error) {
	splitter := textsplitter.NewRecursiveCharacter(textsplitter.WithChunkSize(p.chunk), textsplitter.WithChunkOverlap(min(200, p.chunk/2)))
	pieces, err := textsplitter.CreateDocuments(splitter, []string{text}, nil)
	if err != nil {
		return "", err
	}
	out, err := chains.Call(ctx, p.summaries, map[string]any{"input_documents": pieces}, lcchains.WithModel(model), lcchains.WithMaxTokens(150))
	summary, _ := out["text"].(string)
	return summary, err
}
