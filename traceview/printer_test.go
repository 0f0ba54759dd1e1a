// SPDX-License-Identifier: Apache-2.0

package traceview_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/spanloom/spanloom/traceview"
)

func printing(p *traceview.Printer) (trace.Tracer, *sdktrace.TracerProvider) {
	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p))
	return tp.Tracer("t"), tp
}

func TestPrinterWritesATraceOnce(t *testing.T) {
	var b bytes.Buffer
	p := traceview.NewPrinter(&b, traceview.WithoutTimes())
	tracer, tp := printing(p)
	ctx, root := tracer.Start(t.Context(), "root")
	_, late := tracer.Start(ctx, "late")
	_, early := tracer.Start(ctx, "early")
	early.End()
	root.End()
	require.NoError(t, tp.ForceFlush(t.Context()))
	assert.Empty(t, b.String(), "a span is open")
	late.End()
	require.NoError(t, tp.ForceFlush(t.Context()))
	assert.Equal(t, "root\n├─ late\n└─ early\n\n", b.String())
	require.NoError(t, tp.Shutdown(t.Context()))
	assert.Equal(t, "root\n├─ late\n└─ early\n\n", b.String())
}

func TestPrinterShutdownWritesWhatHasEnded(t *testing.T) {
	var b bytes.Buffer
	p := traceview.NewPrinter(&b, traceview.WithoutTimes())
	tracer, tp := printing(p)
	ctx, root := tracer.Start(t.Context(), "never ends in time")
	_, child := tracer.Start(ctx, "child")
	child.End()
	require.NoError(t, tp.Shutdown(t.Context()))
	root.End()
	assert.Equal(t, "child\n\n", b.String())
}

func TestPrinterIsBounded(t *testing.T) {
	var b bytes.Buffer
	p := traceview.NewPrinter(&b, traceview.WithoutTimes())
	tracer, tp := printing(p)
	ctx, root := tracer.Start(t.Context(), "root")
	for range 10_001 {
		_, s := tracer.Start(ctx, "child")
		s.End()
	}
	require.NoError(t, tp.ForceFlush(t.Context()))
	assert.Equal(t, 10_001, strings.Count(b.String(), "child"), "what has ended is written when it is too much to keep")
	root.End()
	require.NoError(t, tp.ForceFlush(t.Context()))
	assert.Contains(t, b.String(), "root")
}

// gate blocks its first Write until it is opened.
type gate struct {
	bytes.Buffer
	opened chan struct{}
}

func (g *gate) Write(p []byte) (int, error) {
	<-g.opened
	return g.Buffer.Write(p)
}

func TestPrinterNeverBlocks(t *testing.T) {
	w := &gate{opened: make(chan struct{})}
	p := traceview.NewPrinter(w, traceview.WithoutTimes())
	tracer, tp := printing(p)
	for range 100 {
		_, s := tracer.Start(t.Context(), "trace")
		s.End()
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, p.ForceFlush(cancelled), context.Canceled)
	close(w.opened)
	require.NoError(t, tp.ForceFlush(t.Context()))
	_, s := tracer.Start(t.Context(), "last")
	s.End()
	require.NoError(t, tp.ForceFlush(t.Context()))
	assert.Equal(t, 64, strings.Count(w.String(), "trace\n"))
	assert.Contains(t, w.String(), "36 traces not shown: the output is too slow\n\nlast\n")
}

func TestPrinterShutdownTellsWhatWasLeftOut(t *testing.T) {
	w := &gate{opened: make(chan struct{})}
	p := traceview.NewPrinter(w, traceview.WithoutTimes())
	tracer, _ := printing(p)
	for range 100 {
		_, s := tracer.Start(t.Context(), "trace")
		s.End()
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, p.Shutdown(cancelled), context.Canceled)
	close(w.opened)
	require.NoError(t, p.Shutdown(t.Context()))
	assert.Contains(t, w.String(), "36 traces not shown: the output is too slow\n")
}
