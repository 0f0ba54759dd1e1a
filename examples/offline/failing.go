// SPDX-License-Identifier: Apache-2.0

package offline

import (
	"context"
	"math"
	"sync"

	"github.com/tmc/langchaingo/llms"
)

// Failing is a model that fails for a share of its prompts, and for as many once,
// with a rate limit, so that trying again helps. Which ones is a matter of their
// order alone, so that every run shows both. It is safe for concurrent use.
type Failing struct {
	llms.Model
	// Share is from 0 to 1. At 1 every prompt fails.
	Share float64

	mu      sync.Mutex
	prompts int
	limited map[string]bool // prompts that have had their rate limit
}

// GenerateContent fails, or asks the model.
func (f *Failing) GenerateContent(ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption) (*llms.ContentResponse, error) {
	if err := f.next(promptOf(messages)); err != nil {
		return nil, err
	}
	return f.Model.GenerateContent(ctx, messages, options...)
}

// Call is GenerateContent with one text.
func (f *Failing) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, f, prompt, options...)
}

func (f *Failing) next(prompt string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.limited[prompt] {
		delete(f.limited, prompt)
		return nil
	}
	f.prompts++
	switch {
	case f.hit(0.8):
		return llms.NewError(llms.ErrCodeInvalidRequest, Provider, "made to fail")
	case f.hit(0.3):
		if f.limited == nil {
			f.limited = map[string]bool{}
		}
		f.limited[prompt] = true
		return llms.NewError(llms.ErrCodeRateLimit, Provider, "made to fail once")
	}
	return nil
}

// hit is true for one prompt in 1/Share. The higher the start, the sooner the
// first: with a start of 0.8 and a share of 0.1 it is the second prompt.
func (f *Failing) hit(start float64) bool {
	n := float64(f.prompts)
	return math.Floor(start+n*f.Share+1e-9) > math.Floor(start+(n-1)*f.Share+1e-9)
}
