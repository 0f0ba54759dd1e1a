// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	lcchains "github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/examples/internal/corpus"
)

const (
	workflowName = "document_analysis_pipeline"

	summarise = "Summarize the following text in two sentences."
	judge     = "Classify the sentiment of the following text as positive, negative or neutral."
	extract   = "Extract five keywords from the following text, comma separated."

	// chunkOverlap keeps a sentence whole that two pieces of a document share.
	chunkOverlap = 200
	minChunk     = 2 * chunkOverlap
)

// findings are what is found out about a document.
type findings struct {
	Summary   string   `json:"summary"`
	Sentiment string   `json:"sentiment"`
	Keywords  []string `json:"keywords"`
}

// analyzer runs the pipeline: a workflow per document, with a task for each
// question.
type analyzer struct {
	handler *callbacks.Handler
	llm     llms.Model
	// summaries summarises what is too long to be read at once: each piece by
	// itself, then the summaries.
	summaries lcchains.Chain
	// highModel reads the documents of high priority.
	highModel string
	chunk     int
}

func newAnalyzer(h *callbacks.Handler, llm llms.Model, highModel string, o options) *analyzer {
	summaries := lcchains.LoadMapReduceSummarization(llm)
	summaries.MaxNumberOfConcurrent = o.concurrency
	return &analyzer{
		handler: h, llm: llm, highModel: highModel, chunk: o.chunk,
		summaries: chains.Instrument(summaries, h),
	}
}

// analyze reads one document, in a trace of its own. After an error it returns
// what it had found until then.
func (a *analyzer) analyze(ctx context.Context, f corpus.File, high bool) (traceID string, found findings, err error) {
	found.Keywords = []string{} // a list in JSON, also where there are none
	err = chains.DoWorkflow(ctx, a.handler, workflowName, func(ctx context.Context) error {
		span := callbacks.SpanFromContext(ctx)
		traceID = span.TraceID()
		span.SetInput(f.Name) // recorded if content is: a name can tell much
		// Inside a workflow or a task, OpenTelemetry's own span is at hand.
		trace.SpanFromContext(ctx).SetAttributes(
			attribute.String("document.priority", priority(high)), attribute.Int("document.length", utf8.RuneCountInString(f.Text)))
		if f.Err != nil {
			return f.Err
		}
		return a.tasks(ctx, f, high, &found)
	})
	return traceID, found, err
}

func priority(high bool) string {
	if high {
		return "high"
	}
	return "normal"
}

func (a *analyzer) tasks(ctx context.Context, f corpus.File, high bool, found *findings) (err error) {
	var options []llms.CallOption
	if high {
		options = append(options, llms.WithModel(a.highModel))
	}
	ask := func(instruction, text string, maxTokens int) func(context.Context) (string, error) {
		return func(ctx context.Context) (string, error) {
			return llms.GenerateFromSinglePrompt(ctx, a.llm, instruction+"\n\n"+text, append(slices.Clip(options), llms.WithMaxTokens(maxTokens))...)
		}
	}
	text := f.Text
	summary := ask(summarise, text, 150)
	long := utf8.RuneCountInString(text) > a.chunk
	if long {
		summary = func(ctx context.Context) (string, error) { return a.summariseLong(ctx, f, high) }
	}
	if found.Summary, err = chains.Task(ctx, a.handler, "text_summarization", summary); err != nil {
		return err
	}
	if long {
		text = found.Summary
	}
	found.Summary = strings.Join(strings.Fields(found.Summary), " ")
	if found.Sentiment, err = chains.Task(ctx, a.handler, "sentiment_analysis", ask(judge, text, 10)); err != nil {
		return err
	}
	found.Sentiment = strings.TrimSpace(found.Sentiment)
	keywords, err := chains.Task(ctx, a.handler, "keyword_extraction", ask(extract, text, 50))
	for k := range strings.FieldsFuncSeq(keywords, func(r rune) bool { return strings.ContainsRune(",،、;\n", r) }) {
		if k = strings.TrimSpace(k); k != "" {
			found.Keywords = append(found.Keywords, k)
		}
	}
	return err
}

func (a *analyzer) summariseLong(ctx context.Context, f corpus.File, high bool) (string, error) {
	pieces, err := corpus.Split([]schema.Document{{PageContent: f.Text, Metadata: map[string]any{"source": f.Name}}}, a.chunk, chunkOverlap)
	if err != nil {
		return "", err
	}
	options := []lcchains.ChainCallOption{lcchains.WithMaxTokens(150)}
	if high {
		options = append(options, lcchains.WithModel(a.highModel))
	}
	out, err := chains.Call(ctx, a.summaries, map[string]any{"input_documents": pieces}, options...)
	if err != nil {
		return "", err
	}
	summary, _ := out["text"].(string)
	return summary, nil
}
