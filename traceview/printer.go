// SPDX-License-Identifier: Apache-2.0

package traceview

import (
	"context"
	"fmt"
	"io"
	"sync"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

const (
	// maxKept bounds the spans, and the open traces, that a Printer keeps.
	maxKept = 10_000
	// maxWaiting bounds the traces that wait to be written.
	maxWaiting = 64
)

// Printer is a span processor that writes each trace as a tree once no span of
// it is open in this program. It is safe for concurrent use.
//
// It keeps at most 10,000 spans: when there are more, the largest open trace is
// written as far as it has come. A goroutine of its own writes, so that a slow writer
// never makes the program wait. 64 traces wait for it at most; how many more were
// left out is written in their place.
type Printer struct {
	w    io.Writer
	opts []Option

	mu     sync.Mutex
	traces map[trace.TraceID]*openTrace
	kept   int // spans in traces
	missed int // traces left out since the last one that was queued
	closed bool

	queue []job
	idle  chan struct{} // closed when queue has been written; nil before the first trace
}

// openTrace is a trace with spans that have not ended.
type openTrace struct {
	open  int
	spans []sdktrace.ReadOnlySpan
}

// job is a trace to write.
type job struct {
	spans  []sdktrace.ReadOnlySpan
	missed int // traces left out before it
}

var _ sdktrace.SpanProcessor = (*Printer)(nil)

// NewPrinter returns a Printer that writes to w.
func NewPrinter(w io.Writer, opts ...Option) *Printer {
	return &Printer{w: w, opts: opts, traces: map[trace.TraceID]*openTrace{}}
}

// OnStart counts an open span.
func (p *Printer) OnStart(_ context.Context, s sdktrace.ReadWriteSpan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of(s.SpanContext().TraceID()).open++
}

// OnEnd keeps the span, and writes its trace if it was the last one open.
func (p *Printer) OnEnd(s sdktrace.ReadOnlySpan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	id := s.SpanContext().TraceID()
	t := p.of(id)
	t.spans = append(t.spans, s)
	t.open--
	p.kept++
	if t.open <= 0 {
		p.finish(id)
	}
	if p.kept > maxKept {
		p.finish(p.largest())
	}
}

// of returns the state of a trace. p.mu must be held.
func (p *Printer) of(id trace.TraceID) *openTrace {
	t, ok := p.traces[id]
	if !ok {
		if len(p.traces) >= maxKept {
			p.finish(p.largest())
		}
		t = &openTrace{}
		p.traces[id] = t
	}
	return t
}

// largest is the open trace with the most finished spans. p.mu must be held.
func (p *Printer) largest() (largest trace.TraceID) {
	most := -1
	for id, t := range p.traces {
		if len(t.spans) > most {
			largest, most = id, len(t.spans)
		}
	}
	return largest
}

// finish queues the trace and forgets it. p.mu must be held.
func (p *Printer) finish(id trace.TraceID) {
	spans := p.traces[id].spans
	delete(p.traces, id)
	p.kept -= len(spans)
	if len(spans) == 0 || p.closed {
		return
	}
	if len(p.queue) >= maxWaiting {
		p.missed++
		return
	}
	p.queue = append(p.queue, job{spans, p.missed})
	p.missed = 0
	if len(p.queue) == 1 {
		p.idle = make(chan struct{})
		go p.drain(p.idle)
	}
}

// drain writes the queue. A job stays in the queue while it is written, so that
// there is one goroutine at most.
func (p *Printer) drain(idle chan struct{}) {
	defer close(idle)
	for {
		p.mu.Lock()
		j := p.queue[0]
		p.mu.Unlock()
		p.write(j)
		p.mu.Lock()
		p.queue = p.queue[1:]
		last := len(p.queue) == 0
		p.mu.Unlock()
		if last {
			return
		}
	}
}

// write ignores w's error: OnEnd has nobody to return it to.
func (p *Printer) write(j job) {
	if j.missed > 0 {
		fmt.Fprintf(p.w, "%s not shown: the output is too slow\n\n", plural(int64(j.missed), "trace", "traces"))
	}
	_ = Tree(p.w, j.spans, p.opts...)
	fmt.Fprintln(p.w)
}

// ForceFlush waits until the traces that are finished have been written.
func (p *Printer) ForceFlush(ctx context.Context) error {
	p.mu.Lock()
	idle := p.idle
	p.mu.Unlock()
	if idle == nil {
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Shutdown writes what has ended of the open traces, waits until all is written, and
// makes the Printer write nothing more.
func (p *Printer) Shutdown(ctx context.Context) error {
	p.mu.Lock()
	for id := range p.traces {
		p.finish(id)
	}
	p.closed = true
	p.mu.Unlock()
	return p.ForceFlush(ctx)
}
