// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/callbacks"
	"github.com/spanloom/spanloom/chains"
	"github.com/spanloom/spanloom/examples/cli"
	"github.com/spanloom/spanloom/internal/terminal"
	"github.com/spanloom/spanloom/traceview"
)

// result is what became of one document.
type result struct {
	Document string `json:"document"`
	Priority string `json:"priority"`
	Findings
	// Error is empty for a document that was analysed.
	Error   string  `json:"error,omitempty"`
	Seconds float64 `json:"seconds"`
	// Used is of all model calls for the document.
	Used traceview.Counts `json:"used"`

	err     error
	skipped bool // it was not begun
}

// batch analyses several documents at a time.
type batch struct {
	pipeline *Pipeline
	handler  *callbacks.Handler
	// highModel reads the documents of high priority.
	highModel string
	options   options
	stderr    io.Writer
}

// run reads the documents. One that fails does not stop the others; when ctx
// ends, those that were begun end as well, and the rest is left. The results are
// in the order of the files.
func (b *batch) run(ctx context.Context, files []cli.File) []result {
	results := make([]result, len(files))
	next := make(chan int)
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		done int
	)
	for range min(b.options.concurrency, len(files)) {
		wg.Go(func() {
			for i := range next {
				results[i] = b.result(ctx, files[i])
				mu.Lock()
				done++
				fmt.Fprintf(b.stderr, "%d/%d %s\n", done, len(files), results[i].progress())
				mu.Unlock()
			}
		})
	}
	for i, f := range files {
		results[i] = result{Document: f.Name, Priority: b.priority(f.Name), Findings: Findings{Keywords: []string{}}, skipped: true}
		// First alone: select would choose by chance.
		if ctx.Err() == nil {
			select {
			case next <- i:
			case <-ctx.Done():
			}
		}
	}
	close(next)
	wg.Wait()
	for i := range results {
		if results[i].skipped {
			results[i].err = context.Cause(ctx)
			results[i].Error = "not begun: " + results[i].err.Error()
		}
	}
	return results
}

func (b *batch) priority(name string) string {
	if b.options.isHigh(name) {
		return "high"
	}
	return "normal"
}

func (b *batch) result(ctx context.Context, f cli.File) result {
	start := time.Now()
	r := result{Document: f.Name, Priority: b.priority(f.Name)}
	ctx = callbacks.ContextWithAssociation(ctx, attribute.String("document.priority", r.Priority))
	model := ""
	if b.options.isHigh(f.Name) {
		model = b.highModel
	}
	if f.Err == nil {
		r.Findings, r.err = b.pipeline.Analyze(ctx, f.Text, model)
	} else {
		r.Findings, r.err = b.unreadable(ctx, f.Err)
	}
	r.Seconds = time.Since(start).Seconds()
	if r.err != nil {
		r.Error = r.err.Error()
	}
	return r
}

// unreadable records a document that could not be loaded as a trace that failed.
func (b *batch) unreadable(ctx context.Context, err error) (Findings, error) {
	f := Findings{Keywords: []string{}}
	err = chains.DoWorkflow(ctx, b.handler, workflowName, func(ctx context.Context) error {
		f.TraceID = callbacks.SpanFromContext(ctx).TraceID()
		return err
	})
	return f, err
}

func (r *result) progress() string {
	if r.err != nil {
		return "failed " + terminal.Line(r.Document+": "+r.Error)
	}
	return fmt.Sprintf("%s (%s)", terminal.Line(r.Document), terminal.Duration(time.Duration(r.Seconds*float64(time.Second))))
}
