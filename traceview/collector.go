// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"context"
	"fmt"
	"io"
	"sync"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/internal/terminal"
)

const (
	// maxKept bounds the spans, and the open traces, that a collector keeps.
	maxKept = 10_000
	// maxWaiting bounds the traces that wait to be written.
	maxWaiting = 64
)

// collector is a span processor that has each trace written once no span of it is open in
// this program, one after the other, by goroutines of its own.
type collector struct {
	// write gets the spans of a trace, and how many traces were left out after it.
	write func(spans []sdktrace.ReadOnlySpan, missed int)

	mu     sync.Mutex
	traces map[trace.TraceID]*openTrace
	kept   int // spans in traces
	missed int // traces left out since too many wait
	closed bool

	waiting int           // traces that are finished and not yet written
	written chan struct{} // closed when the last of them has been
}

// openTrace is a trace with spans that have not ended.
type openTrace struct {
	open  int
	spans []sdktrace.ReadOnlySpan
}

var _ sdktrace.SpanProcessor = (*collector)(nil)

func newCollector(write func([]sdktrace.ReadOnlySpan, int)) *collector {
	written := make(chan struct{})
	close(written)
	return &collector{write: write, traces: map[trace.TraceID]*openTrace{}, written: written}
}

// OnStart counts an open span.
func (c *collector) OnStart(_ context.Context, s sdktrace.ReadWriteSpan) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of(s.SpanContext().TraceID()).open++
}

// OnEnd keeps the span, and writes its trace if it was the last one open.
func (c *collector) OnEnd(s sdktrace.ReadOnlySpan) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := s.SpanContext().TraceID()
	t := c.of(id)
	t.spans = append(t.spans, s)
	t.open--
	c.kept++
	if t.open <= 0 {
		c.finish(id)
	}
	if c.kept > maxKept {
		c.finish(c.largest())
	}
}

// of returns the state of a trace. c.mu must be held.
func (c *collector) of(id trace.TraceID) *openTrace {
	t, ok := c.traces[id]
	if !ok {
		if len(c.traces) >= maxKept {
			c.finish(c.largest())
		}
		t = &openTrace{}
		c.traces[id] = t
	}
	return t
}

// largest is the open trace with the most finished spans. c.mu must be held.
func (c *collector) largest() (largest trace.TraceID) {
	most := -1
	for id, t := range c.traces {
		if len(t.spans) > most {
			largest, most = id, len(t.spans)
		}
	}
	return largest
}

// finish has the trace written after those before it, and forgets it. c.mu must be held.
func (c *collector) finish(id trace.TraceID) {
	spans := c.traces[id].spans
	delete(c.traces, id)
	c.kept -= len(spans)
	if len(spans) == 0 || c.closed {
		return
	}
	if c.waiting >= maxWaiting {
		c.missed++
		return
	}
	c.waiting++
	before, written := c.written, make(chan struct{})
	c.written = written
	go func() {
		defer close(written)
		<-before
		c.mu.Lock()
		missed := 0
		if c.waiting == 1 {
			missed, c.missed = c.missed, 0
		}
		c.mu.Unlock()
		c.write(spans, missed)
		c.mu.Lock()
		c.waiting--
		c.mu.Unlock()
	}()
}

// ForceFlush waits until the traces that are finished have been written.
func (c *collector) ForceFlush(ctx context.Context) error {
	c.mu.Lock()
	written := c.written
	c.mu.Unlock()
	select {
	case <-written:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Shutdown writes what has ended of the open traces, waits until all is written, and
// lets nothing more be written.
func (c *collector) Shutdown(ctx context.Context) error {
	c.mu.Lock()
	for id := range c.traces {
		c.finish(id)
	}
	c.closed = true
	c.mu.Unlock()
	return c.ForceFlush(ctx)
}

// Printer is a span processor that writes each trace as a tree once no span of
// it is open in this program. It is safe for concurrent use.
//
// It keeps at most 10,000 spans: when there are more, the largest open trace is
// written as far as it has come. A goroutine of its own writes, so that a slow writer
// never makes the program wait. 64 traces wait for it at most; how many more were
// left out is written behind these.
type Printer struct{ *collector }

// NewPrinter returns a Printer that writes to w.
func NewPrinter(w io.Writer, opts ...Option) *Printer {
	// w's error is ignored: OnEnd has nobody to return it to.
	return &Printer{newCollector(func(spans []sdktrace.ReadOnlySpan, missed int) {
		_ = Tree(w, spans, opts...)
		fmt.Fprintln(w)
		if missed > 0 {
			fmt.Fprintf(w, "%s not shown: the output is too slow\n\n", terminal.Plural(missed, "trace", "traces"))
		}
	})}
}
