// SPDX-License-Identifier: Apache-2.0

package callbacks

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
	"go.opentelemetry.io/otel/trace/noop"
)

// endCounter is a tracer provider whose spans count their ends, which the SDK
// forgives.
type endCounter struct {
	embedded.TracerProvider
	started, ended, twice atomic.Int64
}

func (c *endCounter) Tracer(string, ...trace.TracerOption) trace.Tracer { return countingTracer{c: c} }

type countingTracer struct {
	embedded.Tracer
	c *endCounter
}

func (t countingTracer) Start(ctx context.Context, _ string, _ ...trace.SpanStartOption) (context.Context, trace.Span) {
	n := t.c.started.Add(1)
	s := &countingSpan{c: t.c, sc: trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)},
	})}
	return trace.ContextWithSpan(ctx, s), s
}

type countingSpan struct {
	noop.Span
	c    *endCounter
	sc   trace.SpanContext
	ends atomic.Int64
}

func (s *countingSpan) IsRecording() bool              { return true }
func (s *countingSpan) SpanContext() trace.SpanContext { return s.sc }
func (s *countingSpan) End(...trace.SpanEndOption) {
	if s.ends.Add(1) > 1 {
		s.c.twice.Add(1)
	}
	s.c.ended.Add(1)
}

// interpreter runs a script of events in real stack frames.
type interpreter struct {
	h      *Handler
	script []byte
	pos    int
	spans  []*Span
	sweeps bool // only one at a time, as the timer has it
}

// run reads until the script or this frame ends. All start events of a run are
// in one switch: the same function, other places.
func (in *interpreter) run(ctx context.Context, depth int) {
	h := in.h
	for in.pos < len(in.script) {
		op := in.script[in.pos]
		in.pos++
		switch op % 20 {
		case 0, 1:
			if depth < 40 {
				in.run(ctx, depth+1)
			}
		case 2:
			return
		case 3:
			h.HandleChainStart(ctx, map[string]any{"q": "v"})
		case 4:
			h.HandleChainEnd(ctx, nil)
		case 5:
			h.HandleChainError(ctx, errBoom)
		case 6:
			h.HandleLLMGenerateContentStart(ctx, []llms.MessageContent{{}})
		case 7:
			h.HandleLLMGenerateContentEnd(ctx, answer("a", tokens))
		case 8:
			h.HandleLLMError(ctx, nil)
		case 9:
			h.HandleToolStart(ctx, "x")
		case 10:
			h.HandleToolEnd(ctx, "x")
		case 11:
			h.HandleRetrieverStart(ctx, "x")
		case 12:
			h.HandleRetrieverEnd(ctx, "x", nil)
		case 13:
			h.HandleAgentAction(ctx, agentAction)
		case 14:
			if depth < 40 {
				wctx, s := h.Start(ctx, Kind(op>>5), "w")
				in.spans = append(in.spans, s)
				in.run(wctx, depth+1)
				if op < 128 {
					s.End(nil)
				}
			}
		case 15:
			if n := len(in.spans); n > 0 {
				in.spans[int(op)%n].End(errBoom)
			}
		case 16:
			recovered(func() { in.run(ctx, depth+1); panic("p") })
		case 17:
			provider := &provider{h: h, script: "SEX"[:1+op/100]}
			_ = ask(ctx, provider)
		case 18:
			if in.sweeps {
				h.open.Sweep()
			}
		case 19:
			h.As(KindAgent, "a").HandleChainStart(ctx, nil)
		}
	}
}

func FuzzHandlerEvents(f *testing.F) {
	f.Add([]byte{3, 6, 7, 4}, []byte{0, 3, 0, 6, 2, 4})
	f.Add([]byte{14, 3, 6, 2, 15, 18, 18, 4, 4}, []byte{})
	f.Add([]byte{3, 16, 3, 6, 2, 4}, []byte{7, 8, 5, 10, 12})
	f.Fuzz(func(t *testing.T, here, there []byte) {
		count := &endCounter{}
		h, err := NewHandler(WithTracerProvider(count))
		if err != nil {
			t.Fatal(err)
		}
		h.open.Limit = 300
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		var all [2]*interpreter
		for i, script := range [][]byte{here, there} {
			in := &interpreter{h: h, script: script[:min(len(script), 2000)], sweeps: i == 0}
			all[i] = in
			wg.Go(func() { in.run(ctx, 0) })
		}
		wg.Wait()
		cancel()
		if n := h.open.Len(); n > h.open.Limit {
			t.Errorf("%d open, and the limit is %d", n, h.open.Limit)
		}
		h.open.Sweep()
		h.open.Sweep()
		for _, in := range all {
			for _, s := range in.spans {
				s.End(nil)
			}
		}
		if h.open.Len() != 0 {
			t.Errorf("%d open after their context has ended", h.open.Len())
		}
		if count.started.Load() != count.ended.Load() || count.twice.Load() > 0 {
			t.Errorf("%d spans started, %d ended, %d of them twice", count.started.Load(), count.ended.Load(), count.twice.Load())
		}
	})
}
