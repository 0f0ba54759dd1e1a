// SPDX-License-Identifier: Apache-2.0

package models

import (
	"context"
	"slices"

	"github.com/tmc/langchaingo/llms"

	"github.com/spanloom/spanloom/callbacks"
)

// observeStream times the chunks on the span.
func observeStream(span *callbacks.Span, resolved *llms.CallOptions, options []llms.CallOption) []llms.CallOption {
	if !streaming(resolved) {
		return options // before the function below costs an allocation
	}
	return onChunk(options, func(size int) {
		if size > 0 {
			span.Chunk()
		}
	})
}

// onChunk appends an option that watches the streaming functions the caller set,
// and leaves calls without one as they are: one of our own would change what goes
// over the wire. The option comes last, so that it sees what the others set, and
// may be applied more than once, to different options. Anthropic's client calls a
// streaming function on another goroutine, and even after the call has returned.
//
// note gets the size of what is new in a chunk. It may be nothing: OpenAI's
// stream begins with an empty chunk that only says the role. Where both functions
// are set, OpenAI's client calls both for the same text, the first one first;
// Anthropic's calls the first for text, the second for reasoning.
func onChunk(options []llms.CallOption, note func(size int)) []llms.CallOption {
	return append(slices.Clip(options), func(o *llms.CallOptions) {
		text, reasoning := o.StreamingFunc, o.StreamingReasoningFunc
		if text != nil {
			o.StreamingFunc = func(ctx context.Context, chunk []byte) error {
				note(len(chunk))
				return text(ctx, chunk)
			}
		}
		if reasoning != nil {
			o.StreamingReasoningFunc = func(ctx context.Context, thought, chunk []byte) error {
				if text == nil {
					note(len(thought) + len(chunk))
				} else if len(chunk) == 0 {
					note(len(thought))
				}
				return reasoning(ctx, thought, chunk)
			}
		}
	})
}

func streaming(o *llms.CallOptions) bool {
	return o.StreamingFunc != nil || o.StreamingReasoningFunc != nil
}
