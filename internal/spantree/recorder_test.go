// SPDX-License-Identifier: Apache-2.0

package spantree

import (
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

func TestRecorderIsConcurrentSafe(t *testing.T) {
	const workers, each = 8, 50
	rec := &Recorder{}
	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(rec))
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range each {
				ctx, outer := tp.Tracer("t").Start(t.Context(), "outer "+strconv.Itoa(i))
				_, inner := tp.Tracer("t").Start(ctx, "inner")
				_ = rec.Open()
				inner.End()
				outer.End()
				_ = rec.Spans()
			}
		})
	}
	wg.Wait()
	assert.Len(t, rec.Spans(), 2*workers*each)
	assert.Zero(t, rec.Open())
	for _, root := range Build(rec.Spans()) {
		assert.Len(t, root.Children, 1)
	}
}

func TestRecorderHandsOutACopy(t *testing.T) {
	rec := &Recorder{}
	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(rec))
	_, s := tp.Tracer("t").Start(t.Context(), "s")
	_, open := tp.Tracer("t").Start(t.Context(), "open")
	s.End()
	spans := rec.Spans()
	rec.Reset()
	assert.Empty(t, rec.Spans())
	require.Len(t, spans, 1)
	assert.Equal(t, 1, rec.Open(), "a span that is open across Reset still has to end")
	require.NoError(t, tp.ForceFlush(t.Context()))
	open.End()
	require.NoError(t, tp.Shutdown(t.Context()))
	assert.Zero(t, rec.Open())
}
