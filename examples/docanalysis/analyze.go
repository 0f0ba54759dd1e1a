// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
)

// result is what is found out about one document.
type result struct{ source, summary, sentiment, keywords string }

// analyze runs the pipeline over the documents, each in a trace of its own. It
// stops at the first error and returns what is done.
func analyze(ctx context.Context, h *callbacks.Handler, model llms.Model, documents []schema.Document) ([]result, error) {
	var results []result
	for _, d := range documents {
		r, err := chains.Workflow(ctx, h, "document_analysis_pipeline", func(ctx context.Context) (result, error) {
			return analyzeOne(ctx, h, model, d)
		})
		if err != nil {
			return results, fmt.Errorf("%v: %w", d.Metadata["source"], err)
		}
		results = append(results, r)
	}
	return results, nil
}

func analyzeOne(ctx context.Context, h *callbacks.Handler, model llms.Model, d schema.Document) (result, error) {
	r := result{source: fmt.Sprint(d.Metadata["source"])}
	for _, step := range []struct {
		task, instruction string
		maxTokens         int
		into              *string
	}{
		{"text_summarization", "Summarize the following text in two sentences.", 150, &r.summary},
		{"sentiment_analysis", "Classify the sentiment of the following text as positive, negative or neutral.", 10, &r.sentiment},
		{"keyword_extraction", "Extract five keywords from the following text, comma separated.", 50, &r.keywords},
	} {
		answer, err := chains.Task(ctx, h, step.task, func(ctx context.Context) (string, error) {
			// Inside a task, OpenTelemetry's own span is at hand for attributes.
			trace.SpanFromContext(ctx).SetAttributes(attribute.Int("document.length", len(d.PageContent)))
			return llms.GenerateFromSinglePrompt(ctx, model, step.instruction+"\n\n"+d.PageContent, llms.WithMaxTokens(step.maxTokens))
		})
		if err != nil {
			return r, err
		}
		*step.into = strings.Join(strings.Fields(answer), " ")
	}
	return r, nil
}

// printTable writes a table; the summary is cut to fit a line.
func printTable(w io.Writer, results []result) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "DOCUMENT\tSENTIMENT\tKEYWORDS\tSUMMARY")
	for _, r := range results {
		summary := []rune(r.summary)
		if len(summary) > 60 {
			summary = append(summary[:59], '…')
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", r.source, r.sentiment, r.keywords, string(summary))
	}
	_ = t.Flush()
}
