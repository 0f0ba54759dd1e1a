// SPDX-License-Identifier: Apache-2.0

package models

import (
	"context"
	"slices"

	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/callbacks"
)

// observeStream times the chunks on the span. OpenAI's stream begins with an
// empty one that only says the role.
func observeStream(span *callbacks.Span, resolved *llms.CallOptions, options []llms.CallOption) []llms.CallOption {
	if !streaming(resolved) {
		return options // before the function below costs an allocation
	}
	return onChunk(resolved, options, func(size int) {
		if size > 0 {
			span.Chunk()
		}
	})
}

// onChunk appends an option that watches the streaming functions the
// caller set, and returns options as they are where there are none: one of our
// own would change what goes over the wire. The option comes last, so that it
// sees what the others set, and may be applied more than once, to different
// options. Anthropic's client calls a streaming function on another goroutine,
// and even after the call has returned.
func onChunk(resolved *llms.CallOptions, options []llms.CallOption, note func(size int)) []llms.CallOption {
	if !streaming(resolved) {
		return options
	}
	return append(slices.Clip(options), func(o *llms.CallOptions) {
		if f := o.StreamingFunc; f != nil {
			o.StreamingFunc = func(ctx context.Context, chunk []byte) error {
				note(len(chunk))
				return f(ctx, chunk)
			}
		}
		if f := o.StreamingReasoningFunc; f != nil {
			o.StreamingReasoningFunc = func(ctx context.Context, reasoning, chunk []byte) error {
				note(len(reasoning) + len(chunk))
				return f(ctx, reasoning, chunk)
			}
		}
	})
}

func streaming(o *llms.CallOptions) bool {
	return o.StreamingFunc != nil || o.StreamingReasoningFunc != nil
}
