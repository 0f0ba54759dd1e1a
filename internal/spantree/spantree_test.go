// SPDX-License-Identifier: Apache-2.0

package spantree

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// forest starts spans one second apart and ends them, last first.
type forest struct {
	rec    *Recorder
	tracer trace.Tracer
	now    time.Time
}

func newForest() *forest {
	rec := &Recorder{}
	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(rec))
	return &forest{rec: rec, tracer: tp.Tracer("t"), now: time.Unix(1000, 0)}
}

func (f *forest) span(parent context.Context, name string, body func(context.Context, trace.Span), opts ...trace.SpanStartOption) {
	f.now = f.now.Add(time.Second)
	ctx, s := f.tracer.Start(parent, name, append(opts, trace.WithTimestamp(f.now))...)
	if body != nil {
		body(ctx, s)
	}
	f.now = f.now.Add(time.Second)
	s.End(trace.WithTimestamp(f.now))
}

func TestRender(t *testing.T) {
	f := newForest()
	f.span(t.Context(), "root", func(ctx context.Context, s trace.Span) {
		s.SetAttributes(attribute.Int("n", 1), attribute.String("b", "x"))
		f.span(ctx, "first", func(ctx context.Context, _ trace.Span) {
			f.span(ctx, "leaf", nil, trace.WithSpanKind(trace.SpanKindClient))
		})
		f.span(ctx, "second", func(_ context.Context, s trace.Span) { s.SetStatus(codes.Error, "boom") })
	})
	f.span(t.Context(), "other root", func(_ context.Context, s trace.Span) { s.SetStatus(codes.Error, "") })

	tests := []struct {
		name, want string
		opts       Options
	}{
		{"names", "root\n├─ first\n│  └─ leaf\n└─ second  ERROR boom\nother root  ERROR\n", Options{}},
		{"everything in a line", "root  internal  7s  b=x  n=1  !root\n├─ first  internal  3s  !first\n│  └─ leaf  client  1s  !leaf\n└─ second  internal  1s  !second  ERROR boom\nother root  internal  1s  ERROR\n", Options{
			Kinds: true, Attributes: []attribute.Key{"b", "absent", "n"}, Durations: time.Duration.String,
			Note: func(s sdktrace.ReadOnlySpan) string {
				if s.Name() == "other root" {
					return ""
				}
				return "!" + s.Name()
			},
		}},
		{"all attributes, sorted", "root\n    b: x\n    n: 1\n├─ first\n│  └─ leaf\n└─ second  ERROR boom\nother root  ERROR\n", Options{AllAttributes: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			spans := f.rec.Spans()
			assert.Equal(t, tt.want, Render(spans, tt.opts))
			slices.Reverse(spans)
			assert.Equal(t, tt.want, Render(spans, tt.opts), "the order of ends, which concurrency decides, must not show")
		})
	}
	assert.Empty(t, Render(nil, Options{}))
}

func TestOrphansAreRoots(t *testing.T) {
	f := newForest()
	remote := trace.ContextWithRemoteSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled, Remote: true,
	}))
	f.span(remote, "of a remote parent", nil)
	ctx, open := f.tracer.Start(t.Context(), "never ends")
	f.span(ctx, "of an open parent", func(ctx context.Context, _ trace.Span) { f.span(ctx, "child", nil) })
	assert.Equal(t, "of a remote parent\nof an open parent\n└─ child\n", Render(f.rec.Spans(), Options{}),
		"a span must not vanish with its parent")
	assert.Equal(t, 1, f.rec.Open())
	open.End()
	assert.Zero(t, f.rec.Open())
}

func TestEqualStartsKeepTheGivenOrder(t *testing.T) {
	f := newForest()
	for _, name := range []string{"a", "b", "c"} {
		_, s := f.tracer.Start(t.Context(), name, trace.WithTimestamp(f.now))
		s.End(trace.WithTimestamp(f.now))
	}
	assert.Equal(t, "a\nb\nc\n", Render(f.rec.Spans(), Options{}), "under fake time many spans start at one instant")
}

func TestAttribute(t *testing.T) {
	f := newForest()
	f.span(t.Context(), "s", func(_ context.Context, s trace.Span) { s.SetAttributes(attribute.Int("n", 1)) })
	v, ok := Attribute(f.rec.Spans()[0], "n")
	assert.True(t, ok)
	assert.Equal(t, int64(1), v.AsInt64())
	_, ok = Attribute(f.rec.Spans()[0], "m")
	assert.False(t, ok)
}
