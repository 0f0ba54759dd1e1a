// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/spanloom/spanloom/examples/internal/corpus"
	"github.com/spanloom/spanloom/examples/cli/report"
	"github.com/spanloom/spanloom/examples/cli/screen"
)

// result is what became of one document.
type result struct {
	Document string `json:"document"`
	Priority string `json:"priority"`
	findings
	// Error is empty for a document that was analysed.
	Error   string  `json:"error,omitempty"`
	Seconds float64 `json:"seconds"`
	// Used is of all model calls for the document.
	Used report.Counts `json:"used"`

	err     error
	skipped bool // it was not begun
	traceID string
}

// analyzeAll reads several documents at a time. One that fails does not stop the
// others; when ctx ends, those that were begun end as well, and the rest is left.
// The results are in the order of the files.
func (a *analyzer) analyzeAll(ctx context.Context, files []corpus.File, o options, stderr io.Writer) []result {
	results := make([]result, len(files))
	next := make(chan int)
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		done int
	)
	for range min(o.concurrency, len(files)) {
		wg.Go(func() {
			for i := range next {
				results[i] = a.result(ctx, files[i], o.isHigh(files[i].Name))
				mu.Lock()
				done++
				fmt.Fprintf(stderr, "%d/%d %s\n", done, len(files), results[i].progress())
				mu.Unlock()
			}
		})
	}
	for i, f := range files {
		results[i] = result{Document: f.Name, Priority: priority(o.isHigh(f.Name)), findings: findings{Keywords: []string{}}, skipped: true}
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

func (a *analyzer) result(ctx context.Context, f corpus.File, high bool) result {
	start := time.Now()
	r := result{Document: f.Name, Priority: priority(high)}
	r.traceID, r.findings, r.err = a.analyze(ctx, f, high)
	r.Seconds = time.Since(start).Seconds()
	if r.err != nil {
		r.Error = r.err.Error()
	}
	return r
}

func (r *result) progress() string {
	if r.err != nil {
		return "failed " + screen.Line(r.Document+": "+r.Error)
	}
	return fmt.Sprintf("%s (%s)", screen.Line(r.Document), report.Duration(time.Duration(r.Seconds*float64(time.Second))))
}
