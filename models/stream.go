// SPDX-License-Identifier: Apache-2.0

package models

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/tmc/langchaingo/llms"
	"go.opentelemetry.io/otel/attribute"

	"github.com/spanloom/spanloom/internal/semconv"
)

// stream watches a streaming function that the caller set. Anthropic's client
// calls it on another goroutine, and even after the call has returned. A nil
// *stream watches nothing: adding a streaming function of our own would change
// what goes over the wire.
type stream struct {
	start time.Time
	first atomic.Int64 // nanoseconds after start, 0 before the first chunk
}

func newStream(o *llms.CallOptions) *stream {
	if o.StreamingFunc == nil && o.StreamingReasoningFunc == nil {
		return nil
	}
	return &stream{start: time.Now()}
}

// observe appends an option that wraps the streaming functions set by then. It
// comes last and may be applied more than once, to different options.
func (s *stream) observe(options []llms.CallOption) []llms.CallOption {
	if s == nil {
		return options
	}
	return append(slices.Clip(options), func(o *llms.CallOptions) {
		if f := o.StreamingFunc; f != nil {
			o.StreamingFunc = func(ctx context.Context, chunk []byte) error {
				s.chunk(len(chunk))
				return f(ctx, chunk)
			}
		}
		if f := o.StreamingReasoningFunc; f != nil {
			o.StreamingReasoningFunc = func(ctx context.Context, reasoning, chunk []byte) error {
				s.chunk(len(reasoning) + len(chunk))
				return f(ctx, reasoning, chunk)
			}
		}
	})
}

// chunk notes the first chunk that has something in it: OpenAI's stream begins
// with an empty one that only says the role.
func (s *stream) chunk(size int) {
	if size > 0 && s.first.Load() == 0 {
		s.first.CompareAndSwap(0, max(1, int64(time.Since(s.start))))
	}
}

func (s *stream) append(kv []attribute.KeyValue) []attribute.KeyValue {
	if s == nil {
		return kv
	}
	if first := s.first.Load(); first > 0 {
		kv = append(kv, semconv.TimeToFirstChunk.Float64(time.Duration(first).Seconds()))
	}
	return kv
}
