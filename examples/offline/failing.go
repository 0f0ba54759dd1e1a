// SPDX-License-Identifier: Apache-2.0

package offline

import (
	"context"
	"hash/fnv"
	"sync"

	"github.com/tmc/langchaingo/llms"
)

// Failing is a model that fails for a share of its prompts, always for the same
// ones: half of them for good, and half of them once, with a rate limit, so that
// trying again helps. It shows what errors look like before there are any. It is
// safe for concurrent use.
type Failing struct {
	llms.Model
	// Share is from 0 to 1.
	Share float64

	limited sync.Map // prompts that have had their rate limit
}

// GenerateContent fails, or asks the model.
func (f *Failing) GenerateContent(ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption) (*llms.ContentResponse, error) {
	h := fnv.New64a()
	for _, text := range textParts(messages) {
		_, _ = h.Write([]byte(text))
	}
	key := h.Sum64()
	if float64(key%1_000_000) >= f.Share*1_000_000 {
		return f.Model.GenerateContent(ctx, messages, options...)
	}
	if key>>32&1 == 0 {
		return nil, llms.NewError(llms.ErrCodeInvalidRequest, Provider, "made to fail")
	}
	if _, again := f.limited.LoadAndDelete(key); again {
		return f.Model.GenerateContent(ctx, messages, options...)
	}
	f.limited.Store(key, true)
	return nil, llms.NewError(llms.ErrCodeRateLimit, Provider, "made to fail once")
}

// Call is GenerateContent with one text.
func (f *Failing) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, f, prompt, options...)
}
