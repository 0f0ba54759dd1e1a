// SPDX-License-Identifier: Apache-2.0

package spanloom

import (
	"fmt"
	"io"
	"os"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/spanloom/spanloom/internal/envvars"
	"github.com/spanloom/spanloom/traceview"
)

// WithTree writes each finished trace to w as a tree: a line per span with a bar of
// time, tokens, cost and error. It needs no backend and stands beside any export.
//
// SPANLOOM_TREE=1 does the same on standard error without a change of the program.
// A goroutine of its own calls w, so that a slow w does not make the program wait; see
// [traceview.Printer].
func WithTree(w io.Writer) Option {
	return forTraces("WithTree", func(c *config) { c.tree = w })
}

// treeOfEnvironment is standard error where SPANLOOM_TREE asks for trees.
func treeOfEnvironment(env envvars.Lookup) io.Writer {
	if env.Bool(envvars.Tree, false) {
		return os.Stderr
	}
	return nil
}

// newestPages is how many pages SPANLOOM_TRACE_HTML keeps.
const newestPages = 100

// views are what shows the traces without a backend: WithTree, and SPANLOOM_TRACE_HTML.
func (p *pipeline) views() (processors []sdktrace.SpanProcessor) {
	if p.tree != nil {
		processors = append(processors, traceview.NewPrinter(p.tree))
	}
	if folder, name := p.env.Get(envvars.TraceHTML); folder != "" {
		pages, err := traceview.NewPages(folder, newestPages)
		if err != nil {
			p.errs = append(p.errs, fmt.Errorf("spanloom: %s=%q: use a folder that files can be written to: %w", name, folder, err))
			return processors
		}
		processors = append(processors, pages)
	}
	return processors
}
