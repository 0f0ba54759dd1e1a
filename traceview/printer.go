// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"fmt"
	"io"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Printer is a span processor that writes each trace as a tree once no span of
// it is open in this program. It is safe for concurrent use.
//
// It keeps at most 10,000 spans: when there are more, the largest open trace is
// written as far as it has come. A goroutine of its own writes, so that a slow writer
// never makes the program wait. 64 traces wait for it at most; how many more were
// left out is written in their place.
type Printer struct{ *collector }

// NewPrinter returns a Printer that writes to w.
func NewPrinter(w io.Writer, opts ...Option) *Printer {
	// w's error is ignored: OnEnd has nobody to return it to.
	return &Printer{newCollector(func(spans []sdktrace.ReadOnlySpan, missed int) {
		if missed > 0 {
			fmt.Fprintf(w, "%s not shown: the output is too slow\n\n", plural(int64(missed), "trace", "traces"))
		}
		_ = Tree(w, spans, opts...)
		fmt.Fprintln(w)
	})}
}
